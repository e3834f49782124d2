import Scheduling
import SweepModel
import TestSupport
import Testing
import Wire

/// Whatever comes in, decoding ends with a message or a failure; and a message that came out encodes
/// to the very bytes that came in, so that nothing was overlooked.
@Suite struct HostileBytesTests {
  /// The bytes of every kind of message, from both sides.
  static func samples(seed: UInt64) -> [[UInt8]] {
    var messages = RandomMessages(seed: seed)
    return (0..<RandomMessages.workerKinds).map { WireFormat.encode(messages.worker($0)) }
      + (0..<RandomMessages.coordinatorKinds).map { WireFormat.encode(messages.coordinator($0)) }
  }

  /// - Returns: whether it is a message.
  @discardableResult
  static func feed(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if let message = try? WireFormat.decodeWorkerMessage(bytes) {
      if case .hello(let hello) = message, hello.protocolVersion != Limits.protocolVersion {
        return true
      }
      let again = WireFormat.encode(message)
      #expect(again.elementsEqual(bytes), "\(message)")
      return true
    }
    if let message = try? WireFormat.decodeCoordinatorMessage(bytes) {
      let again = WireFormat.encode(message)
      // A refusal is read in every version.
      #expect(again.dropFirst(6).elementsEqual(bytes.dropFirst(6)), "\(message)")
      return true
    }
    return false
  }

  @discardableResult
  static func feed(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { feed($0) } }

  @Test("no part of a message, cut anywhere, is a message")
  func truncations() {
    for round in 0..<10 {
      for sample in Self.samples(seed: seed &+ UInt64(round)) {
        sample.withUnsafeBytes { bytes in
          #expect(Self.feed(bytes))
          for count in 0..<bytes.count {
            let isMessage = Self.feed(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            #expect(!isMessage, "seed \(seed) round \(round): \(count) of \(bytes.count) bytes")
          }
        }
      }
    }
  }

  @Test("bytes after the end are refused")
  func trailing() {
    for sample in Self.samples(seed: seed) {
      for extra in [1, 2, 16, 1000] {
        #expect(!Self.feed(sample + [UInt8](repeating: 0, count: extra)))
      }
    }
  }

  @Test("each byte, changed in each bit and to the extremes, gives a message or a failure")
  func mutations() {
    for round in 0..<3 {
      for var sample in Self.samples(seed: seed &+ UInt64(round)) {
        for place in sample.indices {
          let original = sample[place]
          for changed in (0..<8).map({ original ^ (1 << $0) }) + [0, 1, 0x7f, 0x80, 0xff] {
            sample[place] = changed
            Self.feed(sample)
          }
          sample[place] = original
        }
      }
    }
  }

  @Test("random bytes, bare and behind a good header, give a message or a failure")
  func noise() {
    var random = SplitMix64(seed: seed)
    let headers = Self.samples(seed: seed).map { Array($0.prefix(8)) }
    for round in 0..<20_000 {
      let noise = (0..<Int(random.next() % 200)).map { _ in UInt8(truncatingIfNeeded: random.next())
      }
      Self.feed(noise)
      // Small numbers are likelier to be plausible lengths.
      let tame = noise.map { $0 % 3 == 0 ? $0 : 0 }
      Self.feed(headers[round % headers.count] + noise)
      Self.feed(headers[round % headers.count] + tame)
    }
  }

  @Test("several changes at once, and messages spliced together, give a message or a failure")
  func splices() {
    var random = SplitMix64(seed: seed &+ 7)
    let samples = Self.samples(seed: seed)
    for _ in 0..<20_000 {
      var bytes = samples[Int(random.next() % UInt64(samples.count))]
      let other = samples[Int(random.next() % UInt64(samples.count))]
      for _ in 0..<random.next() % 4 {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      if random.next() % 2 == 0 {
        let cut = Int(random.next() % UInt64(bytes.count + 1))
        bytes = Array(bytes[..<cut]) + Array(other.dropFirst(cut))
      }
      Self.feed(bytes)
    }
  }
}
