import CZeroMQ

/// How a socket is set up, once, before it binds or connects.
package struct SocketOptions {
  package enum Security: Equatable {
    /// For ipc and inproc only.
    case none
    case curveServer(CurveKeyPair)
    case curveClient(CurveKeyPair, server: CurveKey)
  }

  package var security = Security.none
  package var routingID: RoutingID?
  /// Messages queued for one peer before a send would block; 0 for no limit.
  package var sendQueueLimit: Int32 = 1000
  /// Messages of one peer that wait here before libzmq stops reading from it; 0 for no limit.
  package var receiveQueueLimit: Int32 = 1000
  package var lingerMilliseconds: Int32 = 0
  /// A peer that announces a longer message is disconnected.
  package var messageByteCountLimit = 16 << 20
  package var handshakeMilliseconds: Int32 = 10_000
  package var connectMilliseconds: Int32 = 10_000

  package init() {}

  /// The ZAP domain of every CURVE server.
  static let domain = "spinodal"
  /// What CURVE adds to a frame on its way: command name, nonce, box, flags.
  static let curveOverheadByteCount = 64
}

extension Socket {
  func apply(_ options: SocketOptions, _ kind: Kind) {
    set(ZMQ_SNDHWM, options.sendQueueLimit)
    set(ZMQ_RCVHWM, options.receiveQueueLimit)
    set(ZMQ_LINGER, options.lingerMilliseconds)
    // A connection that is lost stays lost: libzmq's own retries keep the routing id, under which the
    // ROUTER would ignore them. Each attempt of ours is a fresh socket with a fresh id.
    set(ZMQ_RECONNECT_IVL, Int32(-1))
    set(ZMQ_CONNECT_TIMEOUT, options.connectMilliseconds)
    set(ZMQ_HANDSHAKE_IVL, options.handshakeMilliseconds)
    set(ZMQ_IPV6, Int32(1))
    set(ZMQ_BACKLOG, Int32(1024))
    // Beats of our own tell who lives; this only clears away connections of the dead.
    set(ZMQ_TCP_KEEPALIVE, Int32(1))
    set(ZMQ_TCP_KEEPALIVE_IDLE, Int32(60))
    set(ZMQ_TCP_KEEPALIVE_INTVL, Int32(15))
    set(ZMQ_TCP_KEEPALIVE_CNT, Int32(4))
    let byteCount = options.messageByteCountLimit + SocketOptions.curveOverheadByteCount
    set(ZMQ_MAXMSGSIZE, Int64(byteCount))
    if kind == .router { set(ZMQ_ROUTER_MANDATORY, Int32(1)) }
    options.routingID?.withBytes { set(ZMQ_ROUTING_ID, $0) }
    apply(options.security)
  }

  private func apply(_ security: SocketOptions.Security) {
    switch security {
    case .none: break
    case .curveServer(let keys):
      set(ZMQ_CURVE_SERVER, Int32(1))
      set(ZMQ_CURVE_SECRETKEY, keys.secretKey)
      var domain = SocketOptions.domain
      domain.withUTF8 { set(ZMQ_ZAP_DOMAIN, UnsafeRawBufferPointer($0)) }
      enforceDomain()
    case .curveClient(let keys, let server):
      set(ZMQ_CURVE_SERVERKEY, server)
      set(ZMQ_CURVE_PUBLICKEY, keys.publicKey)
      set(ZMQ_CURVE_SECRETKEY, keys.secretKey)
    }
  }

  /// A second wall behind the first: without a ZAP handler libzmq lets everyone in unless this is set.
  /// zmq.h calls the option a draft and hides its number, but the stable library takes it (4.3.4: seen);
  /// one that does not is no worse off than before.
  private func enforceDomain() {
    let zapEnforceDomain: Int32 = 93
    let one: Int32 = 1
    withUnsafeBytes(of: one) {
      _ = zmq_setsockopt(handle, zapEnforceDomain, $0.baseAddress, $0.count)
    }
  }

  private func set(_ option: Int32, _ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value) { set(option, $0) }
  }

  private func set(_ option: Int32, _ key: CurveKey) {
    key.withBytes { set(option, UnsafeRawBufferPointer($0)) }
  }

  private func set(_ option: Int32, _ bytes: UnsafeRawBufferPointer) {
    must("set option \(option)") {
      zmq_setsockopt(handle, option, bytes.baseAddress, bytes.count)
    }
  }
}
