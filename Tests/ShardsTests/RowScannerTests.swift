import Shards
import SweepModel
import TestSupport
import Testing

@Suite struct RowScannerTests {
  private let scanner = RowScanner(layout: Rows.layout, unitCount: 1000)

  @Test("runs cover every row in order, and end where the unit or the finality jumps")
  func runs() {
    let bytes =
      Rows.rows(5..<8) + Rows.row(8, status: 1) + Rows.row(9, status: 100)
      + Rows.row(10, status: 204) + Rows.row(11) + Rows.row(11) + Rows.row(3)
    var runs: [RowRun] = []
    #expect(scanner.scan(bytes, into: &runs) == nil)
    #expect(
      runs == [
        RowRun(units: UnitRun(first: 5, count: 4), firstRow: 0, isFinal: true),
        RowRun(units: UnitRun(first: 9, count: 2), firstRow: 4, isFinal: false),
        RowRun(units: UnitRun(first: 11, count: 1), firstRow: 6, isFinal: true),
        RowRun(units: UnitRun(first: 11, count: 1), firstRow: 7, isFinal: true),
        RowRun(units: UnitRun(first: 3, count: 1), firstRow: 8, isFinal: true),
      ])
    #expect(scanner.scan([], into: &runs) == nil)
    #expect(runs.isEmpty)
  }

  @Test("random batches give the runs of a scan row by row", arguments: 0..<100)
  func random(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var expected: [RowRun] = []
    var bytes: [UInt8] = []
    var unit: UnitIndex = 0
    for row in 0..<Int.random(in: 1..<60, using: &random) {
      unit =
        Int.random(in: 0..<4, using: &random) == 0
        ? UnitIndex.random(in: 0..<1000, using: &random) : min(unit + 1, 999)
      let status: Int16 = Int.random(in: 0..<5, using: &random) == 0 ? 100 : 0
      bytes += Rows.row(unit, status: status)
      if let last = expected.last, last.units.end == unit, last.isFinal == (status == 0) {
        expected[expected.count - 1].units.count += 1
      } else {
        expected.append(
          RowRun(units: UnitRun(first: unit, count: 1), firstRow: row, isFinal: status == 0))
      }
    }
    var runs: [RowRun] = []
    #expect(scanner.scan(bytes, into: &runs) == nil)
    #expect(runs == expected, "seed \(seed)")
  }

  @Test("a batch with anything wrong is refused, and the reason names the row")
  func refusals() {
    let good = Rows.rows(0..<5)
    var runs: [RowRun] = []
    #expect(
      scanner.scan(Array(good.dropLast()), into: &runs)
        == .length(byteCount: good.count - 1, rowByteCount: Rows.byteCount))
    #expect(scanner.scan(good + Rows.row(1000), into: &runs) == .unit(1000, row: 5))
    #expect(scanner.scan(good + Rows.row(-1), into: &runs) == .unit(-1, row: 5))
    #expect(scanner.scan(good + Rows.row(5, status: 300), into: &runs) == .status(300, row: 5))
    #expect(scanner.scan(good + Rows.row(5, status: -1), into: &runs) == .status(-1, row: 5))
    for place in good.indices {
      var bad = good
      bad[place] ^= 4
      #expect(scanner.scan(bad, into: &runs) == .checksum(row: place / Rows.byteCount))
    }
  }

  @Test("rows must be those that were asked for, in that order")
  func expectedUnits() {
    func check(_ units: [UnitIndex], _ expected: [UnitRun]) -> RowFault? {
      var runs: [RowRun] = []
      #expect(scanner.scan(Rows.rows(units), into: &runs) == nil)
      return RowScanner.check(runs, are: expected)
    }
    let expected = [
      UnitRun(first: 3, count: 2), UnitRun(first: 5, count: 2), UnitRun(first: 20, count: 1),
    ]
    #expect(check([], expected) == nil)
    #expect(check([3], expected) == nil)
    #expect(check([3, 4, 5, 6, 20], expected) == nil)
    #expect(check([4], expected) == .unexpected(4, row: 0))
    #expect(check([3, 4, 5, 6, 7], expected) == .unexpected(7, row: 4))
    #expect(check([3, 4, 5, 6, 20, 21], expected) == .unexpected(21, row: 5))
    #expect(check([3, 3], expected) == .unexpected(3, row: 1))
  }

  @Test("the fields of a failed row read back")
  func failedRow() {
    let row = Rows.codec.failedRow(
      unit: 7, parameters: [.real(0.25), .text("full")], levels: [4], status: .died, attempt: 3,
      worker: -1, wallSeconds: 0)
    row.withUnsafeBytes { bytes in
      #expect(Rows.codec.isChecksumRight(bytes))
      #expect(Rows.codec.unit(of: bytes) == 7)
      #expect(Rows.codec.status(of: bytes) == .died)
      #expect(Rows.codec.worker(of: bytes) == -1)
      func value(_ name: String) -> Value? {
        Rows.layout.field(named: name).map {
          RowCodec.load($0.column.type, at: $0.offset, in: bytes)
        }
      }
      #expect(value("sigma2") == .real(0.25))
      #expect(value("kind") == .text("ful"))
      #expect(value("replicate") == .integer(4))
      #expect(value("phase") == .integer(-1))
      #expect(value("q")?.real?.isNaN == true)
      #expect(value("attempt") == .integer(3))
    }
  }
}
