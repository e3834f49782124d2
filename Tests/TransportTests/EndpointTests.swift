import Testing
import Transport

@Suite struct EndpointTests {
  @Test(
    "endpoints read back as written",
    arguments: [
      "tcp://*:0", "tcp://127.0.0.1:5555", "tcp://[::1]:65535", "tcp://[fe80::1%eth0]:1",
      "tcp://login-2.cluster_a.example:31000", "ipc:///tmp/x/socket",
    ])
  func roundTrip(text: String) throws {
    #expect("\(try Endpoint(text))" == text)
  }

  @Test(
    "what is no endpoint is refused with the reason",
    arguments: [
      ("", "expected tcp://HOST:PORT"), ("127.0.0.1:5555", "expected tcp://HOST:PORT"),
      ("udp://x:1", "expected tcp://HOST:PORT"), ("tcp://host", "a port is missing"),
      ("tcp://host:", "the port must be"), ("tcp://host:65536", "the port must be"),
      ("tcp://host:-1", "the port must be"), ("tcp://host:+1", "the port must be"),
      ("tcp://:1", "expected a host"), ("tcp://a b:1", "expected a host"),
      ("tcp://eth0;10.0.0.1:1", "expected a host"), ("tcp://::1:5", "in brackets"),
      ("tcp://[1.2.3.4]:5", "IPv6"), ("ipc://socket", "starts with /"),
      ("ipc:///a\0b", "zero byte"), ("ipc://@abstract", "starts with /"),
      ("inproc://x", "expected tcp://HOST:PORT"),
    ])
  func mistakes(text: String, reason: String) {
    let mistake = #expect(throws: EndpointMistake.self) { try Endpoint(text) }
    #expect(mistake?.reason.contains(reason) == true, "\(mistake?.reason ?? "")")
  }

  @Test("a socket's path has at most 107 bytes, and libzmq takes all of them")
  func pathLength() throws {
    try withFolder { folder in
      let longest = folder + "/" + String(repeating: "x", count: 107 - folder.utf8.count - 1)
      let endpoint = try Endpoint("ipc://" + longest)
      #expect(try Listener(try Context(), at: endpoint).endpoint == endpoint)
      let mistake = #expect(throws: EndpointMistake.self) { try Endpoint("ipc://\(longest)x") }
      #expect(mistake?.reason.contains("108 bytes, a socket's may have 107") == true)
    }
  }

  @Test("a wildcard listens at a port of its own, and is known as a wildcard")
  func wildcard() throws {
    let asked = try Endpoint("tcp://*:0")
    #expect(asked.isWildcard)
    let bound = try Listener(try Context(), at: asked, keys: .generate()).endpoint
    #expect(bound.isWildcard)
    #expect((bound.port ?? 0) != 0)
    #expect("\(bound.at(host: "10.1.2.3"))" == "tcp://10.1.2.3:\(bound.port ?? 0)")
  }

  @Test("a port in use, a foreign address and a missing folder say what to do")
  func cannotListen() throws {
    let context = try Context()
    let first = try Listener(context, at: loopback, keys: .generate())
    let other = try Context()
    func failure(_ endpoint: Endpoint, keys: CurveKeyPair?) -> TransportFailure? {
      do throws(TransportFailure) {
        _ = try Listener(other, at: endpoint, keys: keys)
        return nil
      } catch { return error }
    }
    let inUse = failure(first.endpoint, keys: .generate())
    #expect(inUse?.description.contains("in use; choose another port") == true)
    let foreign = failure(.tcp(host: "192.0.2.1", port: 0), keys: .generate())
    #expect(
      foreign?.description.contains("use * for all") == true, "\(String(describing: foreign))")
    let named = failure(.tcp(host: "no-such-host.invalid", port: 0), keys: .generate())
    #expect(named?.description.contains("use * for all") == true, "\(String(describing: named))")
    #expect(failure(.ipc(path: "/no/such/folder/socket"), keys: nil) != nil)
    // The failures left the context usable.
    _ = try Listener(other, at: loopback, keys: .generate())
  }

  @Test("a host that does not resolve, and a port at which nobody listens, are lost connections")
  func cannotConnect() throws {
    let context = try Context()
    let keys = CurveKeyPair.generate()
    let freed = try Listener(context, at: loopback, keys: keys).endpoint
    for endpoint in [freed, .tcp(host: "no-such-host.invalid", port: 5555)] {
      var connection = try Connection(
        context, to: endpoint, as: RoutingID(high: 1, low: 1),
        keys: .init(own: keys, server: keys.publicKey), patienceMilliseconds: 500,
        lingerMilliseconds: 0)
      guard case .lost = try eventually("\(endpoint)", { connection.nextEvent() }) else {
        Issue.record("connected to \(endpoint)")
        return
      }
    }
  }
}

@Suite struct CurveKeyTests {
  @Test("keys go through their text, and a secret gives its public key")
  func text() throws {
    for _ in 0..<20 {
      let pair = CurveKeyPair.generate()
      #expect(pair.publicKey.text.utf8.count == 40)
      #expect(CurveKey(pair.publicKey.text) == pair.publicKey)
      #expect(CurveKeyPair(secretKey: pair.secretKey) == pair)
      #expect(CurveKeyPair.generate() != pair)
    }
  }

  @Test(
    "a text that is no key is refused",
    arguments: [
      "", "x", String(repeating: "~", count: 40), String(repeating: "#", count: 40),
      String(repeating: "0", count: 39), String(repeating: "0", count: 41),
      String(repeating: "é", count: 20), "\0" + String(repeating: "0", count: 39),
      String(repeating: "0", count: 39) + " ", String(repeating: "0", count: 39) + "\"",
    ])
  func noKey(text: String) {
    #expect(CurveKey(text) == nil)
  }

  @Test("a secret is not printed, in whatever way the pair is")
  func secrecy() {
    let pair = CurveKeyPair.generate()
    var dumped = ""
    dump(pair, to: &dumped)
    for text in [
      "\(pair)", String(reflecting: pair), dumped, "\([pair])", "\(Optional(pair) as Any)",
    ] {
      #expect(!text.contains(pair.secretKey.text))
    }
    #expect("\(pair)".contains(pair.publicKey.text))
  }
}
