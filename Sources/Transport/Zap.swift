import CZeroMQ

/// Decides who may connect: libzmq asks it once for each CURVE handshake (ZeroMQ RFC 27), at an inproc
/// address of the context, and the event loop answers. While there is none libzmq lets everyone in who
/// knows the server's public key, so a `Listener` makes it before it binds.
package struct Zap: ~Copyable {
  let reply: Socket
  private var frames: [[UInt8]]
  private let message: Message

  private static let endpoint = Endpoint.inproc(name: "zeromq.zap.01")

  package struct Verdict: Hashable, Sendable {
    package var address: String
    package var key: CurveKey?
    package var isAdmitted: Bool
  }

  package init(_ context: Context) throws(TransportFailure) {
    let reply = try Socket(context, .reply)
    _ = try reply.bind(to: Self.endpoint)
    self.reply = reply
    frames = []
    message = Message()
  }

  /// Closing a socket frees its name later, on another thread; the next handler needs it now.
  deinit { reply.unbind(Self.endpoint.description) }

  /// Answers one question if there is one.
  package mutating func service(admitted: Set<CurveKey>) -> Verdict? {
    guard reply.receiveFrame(into: message) else { return nil }
    frames.removeAll(keepingCapacity: true)
    frames.append(message.copyBytes())
    while message.hasMore, reply.receiveFrame(into: message) { frames.append(message.copyBytes()) }
    let verdict = judge(admitted)
    answer(verdict)
    return verdict
  }

  /// Frames: version, request id, domain, address, routing id, mechanism, credentials.
  private func judge(_ admitted: Set<CurveKey>) -> Verdict {
    let address = frames.count > 3 ? plainAddress(String(decoding: frames[3], as: UTF8.self)) : "?"
    guard frames.count == 7, frames[0].elementsEqual("1.0".utf8),
      frames[2].elementsEqual(SocketOptions.domain.utf8),
      frames[5].elementsEqual("CURVE".utf8),
      let key = frames[6].withUnsafeBytes({ CurveKey($0) })
    else { return Verdict(address: address, key: nil, isAdmitted: false) }
    return Verdict(address: address, key: key, isAdmitted: admitted.contains(key))
  }

  /// Frames: version, request id, status, reason, user, metadata.
  private func answer(_ verdict: Verdict) {
    let request = frames.count > 1 ? frames[1] : []
    let status = verdict.isAdmitted ? "200" : "400"
    let reason = verdict.isAdmitted ? "OK" : "unknown key"
    let parts: [[UInt8]] = [Array("1.0".utf8), request, Array(status.utf8), Array(reason.utf8), []]
    for part in parts { send(part, more: true) }
    send([], more: false)
  }

  private func send(_ bytes: [UInt8], more: Bool) {
    // A handshake that ended meanwhile makes libzmq drop the answer, which is as well.
    _ = bytes.withUnsafeBytes { reply.sendFrame($0, more: more) }
  }
}
