import Scheduling
import SweepModel
import TestSupport
import Testing
import Wire

/// The seed of every random test here; a failure prints it with the round.
let seed: UInt64 = 20_261_124

@Suite struct RoundTripTests {
  @Test("worker messages of every kind come back as they were", arguments: 0..<9)
  func worker(kind: Int) throws {
    var messages = RandomMessages(seed: seed &+ UInt64(kind))
    var buffer: [UInt8] = []
    for round in 0..<300 {
      let message = messages.worker(kind)
      buffer.removeAll(keepingCapacity: true)
      WireFormat.encode(message, into: &buffer)
      let decoded = try WireFormat.decodeWorkerMessage(buffer)
      #expect(decoded == message, "seed \(seed) kind \(kind) round \(round)")
      #expect(WireFormat.encode(decoded) == buffer, "one message, one encoding")
    }
  }

  @Test("coordinator messages of every kind come back as they were", arguments: 0..<8)
  func coordinator(kind: Int) throws {
    var messages = RandomMessages(seed: seed &+ 100 &+ UInt64(kind))
    var buffer: [UInt8] = []
    for round in 0..<300 {
      let message = messages.coordinator(kind)
      buffer.removeAll(keepingCapacity: true)
      WireFormat.encode(message, into: &buffer)
      let decoded = try WireFormat.decodeCoordinatorMessage(buffer)
      #expect(decoded == message, "seed \(seed) kind \(kind) round \(round)")
      #expect(WireFormat.encode(decoded) == buffer, "one message, one encoding")
    }
  }

  @Test("a message is read at any alignment, and encoded behind what stands in the buffer")
  func alignment() throws {
    var messages = RandomMessages(seed: seed &+ 200)
    for kind in 0..<RandomMessages.workerKinds {
      let message = messages.worker(kind)
      for offset in 0..<9 {
        var buffer = [UInt8](repeating: 0xaa, count: offset)
        WireFormat.encode(message, into: &buffer)
        let decoded = try buffer.withUnsafeBufferPointer { bytes throws(WireFailure) in
          try WireFormat.decodeWorkerMessage(
            UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[offset...]))
        }
        #expect(decoded == message)
      }
    }
  }

  @Test("a piece cut from the description equals the message with its bytes")
  func pieces() throws {
    let description = (0..<2500).map { UInt8(truncatingIfNeeded: $0) }
    var put: [UInt8] = []
    for index in 0..<4 {
      var buffer: [UInt8] = []
      WireFormat.encodePiece(
        UInt32(index), of: description, pieceByteCount: 1000, into: &buffer)
      guard
        case .piece(let number, let bytes) = try WireFormat.decodeCoordinatorMessage(buffer)
      else {
        Issue.record("no piece")
        return
      }
      #expect(number == UInt32(index))
      #expect(bytes.count == [1000, 1000, 500, 0][index])
      put += bytes
    }
    #expect(put == description)
  }

  @Test("a long text is cut between two characters")
  func longText() throws {
    for filler in ["x", "é", "汉", "🦆"] {
      for lead in 0..<5 {
        let reason = String(repeating: "-", count: lead) + String(repeating: filler, count: 5000)
        let bytes = WireFormat.encode(WorkerMessage.leaving(reason: reason))
        guard case .leaving(let cut) = try WireFormat.decodeWorkerMessage(bytes) else {
          Issue.record("another kind")
          return
        }
        #expect(reason.hasPrefix(cut))
        #expect(cut.utf8.count <= Limits.reasonByteCount)
        #expect(cut.utf8.count > Limits.reasonByteCount - 4)
      }
    }
  }

  @Test("remaining seconds that are no number or endless arrive as numbers")
  func seconds() throws {
    for (sent, arrived) in [(Double.nan, -1.0), (.infinity, 1e9), (-.infinity, -1e9), (7, 7)] {
      let beat = WorkerBeat(busySlots: 0, openSlots: 0, remainingSeconds: sent)
      let decoded = try WireFormat.decodeWorkerMessage(WireFormat.encode(.beat(beat)))
      #expect(
        decoded == .beat(WorkerBeat(busySlots: 0, openSlots: 0, remainingSeconds: arrived)))
    }
  }
}
