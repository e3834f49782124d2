/// The counter-based generator Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC 2011): a function of
/// counter and key, so there is no state to keep, ship or restore. A stream is fixed by the key and the
/// counter's high half; the step is the low half.
public struct Philox4x32: Hashable, Sendable {
  public let key: UInt64
  public let counterHigh: UInt64

  public init(key: UInt64, counterHigh: UInt64) {
    self.key = key
    self.counterHigh = counterHigh
  }

  /// Four words of 32 random bits.
  public typealias Block = (UInt32, UInt32, UInt32, UInt32)

  /// The block at a step.
  @inlinable public func block(at step: UInt64) -> Block {
    var counter: Block = (
      UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: step >> 32),
      UInt32(truncatingIfNeeded: counterHigh), UInt32(truncatingIfNeeded: counterHigh >> 32)
    )
    var key0 = UInt32(truncatingIfNeeded: key)
    var key1 = UInt32(truncatingIfNeeded: key >> 32)
    for _ in 0..<10 {
      let even = 0xD251_1F53 * UInt64(counter.0)
      let odd = 0xCD9E_8D57 * UInt64(counter.2)
      counter = (
        UInt32(truncatingIfNeeded: odd >> 32) ^ counter.1 ^ key0,
        UInt32(truncatingIfNeeded: odd),
        UInt32(truncatingIfNeeded: even >> 32) ^ counter.3 ^ key1,
        UInt32(truncatingIfNeeded: even)
      )
      key0 &+= 0x9E37_79B9
      key1 &+= 0xBB67_AE85
    }
    return counter
  }

  /// A uniform number in [0, 1) from the first 53 bits of the block at a step.
  @inlinable public func uniform(at step: UInt64) -> Double {
    let block = block(at: step)
    let bits = UInt64(block.1) << 32 | UInt64(block.0)
    return Double(bits >> 11) * 0x1p-53
  }
}
