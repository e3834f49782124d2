import Shards
import SweepModel
import TestSupport
import Testing

@Suite struct RecoveryTests {
  private static let unitCount: Int64 = 100

  private static func scan(_ bytes: [UInt8], pieceByteCount: Int? = nil) throws
    -> (ShardScan.Result, [UnitIndex])
  {
    var scan = ShardScan(header: try Rows.header(), layout: Rows.layout, unitCount: unitCount)
    var units: [UnitIndex] = []
    var place = 0
    bytes.withUnsafeBytes { bytes in
      while true {
        let end = min(bytes.count, place + (pieceByteCount ?? bytes.count))
        let piece = UnsafeRawBufferPointer(rebasing: bytes[place..<end])
        let consumed = scan.read(piece) { found in
          var row = 0
          for run in found.runs {
            #expect(run.firstRow == row)
            for unit in run.units.first..<run.units.end {
              #expect(
                Rows.codec.unit(
                  of: UnsafeRawBufferPointer(
                    rebasing: found.rows[row * Rows.byteCount..<(row + 1) * Rows.byteCount]))
                  == unit)
              units.append(unit)
              row += 1
            }
          }
          #expect(row * Rows.byteCount == found.rows.count)
        }
        if consumed == 0 { break }
        place += consumed
      }
    }
    return (scan.finished(fileByteCount: Int64(bytes.count)), units)
  }

  @Test("a tail torn at any byte costs the rows it tore and no other")
  func tornTails() throws {
    let header = try Rows.header()
    let bytes = header.bytes + Rows.rows(0..<4)
    for length in 0...bytes.count {
      let (result, units) = try Self.scan(Array(bytes[..<length]))
      let whole = max(0, length - header.byteCount) / Rows.byteCount
      #expect(units == Array(0..<Int64(whole)))
      #expect(result.rowCount == Int64(whole))
      #expect(result.corruptRowCount == 0)
      #expect(result.header == (length < header.byteCount ? .short : .ours))
      let kept = length < header.byteCount ? 0 : header.byteCount + whole * Rows.byteCount
      #expect(result.tornByteCount == Int64(length - kept))
      // Zeros after the tear, as a file system leaves them, change nothing.
      if length >= header.byteCount {
        let (padded, again) = try Self.scan(
          Array(bytes[..<length]) + [UInt8](repeating: 0, count: 3 * Rows.byteCount))
        #expect(again == units && padded.corruptRowCount == 0)
      }
    }
  }

  @Test("a flipped bit anywhere in a row costs exactly that row")
  func corruptRows() throws {
    let header = try Rows.header()
    let bytes = header.bytes + Rows.rows(0..<4)
    for place in header.byteCount..<bytes.count {
      var bad = bytes
      bad[place] ^= 0x10
      let row = (place - header.byteCount) / Rows.byteCount
      let (result, units) = try Self.scan(bad)
      #expect(units == (0..<4).filter { $0 != row }.map(Int64.init))
      if row < 3 {
        #expect(result.corruptRowCount == 1)
        #expect(result.corruptRows == [Int64(row)..<Int64(row + 1)])
      } else {
        #expect(result.corruptRowCount == 0 && result.tornByteCount == Int64(Rows.byteCount))
      }
    }
  }

  @Test("rows with a right checksum but an impossible unit or status are corrupt")
  func impossibleRows() throws {
    let bytes =
      try Rows.header().bytes + Rows.row(1) + Rows.row(Self.unitCount) + Rows.row(2, status: 999)
      + Rows.row(3)
    let (result, units) = try Self.scan(bytes)
    #expect(units == [1, 3])
    #expect(result.corruptRows == [1..<3])
    #expect(result.rowCount == 2)
  }

  @Test("a damaged header costs nothing, a foreign file gives nothing")
  func headers() throws {
    let header = try Rows.header()
    let rows = Rows.rows(0..<3)
    let zeros = [UInt8](repeating: 0, count: header.byteCount)
    #expect(try Self.scan(zeros + rows).1 == [0, 1, 2])
    #expect(try Self.scan(zeros + rows).0.header == .damaged)
    let other = try NPYHeader(
      layout: RowLayout(
        parameters: [Column("epsilon"), Column("kind", .text(length: 3))], levels: ["replicate"],
        outputs: [Column("q"), Column("phase", .int32), Column("histogram", shape: [3])]))
    #expect(other.byteCount == header.byteCount)
    let (result, units) = try Self.scan(other.bytes + rows)
    #expect(units.isEmpty && result.header == .foreign && result.rowCount == 0)
    // A count that lies is not believed.
    #expect(try Self.scan(header.bytes(rows: 1_000_000) + rows).1 == [0, 1, 2])
  }

  @Test("pieces of any size give the same", arguments: 0..<20)
  func pieces(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let header = try Rows.header()
    var bytes = header.bytes
    for _ in 0..<40 {
      bytes += Rows.row(.random(in: 0..<Self.unitCount, using: &random))
      if Int.random(in: 0..<6, using: &random) == 0 {
        bytes[bytes.count - Int.random(in: 1...Rows.byteCount, using: &random)] ^= 1
      }
    }
    bytes += [1, 2, 3]
    let whole = try Self.scan(bytes)
    for _ in 0..<10 {
      let size =
        max(header.byteCount, Rows.byteCount) + Int.random(in: 0..<500, using: &random)
      let pieced = try Self.scan(bytes, pieceByteCount: size)
      #expect(pieced == whole, "seed \(seed), pieces of \(size)")
    }
  }

  @Test("random bytes after the header are never rows and never trap", arguments: 0..<50)
  func garbage(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let bytes = (0..<2000).map { _ in UInt8.random(in: 0...255, using: &random) }
    let (result, units) = try Self.scan(try Rows.header().bytes + bytes)
    #expect(units.isEmpty && result.rowCount == 0)
  }

  @Test("the done-set tells final rows from others, whatever the order of the shards")
  func doneSet() throws {
    let header = try Rows.header()
    let first =
      header.bytes + Rows.rows(0..<10) + Rows.row(20, status: 204) + Rows.row(21, status: 100)
    let second = header.bytes + Rows.row(20) + Rows.rows(5..<12) + Rows.row(22, status: 1)
    let shards = [
      (ShardName(epoch: 1, number: 1), first), (ShardName(epoch: 2, number: 1), second),
    ]
    for order in [shards, shards.reversed()] {
      var recovery = Recovery(unitCount: Self.unitCount)
      for (name, bytes) in order {
        bytes.withUnsafeBytes {
          recovery.add(shard: name, bytes: $0, header: header, layout: Rows.layout)
        }
      }
      #expect(recovery.ended.count == 15)
      #expect(recovery.final.count == 14)
      #expect(recovery.failedCount == 1)
      #expect(recovery.rowCount == 21)
      #expect(recovery.final.contains(20) && !recovery.final.contains(21))
      #expect(recovery.highestWorker == 1)
      #expect(recovery.remarks.isEmpty)
    }
  }

  @Test("deaths are counted over epochs, each once, and only those that count")
  func deaths() {
    func line(_ position: UInt64, _ unit: UnitIndex, counted: Bool = true, worker: Int32 = 1)
      -> [UInt8]
    {
      FailureRecord(
        position: position, unit: unit, attempt: 0, worker: worker,
        event: .death(counted: counted), cause: "signal 11", detail: "line\nline"
      ).line
    }
    let verdict = FailureRecord(
      position: 9, unit: 6, attempt: 3, worker: -1, event: .verdict(.died), cause: "died thrice")
    var recovery = Recovery(unitCount: Self.unitCount)
    recovery.add(
      failures: FailuresName(epoch: 1, number: 1),
      bytes: line(1, 5) + line(2, 6, counted: false) + line(3, 7) + verdict.line)
    // After a failed sync the same lines stand in the next file of the epoch, too.
    recovery.add(failures: FailuresName(epoch: 1, number: 2), bytes: line(3, 7) + line(4, 7))
    recovery.add(
      failures: FailuresName(epoch: 2, number: 1),
      bytes: Array("garbage\n".utf8) + line(1, 5, worker: 44) + line(5, 1000)
        + line(2, 5).dropLast())
    #expect(recovery.deaths == [UnitDeaths(unit: 5, count: 2), UnitDeaths(unit: 7, count: 2)])
    #expect(recovery.badLineCount == 2)
    #expect(recovery.highestWorker == 44)
    #expect(FailureRecord(line: verdict.line.dropLast()) == verdict)
  }

  @Test("after a crash at any moment every acknowledged row is found again", arguments: 0..<40)
  func crashes(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let header = try Rows.header()
    let rotation = UInt64(header.byteCount + 7 * Rows.byteCount)
    for crash in 1..<60 {
      var trial = try JournalTrial(rotationByteCount: rotation)
      trial.start()
      while trial.operationCount < crash, trial.stopped == nil {
        if trial.pending == nil || Bool.random(using: &random) {
          trial.take(
            .append(
              rows: Int.random(in: 0..<5, using: &random),
              lines: Int.random(in: 0..<2, using: &random)))
        }
        if Int.random(in: 0..<12, using: &random) == 0 {
          trial.faults[trial.operationCount] = Bool.random(using: &random) ? .error : .short
        }
        trial.work()
      }
      var recovery = Recovery(unitCount: 1000)
      for file in trial.disk.order {
        let tear = Int.random(in: 0..<3, using: &random)
        let survivor = trial.disk.afterCrash(file) { _ in
          tear == 0 || (tear == 1 && Bool.random(using: &random))
        }
        guard case .shard(let name) = file, let bytes = survivor else { continue }
        bytes.withUnsafeBytes {
          recovery.add(shard: name, bytes: $0, header: header, layout: Rows.layout)
        }
      }
      var unit: UnitIndex = 0
      for entry in trial.entries {
        let count = Int64(entry.rows.range.count / Rows.byteCount)
        if entry.position <= trial.durable {
          #expect(
            recovery.final.absentCount(in: UnitRun(first: unit, count: count)) == 0,
            "seed \(seed), crash after \(crash) operations")
        }
        unit += count
      }
      #expect(recovery.ended.count <= trial.nextUnit)
    }
  }
}
