/// One segment, checked against its solver and compiled: everything that evaluating a point needs.
/// Immutable and shared by all points.
final class GridPlan: Sendable {
  /// One axis or replicate level.
  struct Dimension: Sendable {
    var count: UInt64
    /// Its members' places in `members`.
    var members: Range<Int>
  }

  /// One slot that a dimension's index sets.
  struct Member: Sendable {
    enum Source: Sendable {
      /// Bits from `table`, from this place on.
      case table(Int)
      case integers(first: Int64, step: Int64)
      case reals(first: Int64, step: Int64)
    }
    var slot: Int
    var source: Source
  }

  /// A solver parameter that is derived, and so has to be checked at every point.
  struct Check: Sendable {
    enum Kind: Sendable {
      case real(ParameterRange)
      case integer(ParameterRange)
      /// Numbers of the texts that are choices.
      case choice([UInt64])
    }
    var parameter: Int
    var kind: Kind
  }

  /// A derived name that differs from point to point: what it holds where its expression has no value.
  struct Absence: Sendable {
    var slot: Int
    var bits: UInt64
  }

  let units: UnitRun
  /// Units of one point: the product of the replicate levels.
  let unitsPerPoint: Int64
  /// Fastest first: the levels from the innermost outward, then the axes from the last.
  let dimensions: [Dimension]
  let members: [Member]
  let table: [UInt64]
  /// What the slots hold before a point is placed.
  let template: [UInt64]
  let derivation: [Instruction]
  /// The place in `derivedNames` that each instruction works for.
  let derivationOrigins: [Int]
  let derivedNames: [String]
  let checks: [Check]
  let absences: [Absence]
  let condition: [Instruction]
  /// Where the condition's value lies; nil if every unit is admitted.
  let conditionSlot: Int?
  let texts: [String]
  let layout: SlotLayout
  let identity: IdentityPlan

  init(_ draft: GridPlanDraft, base: UnitIndex, unitCount: Int64, unitsPerPoint: Int64) {
    units = UnitRun(first: base, count: unitCount)
    self.unitsPerPoint = unitsPerPoint
    dimensions = draft.dimensions
    members = draft.members
    table = draft.table
    template = draft.program.slots
    derivation = draft.derivation
    derivationOrigins = draft.derivationOrigins
    derivedNames = draft.derivedNames
    checks = draft.checks
    absences = draft.absences
    condition = draft.condition
    conditionSlot = draft.conditionSlot
    texts = draft.program.texts.texts
    layout = draft.layout
    identity = IdentityPlan(draft)
  }

  /// Sets the slots of the place-th unit of the segment.
  @inline(__always)
  func setSlots(_ slots: UnsafeMutableBufferPointer<UInt64>, place: UInt64) {
    var rest = place
    for dimension in dimensions {
      let (quotient, index) = rest.quotientAndRemainder(dividingBy: dimension.count)
      rest = quotient
      for number in dimension.members {
        let member = members[number]
        switch member.source {
        case .table(let start): slots[member.slot] = table[start + Int(index)]
        case .integers(let first, let step):
          slots[member.slot] = UInt64(bitPattern: first + step * Int64(index))
        case .reals(let first, let step):
          slots[member.slot] = Double(first + step * Int64(index)).bitPattern
        }
      }
    }
  }

  /// Computes the derived names. - Returns: what is wrong with the point.
  @inline(__always)
  func derive(_ slots: UnsafeMutableBufferPointer<UInt64>) -> PointProblem? {
    if derivation.isEmpty && checks.isEmpty { return nil }
    if let failed = derivation.withUnsafeBufferPointer({ Program.run($0, slots) }) {
      for absence in absences { slots[absence.slot] = absence.bits }
      return .noValue(
        derived: derivationOrigins[failed],
        isFraction: derivation[failed].operation == .toExactInteger)
    }
    for check in checks {
      let bits = slots[check.parameter]
      let isGood =
        switch check.kind {
        case .real(let range): range.contains(Double(bitPattern: bits))
        case .integer(let range): range.contains(Double(Int64(bitPattern: bits)))
        case .choice(let numbers): numbers.contains(bits)
        }
      if !isGood { return .outOfRange(parameter: check.parameter) }
    }
    return nil
  }
}

/// Which slot holds what: the solver's parameters in its order, then the auxiliary names in column order,
/// then the replicate levels; the same in every segment of a run.
struct SlotLayout: Sendable {
  let solver: SolverInterface
  let auxiliaryNames: [String]
  let levelNames: [String]
  /// Names, in column order.
  let recordedNames: [String]
  /// The choices of each solver parameter, empty where it has none.
  let choices: [[String]]
  /// Slots of auxiliary names that are text; the other auxiliary names are reals.
  let textSlots: [Int]

  init(solver: SolverInterface, sweep: Sweep) {
    self.solver = solver
    let known = solver.parameters.map(\.name)
    recordedNames = sweep.columnNames
    let auxiliary = recordedNames.filter { !known.contains($0) }
    auxiliaryNames = auxiliary
    levelNames = sweep.levels.map(\.name)
    let texts = sweep.namesOfTexts
    textSlots = auxiliary.indices.filter { texts.contains(auxiliary[$0]) }
      .map { known.count + $0 }
    choices = solver.parameters.map {
      if case .choice(let choices) = $0.kind { choices } else { [] }
    }
  }

  var parameterCount: Int { solver.parameters.count }
  var firstLevel: Int { parameterCount + auxiliaryNames.count }
  var namedCount: Int { firstLevel + levelNames.count }

  func slot(of name: String) -> Int? {
    if let place = solver.parameters.firstIndex(where: { $0.name == name }) { return place }
    if let place = auxiliaryNames.firstIndex(of: name) { return parameterCount + place }
    return nil
  }
}

extension Sweep {
  /// Names whose values, as given, are texts.
  fileprivate var namesOfTexts: [String] {
    var names: [String] = []
    for member in axes.flatMap(\.members) {
      if case .texts = member.values { names.append(member.name) }
    }
    for scalar in scalars {
      switch scalar.value {
      case .text, .boolean: names.append(scalar.name)
      case .integer, .real: break
      }
    }
    return names
  }
}
