/// The units of a run, computed from their numbers: nothing is expanded, whatever the size. Made from the
/// segments and the solver's interface alone, by coordinator, worker and solver child alike.
public struct Grid: Sendable {
  public let solver: SolverInterface
  public let segments: [Segment]
  /// Units `0 ..< unitCount`, before `where`.
  public let unitCount: Int64
  public let layout: RowLayout
  /// Writes rows of this grid.
  public let rows: RowWriter
  let plans: [GridPlan]

  /// Grids with `where`, at most.
  public static let conditionLimit: Int64 = 100_000_000
  /// The largest row, in bytes.
  public static let rowLimit = 4 << 20

  /// Checks the segments against the solver and compiles them.
  public init(segments: [Segment], solver: SolverInterface) throws(SweepProblems) {
    guard let first = segments.first else {
      throw SweepProblems([SweepProblem(.sweep, "a run needs at least one segment")])
    }
    var plans: [GridPlan] = []
    var end: Int64 = 0
    for segment in segments {
      let plan = try Self.plan(segment, first: first, base: end, solver: solver)
      end = plan.units.end
      plans.append(plan)
    }
    self.solver = solver
    self.segments = segments
    self.plans = plans
    unitCount = end
    layout = try Self.rowLayout(first.sweep, plan: plans[0], solver: solver)
    rows = RowWriter(layout: layout, slots: plans[0].layout)
  }

  /// A grid of one segment.
  public init(sweep: Sweep, solver: SolverInterface) throws(SweepProblems) {
    try self.init(segments: [Segment(sweep: sweep)], solver: solver)
  }

  private static func plan(
    _ segment: Segment, first: Segment, base: UnitIndex, solver: SolverInterface
  ) throws(SweepProblems) -> GridPlan {
    let sweep = segment.sweep
    let levelsFit =
      segment.levels.count == sweep.levels.count
      && segment.levels.allSatisfy { $0.lowerBound >= 0 && $0.upperBound < 1 << 62 }
    guard segment.base == base, levelsFit else {
      throw SweepProblems([SweepProblem(.sweep, "the segments do not follow one another")])
    }
    guard sweep.columnNames == first.sweep.columnNames,
      sweep.levels.map(\.name) == first.sweep.levels.map(\.name)
    else {
      throw SweepProblems([
        SweepProblem(.sweep, "the columns differ from the run's first segment; use another run")
      ])
    }
    let draft = GridPlanDraft(sweep: sweep, levels: segment.levels, solver: solver)
    guard draft.problems.isEmpty else { throw SweepProblems(draft.problems) }
    guard let count = segment.unitCount, count < (1 << 62) - base else {
      throw SweepProblems([SweepProblem(.sweep, "the grid has 2^62 units or more")])
    }
    if sweep.condition != nil && base + count > conditionLimit {
      throw SweepProblems([
        SweepProblem(
          .condition(position: 0),
          "a grid with where has at most 10^8 units, this one \(base + count); list its points "
            + "under points: instead")
      ])
    }
    let perPoint = segment.levels.reduce(Int64(1)) { $0 * ($1.upperBound - $1.lowerBound + 1) }
    return GridPlan(draft, base: base, unitCount: count, unitsPerPoint: perPoint)
  }

  private static func rowLayout(_ sweep: Sweep, plan: GridPlan, solver: SolverInterface)
    throws(SweepProblems) -> RowLayout
  {
    var fixed: [String: Value] = [:]
    let point = Point(plan)
    for (slot, parameter) in solver.parameters.enumerated() where parameter.isFixed {
      fixed[parameter.name] = point.value(slot)
    }
    let outputs: [Column]
    do {
      outputs = try solver.columns(fixed)
    } catch {
      throw SweepProblems([SweepProblem(.parameter(error.parameter), error.reason)])
    }
    let names = plan.layout.recordedNames + plan.layout.levelNames
    for column in outputs where names.contains(column.name) {
      throw SweepProblems([
        SweepProblem(
          .parameter(column.name), "\(solver.name) has a column of that name; choose another")
      ])
    }
    let layout = RowLayout(
      parameters: sweep.parameterColumns(solver: solver, plan: plan),
      levels: plan.layout.levelNames, outputs: outputs)
    guard layout.byteCount <= rowLimit else {
      throw SweepProblems([
        SweepProblem(
          .sweep, "a row would have \(layout.byteCount) bytes; the limit is \(rowLimit)")
      ])
    }
    return layout
  }

  /// The place in `plans` of the segment that a unit belongs to.
  @inline(__always)
  func planIndex(of unit: UnitIndex) -> Int {
    precondition(unit >= 0 && unit < unitCount, "no such unit")
    var index = 0
    while unit >= plans[index].units.end { index += 1 }
    return index
  }

  /// A buffer for points of this grid, holding unit 0.
  public func makePoint() -> Point {
    var point = Point(plans[0])
    if unitCount > 0 { evaluate(0, into: &point) }
    return point
  }

  /// Fills in the point of a unit, in constant time and without allocating (but where the unit lies in
  /// another segment than the point's last).
  public func evaluate(_ unit: UnitIndex, into point: inout Point) {
    let plan = plans[planIndex(of: unit)]
    if point.plan !== plan {
      point.plan = plan
      point.slots = plan.template
    }
    point.unit = unit
    point.problem = point.slots.withUnsafeMutableBufferPointer { slots in
      plan.setSlots(slots, place: UInt64(unit - plan.units.first))
      return plan.derive(slots)
    }
  }
}

extension Sweep {
  /// The columns of the parameters: declared types for the solver's, f8 for every other number.
  fileprivate func parameterColumns(solver: SolverInterface, plan: GridPlan) -> [Column] {
    let texts = plan.layout.textSlots
    return plan.layout.recordedNames.map { name in
      if let parameter = solver.parameters.first(where: { $0.name == name }) {
        switch parameter.kind {
        case .real: return Column(name, .float64, parameter.meaning)
        case .integer: return Column(name, .int64, parameter.meaning)
        case .choice(let choices):
          return Column(name, .text(length: Self.textLength(choices)), parameter.meaning)
        }
      }
      guard let slot = plan.layout.slot(of: name), texts.contains(slot) else {
        return Column(name, .float64, "auxiliary")
      }
      return Column(name, .text(length: Self.textLength(textValues(of: name))), "auxiliary")
    }
  }

  private static func textLength(_ texts: [String]) -> Int {
    texts.reduce(1) { max($0, $1.unicodeScalars.count) }
  }

  private func textValues(of name: String) -> [String] {
    for member in axes.flatMap(\.members) where member.name == name {
      if case .texts(let texts) = member.values { return texts }
    }
    return scalars.filter { $0.name == name }.map { "\($0.value)" }
  }
}
