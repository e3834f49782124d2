import Host
import Runtime
import SweepModel
import TestSupport
import Testing

@Suite("Frames between a worker and its child")
struct ChildFrameTests {
  @Test("frames come out whole, however the pipe cuts them")
  func pieces() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(seed: seed)
    var stream: [UInt8] = []
    var wanted: [(UInt32, [UInt8])] = []
    for kind in UInt32(0)..<200 {
      let payload = (0..<Int.random(in: 0...3000, using: &random)).map {
        UInt8(truncatingIfNeeded: $0)
      }
      ChildFrame.header(kind, payload.count, into: &stream)
      stream += payload
      wanted.append((kind, payload))
    }
    let pipe = try Pipe()
    try pipe.readEnd.setNonblocking(true)
    var reader = FrameReader(capacity: 64)
    var sent = 0
    var found: [(UInt32, [UInt8])] = []
    while found.count < wanted.count {
      let end = min(stream.count, sent + Int.random(in: 1...5000, using: &random))
      try pipe.writeEnd.writeAll(Array(stream[sent..<end]))
      sent = end
      while case .bytes = try reader.fill(from: pipe.readEnd) {}
      while case .frame(let kind, let payload) = reader.next() {
        found.append((kind, reader.withPayload(payload) { [UInt8]($0) }))
      }
      if sent == stream.count && found.count < wanted.count {
        Issue.record("\(found.count) of \(wanted.count) frames, seed \(seed)")
        return
      }
    }
    for (one, other) in zip(found, wanted) {
      #expect(one.0 == other.0 && one.1 == other.1, "seed \(seed)")
    }
  }

  @Test("a length that no frame has is told as broken")
  func broken() throws {
    let pipe = try Pipe()
    try pipe.readEnd.setNonblocking(true)
    try pipe.writeEnd.writeAll([1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF])
    var reader = FrameReader()
    _ = try reader.fill(from: pipe.readEnd)
    #expect(reader.next() == .broken)
  }

  @Test("a batch comes back as it was, and nothing else is taken for one")
  func batches() {
    let batch = ChildFrame.Batch(
      worker: 7, attempt: 2, recalls: 3,
      runs: [UnitRun(first: 5, count: 9), UnitRun(first: 1 << 60, count: 1)])
    var bytes: [UInt8] = []
    ChildFrame.encode(batch, into: &bytes)
    let payload = Array(bytes[ChildFrame.headerByteCount...])
    #expect(payload.withUnsafeBytes { ChildFrame.decodeBatch($0) } == batch)
    for count in 0..<payload.count where count < 12 || (count - 12) % 16 != 0 {
      #expect(payload.prefix(count).withUnsafeBytes { ChildFrame.decodeBatch($0) } == nil)
    }
    for bad in [
      UnitRun(first: -1, count: 1), UnitRun(first: 0, count: 0), UnitRun(first: .max, count: 1),
    ] {
      var runs: [UInt8] = []
      ChildFrame.append([bad], to: &runs)
      #expect(runs.withUnsafeBytes { ChildFrame.decodeRuns($0) } == nil)
    }
  }
}
