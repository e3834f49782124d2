import Glibc
import Testing
import Transport

/// Real sockets over loopback TCP: who gets in, who does not, and what each side is told.
@Suite(.serialized) final class SecurityTests {
  let server = CurveKeyPair.generate()
  let worker = CurveKeyPair.generate()
  let message = Message()

  func listener(_ context: Context) throws -> Listener {
    try Listener(context, at: loopback, keys: server, admitted: [worker.publicKey])
  }

  func connection(
    _ context: Context, _ endpoint: Endpoint, _ number: UInt64, own: CurveKeyPair? = nil,
    server: CurveKey? = nil
  ) throws -> Connection {
    try Connection(
      context, to: endpoint, as: RoutingID(high: 7, low: number),
      keys: .init(own: own ?? worker, server: server ?? self.server.publicKey),
      lingerMilliseconds: 0)
  }

  @Test("an admitted key gets in, and messages go both ways")
  func admitted() throws {
    let context = try Context()
    var listener = try listener(context)
    #expect(listener.endpoint.port != 0)
    var connection = try connection(context, listener.endpoint, 1)
    #expect(connection.send(Array("hello".utf8)) == .sent)
    let got = try eventually("hello") { listener.nextMessage(message) }
    #expect(got.from == RoutingID(high: 7, low: 1))
    #expect(got.bytes == Array("hello".utf8))
    #expect(listener.send(Array("welcome".utf8), to: got.from) == .sent)
    _ = try eventually("welcome") { connection.receive(into: message) == .message ? true : nil }
    #expect(message.copyBytes() == Array("welcome".utf8))
    #expect(connection.nextEvent() == .established)
  }

  @Test("a key that is not admitted is told so, and the listener says whose it was")
  func unknownKey() throws {
    let context = try Context()
    let stranger = CurveKeyPair.generate()
    var listener = try listener(context)
    var connection = try connection(context, listener.endpoint, 2, own: stranger)
    _ = connection.send(Array("let me in".utf8))
    var refusal: Listener.Event?
    let end = try eventually("a refusal") {
      while let event = listener.nextEvent() { refusal = event }
      return connection.nextEvent()
    }
    guard case .unauthorised = end else {
      Issue.record("\(end)")
      return
    }
    guard case .keyRefused(let address, let key)? = refusal else {
      Issue.record("\(String(describing: refusal))")
      return
    }
    #expect(address == "127.0.0.1")
    #expect(key == stranger.publicKey)
    #expect(listener.nextMessage(message) == nil)
  }

  @Test("a key that was struck off gets in no more, one that was added does")
  func changing() throws {
    let context = try Context()
    var listener = try listener(context)
    listener.admitted = []
    var first = try connection(context, listener.endpoint, 1)
    let end = try eventually("a refusal") {
      while listener.nextEvent() != nil {}
      return first.nextEvent()
    }
    guard case .unauthorised = end else {
      Issue.record("\(end)")
      return
    }
    listener.admitted = [worker.publicKey]
    let second = try connection(context, listener.endpoint, 2)
    _ = second.send([1])
    _ = try eventually("a message") { listener.nextMessage(message) }
  }

  @Test("a wrong server key reads as another coordinator's access file, on both sides")
  func wrongServerKey() throws {
    let context = try Context()
    var listener = try listener(context)
    let other = CurveKeyPair.generate().publicKey
    var connection = try connection(context, listener.endpoint, 3, server: other)
    var refusal: Listener.Event?
    var end: Connection.Event?
    _ = try eventually("both sides to be told") {
      while let event = listener.nextEvent() { refusal = event }
      while let event = connection.nextEvent() { end = event }
      return end != nil && refusal != nil ? true : nil
    }
    guard case .lost(let reason)? = end else {
      Issue.record("\(String(describing: end))")
      return
    }
    #expect(reason.contains("another coordinator's access file"))
    #expect("\(refusal.map { "\($0)" } ?? "")".contains("another coordinator's access file"))
  }

  @Test("a server whose ZAP handler is missing lets nobody in")
  func withoutHandler() throws {
    let context = try Context()
    var options = SocketOptions()
    options.security = .curveServer(server)
    let router = try Socket(context, .router, options)
    let endpoint = try router.bind(to: loopback)
    var connection = try connection(context, endpoint, 1)
    _ = connection.send([1])
    guard case .lost = try eventually("the end", { connection.nextEvent() }) else {
      Issue.record("it was let in")
      return
    }
    #expect(router.receiveFrame(into: message) == false)
  }
}
