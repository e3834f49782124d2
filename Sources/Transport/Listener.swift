/// The coordinator's end: a ROUTER with its monitor and, over TCP, the ZAP handler that admits keys.
///
/// The event loop adds it to its `Poller`; when it is ready, it calls `nextEvent()` until nil (this is
/// what lets workers in) and `receive(into:)` until `.nothing` or until it has had enough.
public struct Listener: ~Copyable {
  let router: Socket
  let monitor: Monitor
  private var zap: Zap?
  /// Who is let in; may change at any time, and decides when a connection is made only.
  public var admitted: Set<CurveKey>
  /// Connections that are open, those of strangers in their handshake among them; as `nextEvent` saw.
  public private(set) var connectionCount: Int
  /// Where it listens, with the port that was chosen.
  public let endpoint: Endpoint

  /// - Parameters:
  ///   - endpoint: ipc in a folder that only this user may enter, or tcp with `keys`.
  ///   - keys: the server's pair; must be there for tcp, and only one listener of a context may have
  ///     one.
  ///   - admitted: the workers' public keys.
  ///   - lingerMilliseconds: how long the end of the context may wait for what is still to be sent.
  public init(
    _ context: Context, at endpoint: Endpoint, keys: CurveKeyPair? = nil,
    admitted: Set<CurveKey> = [], lingerMilliseconds: Int32 = 1000,
    messageByteCountLimit: Int = 16 << 20
  ) throws(TransportFailure) {
    var options = SocketOptions()
    options.lingerMilliseconds = lingerMilliseconds
    options.messageByteCountLimit = messageByteCountLimit
    options.receiveQueueLimit = Self.receiveQueueLimit
    if let keys { options.security = .curveServer(keys) }
    let zap = keys == nil ? nil : try Zap(context)
    let router = try Socket(context, .router, options)
    let monitor = try Monitor(router)
    let bound: Endpoint
    do throws(TransportFailure) {
      bound = try router.bind(to: endpoint)
    } catch {
      router.stopMonitor()
      throw error
    }
    self.endpoint = bound
    self.router = router
    self.monitor = monitor
    self.zap = zap
    self.admitted = admitted
    connectionCount = 0
  }

  /// Its address is free some time later, at the latest when its context is gone.
  deinit { router.stopMonitor() }

  /// Messages of one worker that may wait in memory: more than a result window ever holds, and a bound
  /// on what a worker that ignores the window can fill.
  private static let receiveQueueLimit: Int32 = 256

  var zapHandle: UnsafeMutableRawPointer? {
    switch zap {
    case .some(let zap): zap.reply.handle
    case .none: nil
    }
  }

  public enum Received: Hashable, Sendable {
    case nothing
    case message(from: RoutingID)
    /// A message that no worker of ours sends: without a routing id of ours, or of several frames. It
    /// was dropped, and there is no one to answer.
    case foreign
  }

  /// Receives one message if there is one; its bytes are then in `message`.
  public func receive(into message: borrowing Message) -> Received {
    guard router.receiveFrame(into: message) else { return .nothing }
    let sender = message.withBytes { RoutingID($0) }
    guard message.hasMore, router.receiveFrame(into: message) else { return .foreign }
    if message.hasMore {
      router.dropRest(of: message)
      return .foreign
    }
    guard let sender else { return .foreign }
    return .message(from: sender)
  }

  /// Sends one message, copied once. A peer whose queue is full (`wouldBlock`) has not read a thousand
  /// messages.
  public func send(_ bytes: UnsafeRawBufferPointer, to peer: RoutingID) -> SendResult {
    let found = peer.withBytes { router.sendFrame($0, more: true) }
    guard found == .sent else { return found }
    // libzmq looked for room when it took the id, so this cannot block.
    return router.sendFrame(bytes)
  }

  public func send(_ bytes: [UInt8], to peer: RoutingID) -> SendResult {
    bytes.withUnsafeBytes { send($0, to: peer) }
  }

  public enum Event: Hashable, Sendable {
    /// A key that is not admitted knocked.
    case keyRefused(address: String, key: CurveKey?)
    /// Someone connected who does not speak CURVE with this server's key.
    case handshakeFailed(HandshakeFailure)
    /// No more connections fit: errno, mostly too many open files.
    case acceptFailed(TransportFailure)
  }

  /// Answers workers that want in, and tells of those that are kept out; nil when nothing is left.
  public mutating func nextEvent() -> Event? {
    while let verdict = zap?.service(admitted: admitted) {
      if !verdict.isAdmitted { return .keyRefused(address: verdict.address, key: verdict.key) }
    }
    while let event = monitor.next() {
      switch event {
      // Told above, with its address.
      case .handshakeFailed(.refused): continue
      case .handshakeFailed(let failure): return .handshakeFailed(failure)
      case .acceptFailed(let code):
        return .acceptFailed(TransportFailure(attempt: "accept a connection", code: code))
      case .accepted: connectionCount += 1
      case .disconnected: connectionCount -= 1
      case .connected, .listening, .handshakeSucceeded, .closed: continue
      }
    }
    return nil
  }

  /// Before the end: waits until every peer has closed its connection, having read what was sent, or
  /// until the time is over. What they still send is dropped. A connection that this side closes loses
  /// what the worker has not read yet, though it arrived (see Design.md).
  /// - Returns: whether all are gone.
  @discardableResult
  public mutating func settle(withinMilliseconds limit: Int64) -> Bool {
    let deadline = monotonicMilliseconds() + limit
    let message = Message()
    var poller = Poller()
    while true {
      while nextEvent() != nil {}
      while receive(into: message) != .nothing {}
      let left = deadline - monotonicMilliseconds()
      if connectionCount <= 0 || left <= 0 { return connectionCount <= 0 }
      poller.removeAll()
      poller.add(self)
      poller.wait(milliseconds: left)
    }
  }
}

extension Listener.Event: CustomStringConvertible {
  public var description: String {
    switch self {
    case .keyRefused(let address, let key):
      "refused a key that is not admitted, from \(address): \(key?.text ?? "no CURVE key")"
    case .handshakeFailed(let failure): "refused a connection: \(failure.reasonAtListener)"
    case .acceptFailed(let failure): failure.description
    }
  }
}
