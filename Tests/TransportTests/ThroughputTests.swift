import Testing
import Transport

/// How fast bytes go, printed, not judged: this is a test that both directions under load lose nothing.
@Suite(.serialized) final class ThroughputTests {
  private static let batchByteCount = 128 << 10
  private static let batches = 2000
  private static let window = 16

  @Test("many batches go up and an answer for each comes down", arguments: [false, true])
  func batches(isSecured: Bool) throws {
    try withFolder { folder in
      let keys = CurveKeyPair.generate()
      let context = try Context()
      var listener = try Listener(
        context, at: isSecured ? loopback : .ipc(path: "\(folder)/socket"),
        keys: isSecured ? keys : nil, admitted: [keys.publicKey])
      let connection = try Connection(
        try Context(), to: listener.endpoint, as: RoutingID(high: 1, low: 1),
        keys: isSecured ? .init(own: keys, server: keys.publicKey) : nil, lingerMilliseconds: 0)
      let message = Message()
      var poller = Poller()
      var batch = [UInt8](repeating: 3, count: Self.batchByteCount)
      var sent = 0
      var received = 0
      var answered = 0
      var sum = 0
      let start = milliseconds()
      while answered < Self.batches, milliseconds() < start + 60_000 {
        while sent < Self.batches, sent - answered < Self.window {
          batch[0] = UInt8(truncatingIfNeeded: sent)
          guard connection.send(batch) == .sent else { break }
          sent += 1
        }
        poller.removeAll()
        poller.add(listener)
        poller.add(connection)
        _ = poller.wait(milliseconds: 1000)
        while listener.nextEvent() != nil {}
        while case .message(let id) = listener.receive(into: message) {
          let isNext = message.withBytes {
            $0.count == batch.count && $0[0] == UInt8(received & 255)
          }
          #expect(isNext)
          sum += message.byteCount
          received += 1
          #expect(listener.send([1], to: id) == .sent)
        }
        while connection.receive(into: message) == .message { answered += 1 }
      }
      #expect(answered == Self.batches)
      let elapsed = Double(max(1, milliseconds() - start)) / 1000
      print(
        isSecured ? "CURVE over loopback:" : "ipc:",
        "\(Int(Double(sum) / elapsed / 1e6)) MB/s in batches of \(Self.batchByteCount) bytes")
    }
  }
}
