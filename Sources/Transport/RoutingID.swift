/// The name of one connection at the ROUTER: 128 random bits behind a byte that is not zero (libzmq
/// keeps ids that begin with zero for itself). Never used for two connections.
public struct RoutingID: Hashable, Sendable {
  public var high: UInt64
  public var low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  static let byteCount = 17
  private static let firstByte: UInt8 = 0x53

  /// From the bytes of a routing frame; nil if no worker of ours made them.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.byteCount, bytes[0] == Self.firstByte else { return nil }
    high = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
    low = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 9, as: UInt64.self))
  }

  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeTemporaryAllocation(byteCount: Self.byteCount, alignment: 1) { bytes in
      bytes[0] = Self.firstByte
      bytes.storeBytes(of: high.littleEndian, toByteOffset: 1, as: UInt64.self)
      bytes.storeBytes(of: low.littleEndian, toByteOffset: 9, as: UInt64.self)
      return body(UnsafeRawBufferPointer(bytes))
    }
  }
}
