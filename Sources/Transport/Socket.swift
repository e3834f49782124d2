import CZeroMQ
import Glibc

/// One libzmq socket, used by the thread that made it and by no other: anything else traps. Nothing
/// here blocks; waiting is the `Poller`'s trade.
///
/// `Listener` and `Connection` are made of these and are what programs use.
package struct Socket: ~Copyable {
  package enum Kind: Int32 {
    case pair = 0
    case reply = 4
    case dealer = 5
    case router = 6
  }

  let handle: UnsafeMutableRawPointer
  let context: Context
  private let owner: pthread_t
  private let isSecured: Bool

  package init(
    _ context: Context, _ kind: Kind, _ options: SocketOptions = SocketOptions()
  ) throws(TransportFailure) {
    guard let handle = zmq_socket(context.handle, kind.rawValue) else {
      throw TransportFailure(attempt: "make a socket", code: zmq_errno())
    }
    self.handle = handle
    self.context = context
    owner = pthread_self()
    isSecured = options.security != .none
    apply(options, kind)
  }

  deinit {
    checkThread()
    must("stop a monitor") { zmq_socket_monitor(handle, nil, 0) }
    must("close a socket") { zmq_close(handle) }
  }

  @inline(__always)
  func checkThread() {
    precondition(
      pthread_equal(pthread_self(), owner) != 0,
      "a ZeroMQ socket is used by another thread than the one that made it")
  }

  // MARK: - Endpoints

  /// - Returns: where it listens now, with the port that was chosen if 0 was asked for.
  package func bind(to endpoint: Endpoint) throws(TransportFailure) -> Endpoint {
    checkThread()
    checkSecurity(endpoint)
    let error = call { zmq_bind(handle, endpoint.description) }.error
    if error != 0 { throw TransportFailure(attempt: "listen at \(endpoint)", code: error) }
    if case .inproc = endpoint { return endpoint }
    guard let bound = try? Endpoint(lastEndpoint()) else {
      fatalError("libzmq bound to an endpoint that is none: \(lastEndpoint())")
    }
    if case .tcp(let host, let port) = bound { return .tcp(host: plainAddress(host), port: port) }
    return bound
  }

  /// Stops listening; an inproc name is free at once, for the others the monitor says `closed`.
  func unbind(_ endpointText: String) {
    checkThread()
    // ENOENT: it did not listen there.
    _ = call { zmq_unbind(handle, endpointText) }
  }

  /// Starts to connect; what becomes of it is told by the monitor.
  package func connect(to endpoint: Endpoint) throws(TransportFailure) {
    checkThread()
    checkSecurity(endpoint)
    let error = call { zmq_connect(handle, endpoint.description) }.error
    if error != 0 { throw TransportFailure(attempt: "connect to \(endpoint)", code: error) }
  }

  /// Promise 9: no TCP endpoint without CURVE, on either side.
  private func checkSecurity(_ endpoint: Endpoint) {
    if case .tcp = endpoint { precondition(isSecured, "a TCP endpoint without CURVE") }
  }

  func lastEndpoint() -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { text in
      var byteCount = text.count
      must("read the endpoint") {
        zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, text.baseAddress, &byteCount)
      }
      return String(cString: text.baseAddress.unsafelyUnwrapped)
    }
  }

  // MARK: - Frames

  /// Receives one frame if there is one.
  @inline(__always)
  package func receiveFrame(into message: borrowing Message) -> Bool {
    checkThread()
    let storage = message.storage
    let (_, error) = call { zmq_msg_recv(storage, handle, ZMQ_DONTWAIT) }
    if error == 0 { return true }
    // A reply socket that owes an answer is EFSM: a mistake of ours.
    guard error == EAGAIN else { fatalError("receive: \(errorText(error))") }
    return false
  }

  /// Receives and drops the rest of a message that has more frames.
  package func dropRest(of message: borrowing Message) {
    while message.hasMore {
      guard receiveFrame(into: message) else { return }
    }
  }

  /// Sends one frame, copied once.
  @inline(__always)
  package func sendFrame(_ bytes: UnsafeRawBufferPointer, more: Bool = false) -> SendResult {
    checkThread()
    let flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)
    let (_, error) = call { zmq_send(handle, bytes.baseAddress, bytes.count, flags) }
    switch error {
    case 0: return .sent
    case EAGAIN: return .wouldBlock
    case EHOSTUNREACH: return .unreachable
    default: fatalError("send: \(errorText(error))")
    }
  }
}

/// What became of a message that was to be sent.
public enum SendResult: Hashable, Sendable {
  /// libzmq has it; whether it arrives is for the peer to say.
  case sent
  /// The peer's queue is full, or the connection is gone; nothing was queued.
  case wouldBlock
  /// A listener has no such peer.
  case unreachable
}
