/// A key for a counter-based generator: the first 128 bits of a SHA-256 (design: random numbers). The
/// low word keys Philox4x32-10, the high word is the counter's high half; the step is the low half.
public struct RandomKey: Hashable, Sendable {
  public var key: UInt64
  public var counterHigh: UInt64

  public init(key: UInt64, counterHigh: UInt64) {
    self.key = key
    self.counterHigh = counterHigh
  }
}
