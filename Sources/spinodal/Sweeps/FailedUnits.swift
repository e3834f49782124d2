import RunFolder
import Shards
import SweepModel

/// Units of a run whose last word is a failure: the first few, with their reasons.
package struct FailedUnit: Hashable, Sendable {
  package var unit: UnitIndex
  /// `beta=0.5, replicate=3`
  package var parameters: String
  package var status: RowStatus?
  package var reason: String

  package init(unit: UnitIndex, parameters: String, status: RowStatus?, reason: String) {
    self.unit = unit
    self.parameters = parameters
    self.status = status
    self.reason = reason
  }

  package var sentence: String {
    let name = parameters.isEmpty ? "unit \(unit)" : "unit \(unit) (\(parameters))"
    let verb = status?.isQuarantined == true ? "was set aside" : "failed"
    return "\(name) \(verb)" + (reason.isEmpty ? "" : ": \(reason)")
  }

  var json: JSONValue {
    [
      "unit": .integer(unit), "parameters": .string(parameters),
      "status": status.map { .integer(Int64($0.rawValue)) } ?? nil, "reason": .string(reason),
    ]
  }
}

extension RunFolder {
  /// The first failed units of the run, in their order, by shards and failures/.
  func failedUnits(of grid: Grid, limit: Int) -> [FailedUnit] {
    guard let found = try? recover(layout: grid.layout, unitCount: grid.unitCount) else {
      return []
    }
    let (ended, final) = (found.recovery.ended, found.recovery.final)
    var units: [UnitIndex] = []
    var next: UnitIndex = 0
    while units.count < limit, next < grid.unitCount,
      let run = ended.firstPresent(in: UnitRun(first: next, count: grid.unitCount - next))
    {
      next = run.end
      var rest: UnitRun? = run
      while let part = rest, units.count < limit, let open = final.firstAbsent(in: part) {
        for unit in open.first..<min(open.end, open.first + Int64(limit)) where units.count < limit
        {
          units.append(unit)
        }
        rest = open.end < run.end ? UnitRun(first: open.end, count: run.end - open.end) : nil
      }
    }
    let records = failures(of: Set(units))
    return units.map { unit in
      var failed = FailedUnit(
        unit: unit, parameters: grid.describe(unit), status: nil, reason: "")
      // The last word counts; a death before it may say more than the verdict.
      for record in records where record.unit == unit {
        if case .verdict(let status) = record.event {
          failed.status = status
          failed.reason = record.cause
        }
        if failed.reason.isEmpty { failed.reason = record.cause }
      }
      return failed
    }
  }
}
