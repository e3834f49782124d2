import Scheduling
import SweepModel

/// No unit is blamed for a death that was not its own, and none is set aside before its time
/// (promise 6).
struct BlameChecker: Sendable {
  private var countedLines: [UnitIndex: Int] = [:]

  mutating func check(_ death: DeathRecord, units: UnitFacts) -> String? {
    guard death.counted else { return nil }
    let count = countedLines[death.unit, default: 0] + 1
    countedLines[death.unit] = count
    let own = units.ownEnds[Int(death.unit)]
    guard count > own else { return nil }
    return "unit \(death.unit) is blamed for \(count) deaths and ended its process \(own) times"
  }

  func check(_ verdict: Verdict, units: UnitFacts, policy: Policy) -> String? {
    Self.objection(to: verdict.status, of: verdict.unit, units: units, policy: policy)
  }

  /// Why a unit must not have this status, if it must not.
  static func objection(
    to status: RowStatus, of unit: UnitIndex, units: UnitFacts, policy: Policy
  ) -> String? {
    let own = units.ownEnds[Int(unit)]
    let outside = units.outsideEnds[Int(unit)]
    switch status {
    case .died, .timeLimit:
      guard own < Int(policy.deathLimit) else { return nil }
      return "unit \(unit) is quarantined (\(status.rawValue)) after \(own) deaths of its own doing"
    case .killedFromOutside:
      guard outside < policy.interruptionLimit else { return nil }
      return "unit \(unit) is set aside after \(outside) interruptions"
    case .malformed:
      guard units.spoiledRows[Int(unit)] == 0 else { return nil }
      return "unit \(unit) is called malformed and wrote no malformed row"
    default: return "unit \(unit) has status \(status.rawValue)"
    }
  }
}
