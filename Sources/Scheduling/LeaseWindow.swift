import SweepModel

/// How many units a worker may hold: a target of time times its measured rate, so that a lease of tiny
/// units amortises its message and a lease of long ones leaves none waiting behind another.
struct LeaseWindow: Sendable {
  /// Units that may be out at once.
  private(set) var size: Int64
  /// Units a second, once measured.
  private(set) var rate: Double?
  private var measuredSince: Tick
  private var answered: Int64 = 0

  /// A new measurement moves the rate half way; a window grows at most this many times at once, so
  /// that one lucky unit does not fetch a million.
  private static let growthLimit: Int64 = 8
  private static let measuringInterval = TickDuration.milliseconds(100)
  private static let shortestInterval = TickDuration(nanoseconds: 20_000)

  init(slots: UInt16, now: Tick) {
    size = Int64(slots)
    measuredSince = now
  }

  /// Leases begin again after the worker had none: idle time is not slowness.
  mutating func resume(at now: Tick) {
    measuredSince = now
    answered = 0
  }

  mutating func record(
    answered units: Int64, leased: Int64, slots: UInt16, policy: Policy, now: Tick
  ) {
    answered += units
    let elapsed = max(now - measuredSince, Self.shortestInterval)
    guard answered > 0, elapsed >= Self.measuringInterval || leased * 2 <= size else { return }
    let measured = Double(answered) / elapsed.seconds
    let mean = rate.map { ($0 + measured) / 2 } ?? measured
    rate = mean
    resume(at: now)
    let wanted = min(mean * policy.leaseTarget.seconds, Double(policy.leasedUnitsLimit))
    size = max(Int64(slots), min(Int64(wanted), size * Self.growthLimit))
  }

  /// Whether what is out would take much longer than the target at the pace seen of late: then units
  /// that have not started are better off elsewhere.
  func isOverdue(leased: Int64, policy: Policy, now: Tick) -> Bool {
    let elapsed = now - measuredSince
    guard elapsed > policy.leaseTarget else { return false }
    let recent = Double(answered + 1) / elapsed.seconds
    let pace = min(rate ?? recent, recent)
    return Double(leased) / pace > 2 * policy.leaseTarget.seconds
  }
}
