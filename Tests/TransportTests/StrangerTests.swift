import Glibc
import Testing
import Transport

/// Bytes from programs that are no workers of ours, over plain TCP, while an admitted worker is served.
@Suite(.serialized) final class StrangerTests {
  let server = CurveKeyPair.generate()
  let worker = CurveKeyPair.generate()
  let message = Message()

  /// ZMTP 3.0's greeting (RFC 23) with this mechanism, as a client.
  static func greeting(_ mechanism: String) -> [UInt8] {
    var bytes: [UInt8] = [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0]
    bytes += Array(mechanism.utf8)
    while bytes.count < 32 { bytes.append(0) }
    return bytes + [UInt8](repeating: 0, count: 32)
  }

  /// NULL's READY command of a DEALER, and a message.
  static let nullReady: [UInt8] = {
    var bytes: [UInt8] = [0x04, 0x1c, 5]
    bytes += Array("READY".utf8)
    bytes += [11]
    bytes += Array("Socket-Type".utf8)
    bytes += [0, 0, 0, 6]
    bytes += Array("DEALER".utf8)
    bytes += [0x00, 5]
    return bytes + Array("hello".utf8)
  }()

  private static let emptyHello: [UInt8] =
    [0x04, 200, 5] + Array("HELLO".utf8) + [UInt8](repeating: 0, count: 194)

  static let attempts: [[UInt8]] = [
    Array("GET / HTTP/1.1\r\nHost: coordinator\r\n\r\n".utf8),
    Array("SSH-2.0-OpenSSH_9.2\r\n".utf8),
    [UInt8](repeating: 0, count: 200),
    [UInt8](repeating: 0xff, count: 200),
    greeting("NULL") + nullReady,
    greeting("PLAIN") + nullReady,
    greeting("CURVE") + [UInt8](repeating: 0x41, count: 300),
    // A CURVE HELLO command of the right length, full of nothing.
    greeting("CURVE") + emptyHello,
    // A command that announces far more than any message may have.
    greeting("CURVE") + [0x06, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    [],
  ]

  @Test("a stranger's bytes get no message in and disturb no worker", arguments: attempts.indices)
  func stranger(which: Int) throws {
    let context = try Context()
    var listener = try Listener(
      context, at: loopback, keys: server, admitted: [worker.publicKey])
    let port = try #require(listener.endpoint.port)
    let connection = try Connection(
      context, to: listener.endpoint, as: RoutingID(high: 1, low: 1),
      keys: .init(own: worker, server: server.publicKey), lingerMilliseconds: 0)
    for round in 0..<5 {
      let descriptor = try rawConnection(port: port)
      defer { close(descriptor) }
      write(Self.attempts[which], to: descriptor)
      if round % 2 == 0 { shutdown(descriptor, Int32(SHUT_WR)) }
      #expect(connection.send([UInt8(round)]) == .sent)
      let got = try eventually("the worker's message") { listener.nextMessage(message) }
      #expect(got.bytes == [UInt8(round)])
      #expect(got.from == RoutingID(high: 1, low: 1))
      #expect(listener.send([UInt8(round)], to: got.from) == .sent)
      _ = try eventually("the answer") { connection.receive(into: message) == .message ? 1 : nil }
    }
    #expect(listener.nextMessage(message) == nil)
    // The strangers hung up: what is counted is the worker.
    _ = try eventually("the count") {
      while listener.nextEvent() != nil {}
      return listener.connectionCount == 1 ? true : nil
    }
  }

  @Test("a client without CURVE is named as such")
  func mechanismMismatch() throws {
    let context = try Context()
    var listener = try Listener(context, at: loopback, keys: server, admitted: [])
    let descriptor = try rawConnection(port: try #require(listener.endpoint.port))
    defer { close(descriptor) }
    write(Self.greeting("NULL") + Self.nullReady, to: descriptor)
    let event = try eventually("the event") { listener.nextEvent() }
    guard case .handshakeFailed(.badProtocol) = event else {
      Issue.record("\(event)")
      return
    }
    #expect("\(event)".contains("does not speak CURVE"))
  }

  @Test("a server that is no coordinator is named as such to the worker")
  func notACoordinator() throws {
    let context = try Context()
    let (listening, port) = try rawListener()
    defer { close(listening) }
    var connection = try Connection(
      context, to: .tcp(host: "127.0.0.1", port: port), as: RoutingID(high: 1, low: 1),
      keys: .init(own: worker, server: server.publicKey), lingerMilliseconds: 0)
    let descriptor = accept(listening, nil, nil)
    defer { close(descriptor) }
    write(Self.greeting("NULL"), to: descriptor)
    let event = try eventually("the event") { connection.nextEvent() }
    guard case .lost(let reason) = event else {
      Issue.record("\(event)")
      return
    }
    #expect(reason.contains("not a coordinator's CURVE endpoint"))
    #expect(connection.nextEvent() == nil, "after the end nothing more comes")
  }

  private func rawListener() throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = withUnsafeMutablePointer(to: &address) { pointer -> UInt16 in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
        guard bind(descriptor, plain, length) == 0, listen(descriptor, 8) == 0,
          getsockname(descriptor, plain, &length) == 0
        else { return 0 }
        return 1
      } == 0 ? 0 : UInt16(bigEndian: pointer.pointee.sin_port)
    }
    try #require(port > 0)
    return (descriptor, port)
  }

  private func rawConnection(port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(result == 0)
    return descriptor
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32) {
    // The peer may close while we write: that is no failure, and no signal.
    _ = bytes.withUnsafeBytes {
      send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
  }
}
