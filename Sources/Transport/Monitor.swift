import CZeroMQ
import Glibc

/// What libzmq tells of a socket's connections.
package struct Monitor: ~Copyable {
  let reader: Socket
  private let message: Message

  /// Without MONITOR_STOPPED, which libzmq would send to a reader that may be gone already.
  private static let events =
    ZMQ_EVENT_CONNECTED | ZMQ_EVENT_LISTENING | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_ACCEPT_FAILED
    | ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED
    | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
    | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH

  package init(_ socket: borrowing Socket) throws(TransportFailure) {
    let endpoint = Endpoint.inproc(name: socket.context.freshMonitorName())
    let error = call {
      zmq_socket_monitor(socket.handle, endpoint.description, Self.events)
    }.error
    if error != 0 { throw TransportFailure(attempt: "watch a socket", code: error) }
    var options = SocketOptions()
    // libzmq's I/O thread would stand still at a full queue.
    options.receiveQueueLimit = 0
    let reader = try Socket(socket.context, .pair, options)
    try reader.connect(to: endpoint)
    self.reader = reader
    message = Message()
  }

  /// The next event that is known here, if there is one.
  package func next() -> MonitorEvent? {
    while reader.receiveFrame(into: message) {
      // First frame: event (16 bits) and value (32 bits) in the machine's order; second: endpoint.
      let head = message.withBytes { bytes -> (UInt16, UInt32)? in
        guard bytes.count == 6 else { return nil }
        return (
          bytes.loadUnaligned(fromByteOffset: 0, as: UInt16.self),
          bytes.loadUnaligned(fromByteOffset: 2, as: UInt32.self)
        )
      }
      reader.dropRest(of: message)
      if let head, let event = MonitorEvent(event: Int32(head.0), value: head.1) { return event }
    }
    return nil
  }
}

extension Socket {
  /// Must come before the reader of its events is closed: libzmq's I/O thread would wait for ever for
  /// a reader that is gone.
  func stopMonitor() {
    checkThread()
    must("stop a monitor") { zmq_socket_monitor(handle, nil, 0) }
  }
}

package enum MonitorEvent: Hashable, Sendable {
  case connected
  case listening
  case accepted
  case handshakeSucceeded
  case handshakeFailed(HandshakeFailure)
  /// A connection that stood is gone.
  case disconnected
  /// An attempt to connect came to nothing; the errno if libzmq tells it.
  case closed
  case acceptFailed(code: Int32)

  init?(event: Int32, value: UInt32) {
    switch event {
    case ZMQ_EVENT_CONNECTED: self = .connected
    case ZMQ_EVENT_LISTENING: self = .listening
    case ZMQ_EVENT_ACCEPTED: self = .accepted
    case ZMQ_EVENT_ACCEPT_FAILED: self = .acceptFailed(code: Int32(truncatingIfNeeded: value))
    case ZMQ_EVENT_CLOSED: self = .closed
    case ZMQ_EVENT_DISCONNECTED: self = .disconnected
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: self = .handshakeSucceeded
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
      self = .handshakeFailed(.closed(code: Int32(truncatingIfNeeded: value)))
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      self = .handshakeFailed(.badProtocol(code: value))
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      self = .handshakeFailed(.refused(status: value))
    default: return nil
    }
  }
}

/// Why two ends did not come together, as far as libzmq tells.
public enum HandshakeFailure: Hashable, Sendable {
  /// The other end closed, or time ran out; the errno.
  case closed(code: Int32)
  /// What came is not what CURVE says; libzmq's ZMQ_PROTOCOL_ERROR number.
  case badProtocol(code: UInt32)
  /// The key is not admitted; the ZAP status: 300, 400 or 500.
  case refused(status: UInt32)
}
