/// A segment on its way to a `GridPlan`: checks a sweep against its solver, gathers everything that is
/// wrong, and compiles what is right.
struct GridPlanDraft {
  let sweep: Sweep
  let solver: SolverInterface
  let layout: SlotLayout
  var problems: [SweepProblem] = []

  var program: ProgramBuilder
  var dimensions: [GridPlan.Dimension] = []
  var members: [GridPlan.Member] = []
  var table: [UInt64] = []
  var derivation: [Instruction] = []
  var derivationOrigins: [Int] = []
  var derivedNames: [String] = []
  var checks: [GridPlan.Check] = []
  var absences: [GridPlan.Absence] = []
  var condition: [Instruction] = []
  var conditionSlot: Int?

  /// - Parameter levels: first and last index of each replicate level.
  init(sweep: Sweep, levels: [ClosedRange<Int64>], solver: SolverInterface) {
    self.sweep = sweep
    self.solver = solver
    layout = SlotLayout(solver: solver, sweep: sweep)
    program = ProgramBuilder(
      slots: [UInt64](repeating: 0, count: layout.namedCount),
      isConstant: [Bool](repeating: true, count: layout.namedCount), texts: TextPool())
    // Names that stand twice would share a slot.
    guard checkNames() else { return }
    setDefaults()
    for scalar in sweep.scalars { setScalar(scalar) }
    for (place, level) in zip(levels.indices, levels).reversed() {
      addLevel(place, level)
    }
    for axis in sweep.axes.reversed() { addAxis(axis) }
    deriveAll()
    compileCondition()
    checkUses()
    checkCommonRandomNumbers()
  }

  mutating func report(_ subject: SweepProblem.Subject, _ message: String) {
    problems.append(SweepProblem(subject, message))
  }

  func parameter(named name: String) -> Parameter? {
    solver.parameters.first { $0.name == name }
  }

  /// What a name in an expression means.
  func operand(named name: String) -> ProgramBuilder.Operand? {
    guard let slot = layout.slot(of: name) else { return nil }
    return ProgramBuilder.Operand(slot: slot, type: type(ofSlot: slot))
  }

  private func type(ofSlot slot: Int) -> ExpressionType {
    guard slot < layout.parameterCount else {
      return layout.textSlots.contains(slot) ? .text : .real
    }
    switch solver.parameters[slot].kind {
    case .real: return .real
    case .integer: return .integer
    case .choice: return .text
    }
  }

  func unknown(_ name: String) -> String {
    let known = solver.parameters.map(\.name) + layout.auxiliaryNames + ["pi"]
    return "unknown name '\(name)'\(Suggestion.hint(for: name, among: known))"
  }

  // MARK: Values

  private mutating func setDefaults() {
    for (slot, parameter) in solver.parameters.enumerated() {
      program.slots[slot] = bits(of: parameter.defaultValue, for: parameter) ?? 0
    }
    // The numbers of all choices come first and are the same in every segment.
    for choice in layout.choices.flatMap({ $0 }) { _ = program.texts.number(of: choice) }
  }

  /// The bits of a value of a solver's parameter; nil if it has another type.
  private mutating func bits(of value: Value, for parameter: Parameter) -> UInt64? {
    switch (parameter.kind, value) {
    case (.real, .real(let value)): value.bitPattern
    case (.real, .integer(let value)): Double(value).bitPattern
    case (.integer, .integer(let value)): UInt64(bitPattern: value)
    case (.choice, .text(let value)): program.texts.number(of: value)
    case (.choice, .boolean(let value)): program.texts.number(of: value ? "true" : "false")
    default: nil
    }
  }

  private mutating func setScalar(_ scalar: Scalar) {
    guard let slot = layout.slot(of: scalar.name) else { return }
    if let parameter = parameter(named: scalar.name) {
      if let reason = parameter.reasonAgainst(scalar.value) {
        report(.value(parameter: scalar.name, place: 0), reason)
      } else if let bits = bits(of: scalar.value, for: parameter) {
        program.slots[slot] = bits
      }
      return
    }
    switch scalar.value {
    case .real(let value): program.slots[slot] = value.bitPattern
    case .integer(let value): program.slots[slot] = Double(value).bitPattern
    case .text(let value): program.slots[slot] = program.texts.number(of: value)
    case .boolean(let value):
      program.slots[slot] = program.texts.number(of: value ? "true" : "false")
    }
  }

  // MARK: Dimensions

  private mutating func addLevel(_ place: Int, _ range: ClosedRange<Int64>) {
    let slot = layout.firstLevel + place
    program.isConstant[slot] = false
    members.append(
      GridPlan.Member(slot: slot, source: .integers(first: range.lowerBound, step: 1)))
    dimensions.append(
      GridPlan.Dimension(
        count: UInt64(range.upperBound - range.lowerBound + 1),
        members: (members.count - 1)..<members.count))
  }

  private mutating func addAxis(_ axis: Axis) {
    let first = members.count
    for member in axis.members { addMember(member, of: axis) }
    dimensions.append(
      GridPlan.Dimension(count: UInt64(max(0, axis.count)), members: first..<members.count))
    if axis.count == 0 {
      report(.parameter(axis.members.first?.name ?? ""), "an axis needs at least one value")
    } else {
      checkRepeats(axis)
    }
  }

  private mutating func addMember(_ member: Axis.Member, of axis: Axis) {
    guard let slot = layout.slot(of: member.name) else { return }
    program.isConstant[slot] = false
    let parameter = parameter(named: member.name)
    if let parameter {
      if parameter.isFixed {
        report(.parameter(member.name), "it sets the shape of a column and must have one value")
      } else if !parameter.isIdentity {
        report(.parameter(member.name), "it is a budget and must have one value")
      }
      if let (place, reason) = member.values.firstMistake(for: parameter) {
        report(.value(parameter: member.name, place: place), reason)
        return
      }
    } else if case .reals(let values) = member.values,
      let place = values.firstIndex(where: { !$0.isFinite })
    {
      report(.value(parameter: member.name, place: Int64(place)), "is not a finite number")
      return
    }
    members.append(GridPlan.Member(slot: slot, source: source(member.values, for: parameter)))
  }

  private mutating func source(_ values: AxisValues, for parameter: Parameter?)
    -> GridPlan.Member.Source
  {
    var isInteger = false
    if let parameter, case .integer = parameter.kind { isInteger = true }
    let start = table.count
    switch values {
    case .progression(let first, let step, _):
      return isInteger
        ? .integers(first: first, step: step) : .reals(first: first, step: step)
    case .reals(let values): table.append(contentsOf: values.lazy.map(\.bitPattern))
    case .integers(let values):
      table.append(
        contentsOf: values.lazy.map {
          isInteger ? UInt64(bitPattern: $0) : Double($0).bitPattern
        })
    case .texts(let values): for text in values { table.append(program.texts.number(of: text)) }
    }
    return .table(start)
  }

  // MARK: Expressions

  private mutating func deriveAll() {
    for item in orderedDerived() {
      do {
        try derive(item)
      } catch {
        report(.derived(item.name, position: error.position), error.message)
        // So that those who use it are not reported too: any value will do.
        if let slot = layout.slot(of: item.name) { program.isConstant[slot] = false }
      }
    }
  }

  private mutating func derive(_ item: Derived) throws(ExpressionMistake) {
    guard let slot = layout.slot(of: item.name) else { return }
    let known = self
    let place = item.expression.position
    let found = try program.compile(
      item.expression, scope: { known.operand(named: $0) }, unknown: { known.unknown($0) })
    let wanted = type(ofSlot: slot)
    var operand = found
    switch (wanted, found.type) {
    case (.real, .integer), (.real, .real):
      operand.slot = try program.real(found, at: place)
    case (.integer, .integer), (.integer, .real):
      operand.slot = try program.exactInteger(found, at: place)
    case (.text, .text): break
    default:
      throw ExpressionMistake(
        position: place,
        message: found.type == .boolean
          ? "a condition is no value; put it under where"
          : "expected a \(wanted.rawValue), not a \(found.type.rawValue)")
    }
    program.assign(operand, toNamed: slot)
    finishDerived(item, slot: slot, type: wanted)
  }

  private mutating func finishDerived(_ item: Derived, slot: Int, type: ExpressionType) {
    let steps = program.takeInstructions().instructions
    derivation.append(contentsOf: steps)
    derivationOrigins.append(contentsOf: steps.map { _ in derivedNames.count })
    derivedNames.append(item.name)
    let isConstant = program.isConstant[slot]
    if !isConstant {
      absences.append(GridPlan.Absence(slot: slot, bits: type.absentBits))
    }
    guard let parameter = parameter(named: item.name) else { return }
    let place = item.expression.position
    if !isConstant && (parameter.isFixed || !parameter.isIdentity) {
      report(
        .derived(item.name, position: place),
        parameter.isFixed
          ? "it sets the shape of a column and must be the same everywhere"
          : "it is a budget and must be the same everywhere")
    }
    if isConstant {
      let value = constantValue(of: slot, type: type)
      if let reason = parameter.reasonAgainst(value) {
        report(.derived(item.name, position: place), reason)
      }
      return
    }
    let kind: GridPlan.Check.Kind =
      switch parameter.kind {
      case .real: .real(parameter.range)
      case .integer: .integer(parameter.range)
      case .choice(let choices): .choice(choices.map { program.texts.number(of: $0) })
      }
    checks.append(GridPlan.Check(parameter: slot, kind: kind))
  }

  /// The value of a named slot that is the same at every point.
  func constantValue(of slot: Int, type: ExpressionType) -> Value {
    let bits = program.slots[slot]
    switch type {
    case .real: return .real(Double(bitPattern: bits))
    case .integer: return .integer(Int64(bitPattern: bits))
    case .boolean: return .boolean(bits != 0)
    case .text:
      let texts = program.texts.texts
      return .text(bits < UInt64(texts.count) ? texts[Int(bits)] : "")
    }
  }

  private mutating func compileCondition() {
    guard let expression = sweep.condition else { return }
    let known = self
    do {
      let operand = try program.compile(
        expression, scope: { known.operand(named: $0) }, unknown: { known.unknown($0) })
      guard operand.type == .boolean else {
        report(
          .condition(position: expression.position),
          "expected a condition such as a < b, not a \(operand.type.rawValue)")
        return
      }
      condition = program.takeInstructions().instructions
      conditionSlot = operand.slot
    } catch {
      report(.condition(position: error.position), error.message)
    }
  }
}

extension ExpressionType {
  /// What a column of this type holds where there is no value.
  fileprivate var absentBits: UInt64 {
    switch self {
    case .real: Double.nan.bitPattern
    case .integer: UInt64(bitPattern: Column.absentInteger)
    case .boolean: 0
    case .text: .max
    }
  }
}

extension Parameter {
  /// Why it does not take a value, type and range; nil if it does.
  func reasonAgainst(_ value: Value) -> String? {
    switch (kind, value) {
    case (.real, .real(let number)): range.contains(number) ? nil : refusal(of: value)
    case (.integer, .integer(let number)):
      range.contains(Double(number)) ? nil : refusal(of: value)
    case (.choice(let choices), .text(let text)):
      choices.contains(text) ? nil : refusal(of: value)
    case (.integer, .real(let number)):
      "expected an integer, not \(number); use a whole number or round(...) under derive"
    case (.real, _): "expected a number, not '\(value)'"
    case (.integer, _): "expected an integer, not '\(value)'"
    case (.choice(let choices), _): "expected one of \(choices.joined(separator: ", "))"
    }
  }
}

extension AxisValues {
  /// The first value that a parameter does not take, and why.
  func firstMistake(for parameter: Parameter) -> (place: Int64, reason: String)? {
    if case .progression(let first, let step, let count) = self {
      // A range holds all of a progression if it holds both ends.
      for place in [0, count - 1] {
        let number = first + step * place
        var value = Value.integer(number)
        if case .real = parameter.kind { value = .real(Double(number)) }
        if let reason = parameter.reasonAgainst(value) { return (place, reason) }
      }
      return nil
    }
    if case .reals(let values) = self, case .real = parameter.kind {
      let range = parameter.range
      guard let place = values.firstIndex(where: { !range.contains($0) }) else { return nil }
      return (Int64(place), parameter.refusal(of: .real(values[place])))
    }
    for place in 0..<count {
      if let reason = parameter.reasonAgainst(self[place]) { return (place, reason) }
    }
    return nil
  }
}
