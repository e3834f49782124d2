import Glibc
import Synchronization
import Testing
import Transport

/// What becomes of messages: full queues, lost peers, long messages, messages of odd shapes.
@Suite(.serialized) final class DeliveryTests {
  let message = Message()
  let keys = CurveKeyPair.generate()

  private func pair(
    _ body: (inout Listener, inout Connection) throws -> Void
  ) throws {
    try withFolder { folder in
      let context = try Context()
      var listener = try Listener(context, at: .ipc(path: "\(folder)/socket"))
      var connection = try Connection(
        context, to: listener.endpoint, as: RoutingID(high: 1, low: 2), lingerMilliseconds: 0)
      try body(&listener, &connection)
    }
  }

  @Test("a peer that never was, and one that is gone, are unreachable")
  func unreachable() throws {
    try withFolder { folder in
      let context = try Context()
      var listener = try Listener(context, at: .ipc(path: "\(folder)/socket"))
      let id = RoutingID(high: 3, low: 4)
      #expect(listener.send([1], to: id) == .unreachable)
      do {
        let connection = try Connection(
          context, to: listener.endpoint, as: id, lingerMilliseconds: 0)
        _ = connection.send([1])
        _ = try eventually("hello") { listener.nextMessage(message) }
        #expect(listener.send([1], to: id) == .sent)
      }
      _ = try eventually("the peer to be gone") {
        listener.send([1], to: id) == .unreachable ? true : nil
      }
    }
  }

  @Test("a peer that does not read makes sends block, and others do not notice")
  func fullQueue() throws {
    try pair { listener, connection in
      _ = connection.send([1])
      let id = try eventually("hello") { listener.nextMessage(message) }.from
      let other = try Connection(
        try Context(), to: listener.endpoint, as: RoutingID(high: 9, low: 9), lingerMilliseconds: 0)
      _ = other.send([1])
      let otherID = try eventually("hello") { listener.nextMessage(message) }.from
      let big = [UInt8](repeating: 1, count: 100_000)
      var sent = 0
      while listener.send(big, to: id) == .sent {
        sent += 1
        if sent > 10_000 { break }
      }
      #expect(sent > 100 && sent <= 10_000)
      #expect(listener.send(big, to: otherID) == .sent)
      _ = try eventually("the other's message") {
        other.receive(into: message) == .message ? true : nil
      }
      // It reads again: everything comes, and there is room.
      var received = 0
      _ = try eventually("all of it") {
        while connection.receive(into: message) == .message { received += 1 }
        return received == sent ? true : nil
      }
      #expect(listener.send([1], to: id) == .sent)
    }
  }

  @Test("a fresh id reconnects; a second connection with a known id is not heard")
  func freshIDs() throws {
    try withFolder { folder in
      let context = try Context()
      var listener = try Listener(context, at: .ipc(path: "\(folder)/socket"))
      let id = RoutingID(high: 1, low: 1)
      let first = try Connection(context, to: listener.endpoint, as: id, lingerMilliseconds: 0)
      _ = first.send([1])
      _ = try eventually("the first") { listener.nextMessage(message) }
      let impostor = try Connection(context, to: listener.endpoint, as: id, lingerMilliseconds: 0)
      _ = impostor.send([2])
      let fresh = try Connection(
        context, to: listener.endpoint, as: RoutingID(high: 1, low: 2), lingerMilliseconds: 0)
      _ = fresh.send([3])
      let heard = try eventually("the fresh one") { listener.nextMessage(message) }
      #expect(heard.bytes == [3])
      #expect(listener.send([4], to: id) == .sent)
      _ = try eventually("the answer") { first.receive(into: message) == .message ? true : nil }
      #expect(listener.nextMessage(message) == nil)
    }
  }

  @Test("a listener that ends is a lost connection, and a new one at the same path is found")
  func restart() throws {
    try withFolder { folder in
      let context = try Context()
      let endpoint = Endpoint.ipc(path: "\(folder)/socket")
      func attempt(_ number: UInt64) throws -> Connection {
        try Connection(
          context, to: endpoint, as: RoutingID(high: 5, low: number), lingerMilliseconds: 0)
      }
      var old: Connection
      do {
        var listener = try Listener(try Context(), at: endpoint)
        old = try attempt(1)
        _ = old.send([1])
        _ = try eventually("hello") { listener.nextMessage(message) }
        #expect(old.nextEvent() == .established)
      }
      let end = try eventually("the loss") { old.nextEvent() }
      #expect(end == .lost(reason: "the connection was lost"))
      #expect(old.send([1]) == .wouldBlock, "nothing is queued for a connection that is lost")
      var between = try attempt(2)
      guard case .lost = try eventually("nobody there", { between.nextEvent() }) else {
        Issue.record("connected to nobody")
        return
      }
      var listener = try Listener(try Context(), at: endpoint)
      let new = try attempt(3)
      _ = new.send([2])
      #expect(try eventually("hello") { listener.nextMessage(message) }.bytes == [2])
    }
  }

  @Test("a coordinator that settles loses no last word", arguments: [false, true])
  func lastWords(isSecured: Bool) throws {
    try withFolder { folder in
      let keys = keys
      let endpoint = isSecured ? loopback : Endpoint.ipc(path: "\(folder)/socket")
      var listener = try Listener(
        try Context(), at: endpoint, keys: isSecured ? keys : nil, admitted: [keys.publicKey])
      let bound = listener.endpoint
      let received = Atomic(0)
      let join = onThread {
        do {
          let message = Message()
          let connection = try Connection(
            try Context(), to: bound, as: RoutingID(high: 1, low: 1),
            keys: isSecured ? .init(own: keys, server: keys.publicKey) : nil)
          _ = connection.send([1])
          _ = try eventually("the last word") {
            while connection.receive(into: message) == .message {
              received.add(1, ordering: .relaxed)
            }
            return received.load(ordering: .relaxed) == 100 ? true : nil
          }
        } catch { Issue.record(error) }
      }
      let id = try eventually("hello") { listener.nextMessage(message) }.from
      for number in 0..<100 {
        #expect(listener.send([UInt8](repeating: UInt8(number), count: 10_000), to: id) == .sent)
      }
      let isAlone = listener.settle(withinMilliseconds: patienceMilliseconds)
      #expect(isAlone)
      join()
      #expect(received.load(ordering: .relaxed) == 100)
    }
  }

  @Test("settling waits for peers to close, and no longer than it was told")
  func settling() throws {
    try pair { listener, connection in
      _ = connection.send([1])
      _ = try eventually("hello") { listener.nextMessage(message) }
      #expect(listener.connectionCount == 1)
      let start = milliseconds()
      let isAlone = listener.settle(withinMilliseconds: 50)
      #expect(!isAlone && milliseconds() - start >= 50)
      connection = try Connection(
        try Context(), to: .ipc(path: "/nowhere"), as: RoutingID(high: 1, low: 1),
        lingerMilliseconds: 0)
      let isDeserted = listener.settle(withinMilliseconds: patienceMilliseconds)
      #expect(isDeserted)
    }
  }

  @Test(
    "an address is free as soon as its listener and its context are gone", arguments: [false, true])
  func rebinding(isSecured: Bool) throws {
    try withFolder { folder in
      var endpoint = isSecured ? loopback : Endpoint.ipc(path: "\(folder)/socket")
      for round in 0..<20 {
        let context = try Context()
        var listener = try Listener(
          context, at: endpoint, keys: isSecured ? keys : nil, admitted: [keys.publicKey])
        endpoint = listener.endpoint
        let connection = try Connection(
          context, to: endpoint, as: RoutingID(high: 1, low: UInt64(round)),
          keys: isSecured ? .init(own: keys, server: keys.publicKey) : nil, lingerMilliseconds: 0)
        _ = connection.send([1])
        _ = try eventually("hello") { listener.nextMessage(message) }
      }
    }
  }

  @Test("messages of up to 16 MiB arrive whole, plain and with CURVE", arguments: [false, true])
  func longMessages(isSecured: Bool) throws {
    try withFolder { folder in
      let context = try Context()
      let endpoint = isSecured ? loopback : Endpoint.ipc(path: "\(folder)/socket")
      var listener = try Listener(
        context, at: endpoint, keys: isSecured ? keys : nil, admitted: [keys.publicKey])
      let connection = try Connection(
        context, to: listener.endpoint, as: RoutingID(high: 1, low: 1),
        keys: isSecured ? .init(own: keys, server: keys.publicKey) : nil, lingerMilliseconds: 0)
      for byteCount in [0, 1, 29, 255, 256, 8191, 8192, 1 << 20, 16 << 20] {
        var sent = [UInt8](repeating: 0x5a, count: byteCount)
        for place in stride(from: 0, to: byteCount, by: 4093) {
          sent[place] = UInt8(truncatingIfNeeded: place >> 9)
        }
        #expect(connection.send(sent) == .sent)
        let got = try eventually("\(byteCount) bytes") { listener.nextMessage(message) }
        let isSame = got.bytes == sent
        #expect(isSame)
        #expect(listener.send(sent, to: got.from) == .sent)
        _ = try eventually("\(byteCount) bytes back") {
          connection.receive(into: message) == .message ? true : nil
        }
        let isSameBack = message.copyBytes() == sent
        #expect(isSameBack)
      }
    }
  }

  @Test("a message beyond the limit ends the connection it came by, and no other")
  func tooLong() throws {
    let context = try Context()
    var listener = try Listener(
      context, at: loopback, keys: keys, admitted: [keys.publicKey], messageByteCountLimit: 10_000)
    func attempt(_ number: UInt64) throws -> Connection {
      try Connection(
        context, to: listener.endpoint, as: RoutingID(high: 1, low: number),
        keys: .init(own: keys, server: keys.publicKey), lingerMilliseconds: 0)
    }
    let good = try attempt(1)
    var bad = try attempt(2)
    _ = good.send([1])
    _ = try eventually("the good one") { listener.nextMessage(message) }
    _ = bad.send([UInt8](repeating: 0, count: 10_000))
    _ = try eventually("the longest") { listener.nextMessage(message) }
    #expect(bad.nextEvent() == .established)
    _ = bad.send([UInt8](repeating: 0, count: 11_000))
    let end = try eventually("the end") {
      while listener.nextMessage(message) != nil { Issue.record("it came in") }
      return bad.nextEvent()
    }
    #expect(end == .lost(reason: "the connection was lost"))
    _ = good.send([3])
    #expect(try eventually("the good one") { listener.nextMessage(message) }.bytes == [3])
  }

  @Test("messages of several frames, or under no id of ours, are dropped whole")
  func oddShapes() throws {
    try withFolder { folder in
      let context = try Context()
      let listener = try Listener(context, at: .ipc(path: "\(folder)/socket"))
      let odd = try Socket(context, .dealer)
      try odd.connect(to: listener.endpoint)
      var options = SocketOptions()
      options.routingID = RoutingID(high: 1, low: 1)
      let known = try Socket(context, .dealer, options)
      try known.connect(to: listener.endpoint)
      let frame = [UInt8](repeating: 7, count: 50)
      func send(_ socket: borrowing Socket, frames: Int) {
        for place in 1...frames {
          let result = frame.withUnsafeBytes { socket.sendFrame($0, more: place < frames) }
          #expect(result == .sent)
        }
      }
      send(odd, frames: 1)
      send(odd, frames: 3)
      send(known, frames: 2)
      send(known, frames: 5)
      send(known, frames: 1)
      var foreign = 0
      let deadline = milliseconds() + patienceMilliseconds
      var messages = 0
      while foreign < 4 || messages < 1, milliseconds() < deadline {
        switch listener.receive(into: message) {
        case .nothing: usleep(1000)
        case .foreign: foreign += 1
        case .message(let id):
          messages += 1
          #expect(id == RoutingID(high: 1, low: 1))
          #expect(message.byteCount == 50)
        }
      }
      #expect(foreign == 4)
      #expect(messages == 1)
      #expect(listener.receive(into: message) == .nothing)
    }
  }
}
