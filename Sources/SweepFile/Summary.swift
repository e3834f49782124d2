import SweepModel

/// What a sweep comes to, for `--dry-run`: axes, counts, the first and the last points.
public struct Summary: Sendable {
  public struct AxisSummary: Hashable, Sendable {
    /// The parameters that move together.
    public var names: [String]
    public var count: Int64
    /// Of each name.
    public var first: [Value]
    public var last: [Value]
  }

  public struct PointSummary: Hashable, Sendable {
    public var unit: UnitIndex
    public var values: [Value]
    /// Why the solver will not take it.
    public var refusal: String?
  }

  public var name: String
  public var solver: String
  public var axes: [AxisSummary]
  public var scalars: [Scalar]
  public var derived: [String]
  public var levels: [ReplicateLevel]
  /// Parameters' names in column order: what `values` of a point are of.
  public var columns: [String]
  /// Units before `where`, and those that it leaves out.
  public var unitCount: Int64
  public var excludedCount: Int64
  public var rowByteCount: Int
  /// Points that `where` admits, at the start and at the end of the grid.
  public var firstPoints: [PointSummary]
  public var lastPoints: [PointSummary]
  /// Two points that are one to the solver; looked for up to `Grid.collisionLimit` points.
  public var collision: [PointSummary]

  /// - Parameter excluded: what `grid.excludedUnits()` gave.
  public init(_ reading: SweepFile.Reading, excluded: UnitSet, pointCount: Int = 3) {
    let sweep = reading.sweep
    let grid = reading.grid
    name = sweep.name
    solver = sweep.solver
    axes = sweep.axes.map { axis in
      AxisSummary(
        names: axis.members.map(\.name), count: axis.count,
        first: axis.members.map { $0.values[0] },
        last: axis.members.map { $0.values[axis.count - 1] })
    }
    scalars = sweep.scalars
    derived = sweep.derived.map(\.name)
    levels = sweep.levels
    columns = sweep.columnNames
    unitCount = grid.unitCount
    excludedCount = excluded.count
    rowByteCount = grid.layout.byteCount
    let perPoint = sweep.levels.reduce(Int64(1)) { $0 * $1.count }
    firstPoints = Self.points(grid, excluded, count: pointCount, perPoint: perPoint, atEnd: false)
    lastPoints = Self.points(grid, excluded, count: pointCount, perPoint: perPoint, atEnd: true)
    var point = grid.makePoint()
    collision =
      grid.firstCollision().map { [$0.first, $0.second] }?.map { unit in
        Self.summary(grid, unit, &point)
      } ?? []
  }

  /// Units that will be computed.
  public var admittedCount: Int64 { unitCount - excludedCount }

  private static func points(
    _ grid: Grid, _ excluded: UnitSet, count: Int, perPoint: Int64, atEnd: Bool
  ) -> [PointSummary] {
    var point = grid.makePoint()
    var found: [PointSummary] = []
    let points = grid.unitCount / perPoint
    var place: Int64 = 0
    while place < points && found.count < count {
      let unit = (atEnd ? points - 1 - place : place) * perPoint
      place += 1
      if excluded.contains(unit) { continue }
      found.append(summary(grid, unit, &point))
    }
    return atEnd ? found.reversed() : found
  }

  private static func summary(_ grid: Grid, _ unit: UnitIndex, _ point: inout Point) -> PointSummary
  {
    grid.evaluate(unit, into: &point)
    return PointSummary(
      unit: unit, values: point.recorded.map(\.value),
      refusal: point.refusal.map { "\($0.parameter): \($0.reason)" })
  }

  /// The summary as lines for a terminal.
  public var lines: [String] {
    var lines = ["\(name): solver \(solver)"]
    let width = axes.map { $0.names.joined(separator: ", ").count }.max() ?? 0
    for axis in axes {
      let names = axis.names.joined(separator: ", ")
      let padding = String(repeating: " ", count: width - names.count)
      let first = axis.first.map(\.description).joined(separator: ", ")
      let last = axis.last.map(\.description).joined(separator: ", ")
      lines.append(
        "  axis \(names)\(padding)  \(axis.count) \(axis.count == 1 ? "value" : "values")  "
          + (axis.count == 1 ? first : "\(first) ... \(last)"))
    }
    for scalar in scalars { lines.append("  \(scalar.name) = \(scalar.value)") }
    if !derived.isEmpty { lines.append("  derived: \(derived.joined(separator: ", "))") }
    for level in levels {
      lines.append("  level \(level.name)  \(level.count)")
    }
    lines.append("  \(unitCount) units in the full grid")
    if excludedCount > 0 {
      lines.append("  \(excludedCount) left out by where, \(admittedCount) to compute")
    }
    lines.append("  \(rowByteCount) bytes a row")
    if collision.count == 2 {
      let told = collision.map { point in
        zip(columns, point.values).map { "\($0)=\($1)" }.joined(separator: ", ")
      }
      lines.append("  the same point twice: unit \(collision[0].unit) (\(told[0]))")
      lines.append("    and unit \(collision[1].unit) (\(told[1]))")
    }
    let table = pointTable
    if !table.isEmpty { lines += [""] + table }
    return lines
  }

  private var pointTable: [String] {
    let overlaps = Set(firstPoints.map(\.unit))
    let rest = lastPoints.filter { !overlaps.contains($0.unit) }
    let all = firstPoints + rest
    guard !all.isEmpty else { return [] }
    let head = ["unit"] + columns
    let rows = all.map { [String($0.unit)] + $0.values.map(\.description) }
    let widths = head.indices.map { column in
      rows.reduce(head[column].count) { max($0, $1[column].count) }
    }
    func line(_ cells: [String]) -> String {
      zip(cells, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }
        .joined(separator: "  ")
    }
    var lines = [line(head)]
    for (place, row) in rows.enumerated() {
      if place == firstPoints.count, admittedCount > Int64(all.count) { lines.append("...") }
      lines.append(line(row) + (all[place].refusal.map { "  refused: \($0)" } ?? ""))
    }
    return lines
  }
}
