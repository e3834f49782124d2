import Scheduling
import SweepModel

/// What really befell each unit, as only the world knows.
struct UnitFacts: Sendable {
  /// How often the unit ended its own process.
  private(set) var ownEnds: [Int]
  /// How often its process was ended by somebody else.
  private(set) var outsideEnds: [Int]
  /// How often its row was spoiled on the way out.
  private(set) var spoiledRows: [Int]
  /// Notices of malformed peers that are due because of strangers.
  var strangersExpected = 0
  var failedStarts = 0

  init(unitCount: Int64) {
    ownEnds = [Int](repeating: 0, count: Int(unitCount))
    outsideEnds = ownEnds
    spoiledRows = ownEnds
  }

  mutating func ended(_ unit: UnitIndex, _ end: ChildEnd) {
    if Self.isOwnDoing(end) {
      ownEnds[Int(unit)] += 1
    } else {
      outsideEnds[Int(unit)] += 1
    }
  }

  mutating func spoiled(_ unit: UnitIndex) { spoiledRows[Int(unit)] += 1 }

  /// Promise 6, written down once more from its text.
  private static func isOwnDoing(_ end: ChildEnd) -> Bool {
    guard !end.progressed else { return false }
    switch end.cause {
    case .timeLimit, .stalled, .exited(0): return true
    case .exited(let code): return code != 75
    case .killed(9): return end.outOfMemoryKillSeen
    // HUP, INT, USR1, USR2, TERM, XCPU.
    case .killed(let signal): return ![1, 2, 10, 12, 15, 24].contains(signal)
    }
  }
}
