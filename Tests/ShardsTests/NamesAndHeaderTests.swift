import Shards
import SweepModel
import Testing

@Suite struct NamesAndHeaderTests {
  @Test("names of shards and failure files read back, and others are none")
  func names() {
    let name = ShardName(epoch: 3, number: 12)
    #expect(name.fileName == "0003-0012.npy")
    #expect(ShardName(fileName: name.fileName) == name)
    let large = ShardName(epoch: .max, number: .max)
    #expect(ShardName(fileName: large.fileName) == large)
    for other in [
      "", ".npy", "1.npy", "1-.npy", "-1.npy", "0-1.npy", "1-0.npy", "1-2-3.npy", "a-1.npy",
      "1-2.npz", "1-2.npy.tmp", "+1-2.npy", "4294967296-1.npy", "1-2.json", "１-2.npy",
    ] {
      #expect(ShardName(fileName: other) == nil, "\(other)")
    }
    for name in [FailuresName(epoch: 2, number: 1), FailuresName(epoch: 2, number: 3)] {
      #expect(FailuresName(fileName: name.fileName) == name)
    }
    #expect(FailuresName(epoch: 2, number: 1).fileName == "0002.jsonl")
    #expect(FailuresName(fileName: "x.jsonl") == nil)
    #expect(FailuresName(fileName: "1-2-3.jsonl") == nil)
  }

  @Test("a header keeps its length whatever it counts")
  func header() throws {
    let header = try Rows.header()
    #expect(header.byteCount % 64 == 0)
    for rows: Int64 in [0, 1, 999, .max] {
      let bytes = header.bytes(rows: rows)
      #expect(bytes.count == header.byteCount)
      bytes.withUnsafeBytes {
        #expect(header.matches($0))
        #expect(header.count(in: $0) == rows)
      }
    }
    var other = header.bytes
    other[60] ^= 1
    other.withUnsafeBytes { #expect(!header.matches($0)) }
    header.bytes.dropLast().withUnsafeBytes { #expect(!header.matches($0)) }
  }

  @Test("a schema that is too wide for NumPy is refused with the reason")
  func tooWide() {
    let columns = (0..<400).map { Column("a_column_with_a_name_\($0)") }
    let refusal = #expect(throws: NPYHeaderRefusal.self) { try NPYHeader(columns: columns) }
    #expect(refusal?.description.contains("8192 is the most") == true)
    #expect(throws: NPYHeaderRefusal.name("it's")) { try NPYHeader(columns: [Column("it's")]) }
  }
}
