import SweepModel

/// How many units a worker, or one child, may hold: a target of time times the measured rate, so that
/// tiny units amortise their message and no long one waits behind another.
struct LeaseWindow: Sendable {
  /// Units that may be out at once; never below `floor`.
  private(set) var size: Int64
  /// Units a second, once measured.
  private(set) var rate: Double?
  private let floor: Int64
  private let limit: Int64
  private let target: TickDuration
  private var measuredSince: Tick
  private var answered: Int64 = 0

  /// A new measurement moves the rate half way; a window grows at most this many times at once, so
  /// that one lucky unit does not fetch a million.
  private static let growthLimit: Int64 = 8
  private static let measuringInterval = TickDuration.milliseconds(100)
  private static let shortestInterval = TickDuration(nanoseconds: 20_000)

  init(floor: Int64, limit: Int64, target: TickDuration, now: Tick) {
    self.floor = floor
    self.limit = limit
    self.target = target
    size = floor
    measuredSince = now
  }

  /// Leases begin again after there were none: idle time is not slowness.
  mutating func resume(at now: Tick) {
    measuredSince = now
    answered = 0
  }

  /// - Parameter open: how many units are out after these were answered.
  mutating func record(answered units: Int64, open: Int64, at now: Tick) {
    answered += units
    let elapsed = max(now - measuredSince, Self.shortestInterval)
    guard answered > 0, elapsed >= Self.measuringInterval || open * 2 <= size else { return }
    let measured = Double(answered) / elapsed.seconds
    let mean = rate.map { ($0 + measured) / 2 } ?? measured
    rate = mean
    resume(at: now)
    let wanted = min(mean * target.seconds, Double(limit))
    size = max(floor, min(Int64(wanted), size * Self.growthLimit))
  }

  /// Whether what is out would take much longer than the target at the pace seen of late: then units
  /// that have not started are better off elsewhere.
  func isOverdue(open: Int64, at now: Tick) -> Bool {
    let elapsed = now - measuredSince
    guard elapsed > target else { return false }
    let recent = Double(answered + 1) / elapsed.seconds
    let pace = min(rate ?? recent, recent)
    return Double(open) / pace > 2 * target.seconds
  }
}
