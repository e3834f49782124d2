import SweepFile
import SweepModel

/// What `--dry-run` shows: axes, counts, first and last points.
struct DryRun: Sendable {
  private let summary: Summary

  /// - Throws: where `where` has no value.
  init(_ sweep: LoadedSweep) throws(SweepProblems) {
    summary = Summary(sweep.reading, excluded: try sweep.grid.excludedUnits())
  }

  var text: String { summary.lines.joined(separator: "\n") + "\n" }

  var json: JSONValue {
    let axes: [JSONValue] = summary.axes.map { axis in
      [
        "names": .array(axis.names.map { .string($0) }), "count": .integer(axis.count),
        "first": .array(axis.first.map { JSONValue($0) }),
        "last": .array(axis.last.map { JSONValue($0) }),
      ]
    }
    let levels: [JSONValue] = summary.levels.map {
      ["name": .string($0.name), "count": .integer($0.count)]
    }
    return [
      "schema": 1, "dry_run": true, "name": .string(summary.name),
      "solver": .string(summary.solver), "axes": .array(axes), "levels": .array(levels),
      "grid_units": .integer(summary.unitCount), "units": .integer(summary.admittedCount),
      "row_bytes": .integer(Int64(summary.rowByteCount)),
      "first_points": .array(summary.firstPoints.map(point)),
      "last_points": .array(summary.lastPoints.map(point)),
    ]
  }

  private func point(_ point: Summary.PointSummary) -> JSONValue {
    var json: JSONValue = ["unit": .integer(point.unit)]
    for (name, value) in zip(summary.columns, point.values) { json.append(name, JSONValue(value)) }
    return json
  }
}
