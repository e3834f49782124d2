import Scheduling
import SweepModel

/// What a peer can make grow stays within its bound.
struct LimitsChecker: Sendable {
  func check(_ message: CoordinatorMessage, options: Options) -> String? {
    guard case .lease(let lease) = message else { return nil }
    if lease.units.isEmpty { return "lease \(lease.serial) is empty" }
    if lease.units.runs.count > Limits.runs {
      return "lease \(lease.serial) has \(lease.units.runs.count) runs"
    }
    if lease.units.count > options.policy.leasedUnitsLimit {
      return "lease \(lease.serial) has \(lease.units.count) units"
    }
    return nil
  }

  func check(_ message: WorkerMessage) -> String? {
    switch message {
    case .hello(let hello):
      for held in hello.held where held.units.runs.count > Limits.runs {
        return "a hello lists \(held.units.runs.count) runs of a lease"
      }
      return hello.held.count > Limits.heldLeases ? "a hello lists \(hello.held.count)" : nil
    case .returned(let returned):
      if returned.units.isEmpty { return "nothing is handed back" }
      return returned.units.runs.count > Limits.runs ? "too many runs are handed back" : nil
    default: return nil
    }
  }

  func check(
    _ summary: (busySlots: Int, openSlots: Int, queuedUnits: Int64, unacknowledgedBytes: Int),
    options: Options, solver: FakeSolver
  ) -> String? {
    let row = solver.layout.byteCount
    // A slot may always be at one unit, whatever the window is.
    let most =
      max(options.policy.resultWindowByteCount, row) + (options.slots.upperBound + 1) * row
    guard summary.unacknowledgedBytes > most else { return nil }
    return "a worker has \(summary.unacknowledgedBytes) unacknowledged bytes, \(most) are allowed"
  }
}
