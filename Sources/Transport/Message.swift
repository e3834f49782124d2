import CZeroMQ

/// One frame as libzmq holds it. Made once and used for every receive: the bytes stay where libzmq put
/// them and are read in place.
public struct Message: ~Copyable {
  /// libzmq forbids moving a zmq_msg_t by value, so it has a place of its own.
  let storage: UnsafeMutablePointer<zmq_msg_t>

  public init() {
    let storage = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)
    self.storage = storage
    must("make a message") { zmq_msg_init(storage) }
  }

  deinit {
    must("close a message") { zmq_msg_close(storage) }
    storage.deallocate()
  }

  public var byteCount: Int { Int(zmq_msg_size(storage)) }

  /// Whether more frames of the same message follow.
  var hasMore: Bool { zmq_msg_more(storage) != 0 }

  /// The frame's bytes, until the next receive into this message; the start has no alignment.
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: zmq_msg_data(storage), count: byteCount))
  }

  /// A copy of the frame's bytes.
  public func copyBytes() -> [UInt8] { withBytes { [UInt8]($0) } }

  /// The address that a received frame came from, over TCP.
  public var peerAddress: String? {
    guard byteCount > 0, let text = zmq_msg_gets(storage, "Peer-Address") else { return nil }
    return plainAddress(String(cString: text))
  }
}

/// An address as users know it: IPv4 that came in by an IPv6 socket loses its prefix.
func plainAddress(_ text: String) -> String {
  let mapped = "::ffff:"
  return text.hasPrefix(mapped) ? String(text.dropFirst(mapped.count)) : text
}
