/// The worker's end: a DEALER with its monitor, for one attempt to reach the coordinator. When it is
/// lost it is thrown away, and the next attempt is a new one with a new routing id.
public struct Connection: ~Copyable {
  let dealer: Socket
  let monitor: Monitor
  private var isOver: Bool
  private var isEstablished: Bool
  private let deadlineMilliseconds: Int64
  private let endpoint: Endpoint

  /// What proves each end to the other over TCP.
  public struct Keys: Hashable, Sendable {
    public var own: CurveKeyPair
    public var server: CurveKey

    public init(own: CurveKeyPair, server: CurveKey) {
      self.own = own
      self.server = server
    }
  }

  /// Starts to connect. Messages may be sent at once; they go when the handshake is through.
  /// - Parameters:
  ///   - id: never used before.
  ///   - keys: must be there for tcp.
  ///   - patienceMilliseconds: how long it may take until both ends know each other.
  ///   - lingerMilliseconds: how long, after this is gone, what was sent may still be delivered; the
  ///     end of the context waits for it.
  public init(
    _ context: Context, to endpoint: Endpoint, as id: RoutingID, keys: Keys? = nil,
    patienceMilliseconds: Int32 = 10_000, lingerMilliseconds: Int32 = 1000,
    messageByteCountLimit: Int = 16 << 20
  ) throws(TransportFailure) {
    var options = SocketOptions()
    options.routingID = id
    options.connectMilliseconds = patienceMilliseconds
    options.handshakeMilliseconds = patienceMilliseconds
    options.lingerMilliseconds = lingerMilliseconds
    options.messageByteCountLimit = messageByteCountLimit
    if let keys { options.security = .curveClient(keys.own, server: keys.server) }
    let dealer = try Socket(context, .dealer, options)
    let monitor = try Monitor(dealer)
    do throws(TransportFailure) {
      try dealer.connect(to: endpoint)
    } catch {
      dealer.stopMonitor()
      throw error
    }
    self.dealer = dealer
    self.monitor = monitor
    isOver = false
    isEstablished = false
    deadlineMilliseconds = monotonicMilliseconds() + Int64(patienceMilliseconds)
    self.endpoint = endpoint
  }

  deinit { dealer.stopMonitor() }

  public enum Received: Hashable, Sendable {
    case nothing
    case message
    /// A message of several frames, which no coordinator of ours sends; it was dropped.
    case foreign
  }

  /// Receives one message if there is one; its bytes are then in `message`.
  public func receive(into message: borrowing Message) -> Received {
    guard dealer.receiveFrame(into: message) else { return .nothing }
    guard message.hasMore else { return .message }
    dealer.dropRest(of: message)
    return .foreign
  }

  /// Sends one message, copied once.
  public func send(_ bytes: UnsafeRawBufferPointer) -> SendResult { dealer.sendFrame(bytes) }

  public func send(_ bytes: [UInt8]) -> SendResult { bytes.withUnsafeBytes { send($0) } }

  public enum Event: Hashable, Sendable {
    case established
    /// It is over, for a reason that may pass: try again on a new connection.
    case lost(reason: String)
    /// It is over: the coordinator does not admit this worker's key.
    case unauthorised(reason: String)
  }

  /// What became of the connection; after `lost` or `unauthorised` nothing more comes. To be asked also
  /// when a wait ended without anything ready: of a name that does not resolve libzmq tells nothing, and
  /// such an attempt ends here, by its time.
  public mutating func nextEvent() -> Event? {
    while !isOver, let event = monitor.next() {
      switch event {
      case .handshakeSucceeded:
        isEstablished = true
        return .established
      case .handshakeFailed(let failure):
        isOver = true
        let reason = failure.reasonAtConnection
        if case .refused = failure { return .unauthorised(reason: reason) }
        return .lost(reason: reason)
      case .disconnected:
        isOver = true
        return .lost(
          reason: isEstablished ? "the connection was lost" : "closed before the handshake")
      case .closed:
        isOver = true
        return .lost(reason: "nobody listens there, or the host cannot be reached")
      case .connected, .listening, .accepted, .acceptFailed: continue
      }
    }
    guard !isOver, !isEstablished, monotonicMilliseconds() >= deadlineMilliseconds else {
      return nil
    }
    isOver = true
    return .lost(reason: "no answer from \(endpoint) in time: is the name right, is the host up?")
  }
}
