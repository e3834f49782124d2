import Host
import Reports
import RunFolder
import Shards
import SweepModel
import TestSupport
import Testing

@Suite struct VerifyTests {
  @Test("a complete run with torn tails and equal repeats is clean")
  func clean() throws {
    let trial = try Trial(unitCount: 50)
    try trial.write(epoch: 1, number: 1, (0..<30).map { Trial.row($0) }, tail: [1, 2, 3])
    try trial.write(
      epoch: 2, number: 1,
      (20..<50).map { Trial.row($0, attempt: 1, worker: 5) } + [Trial.row(3, status: 204)])
    let report = try Verify.verify(trial.contents)
    #expect(report.isClean)
    #expect(report.rowCount == 61 && report.repeatCount == 11 && report.conflictCount == 0)
    #expect(report.failedCount == 0)
    #expect(report.description.contains("61 rows of 50 of 50 units, all good"))
    #expect(report.description.contains("3 bytes after the last whole row"))
  }

  @Test(
    "repeated final rows that differ anywhere from unit to status are found",
    arguments: [1, 3000, 1 << 20])
  func conflicts(memoryByteCount: Int) throws {
    let trial = try Trial(unitCount: 50)
    try trial.write(epoch: 1, number: 1, (0..<50).map { Trial.row($0) })
    try trial.write(
      epoch: 1, number: 2,
      [Trial.row(10), Trial.row(11, q: 9), Trial.row(12, status: 1), Trial.row(13, status: 100)])
    let report = try Verify.verify(trial.contents, memoryByteCount: memoryByteCount)
    #expect(!report.isClean)
    #expect(report.repeatCount == 4 && report.conflictCount == 2)
    let shard = ShardName(epoch: 1, number: 2)
    #expect(
      report.conflicts == [
        RowConflict(unit: 11, shard: shard, row: 1), RowConflict(unit: 12, shard: shard, row: 2),
      ])
    #expect(report.description.contains("unit 11"))
  }

  @Test("a corrupt row, a missing unit and a foreign file are faults, each with a sentence")
  func faults() throws {
    func report(_ change: (Trial) throws -> Void) throws -> VerifyReport {
      let trial = try Trial(unitCount: 20)
      try trial.write(epoch: 1, number: 1, (0..<20).map { Trial.row($0) })
      #expect(try Verify.verify(trial.contents).isClean)
      try change(trial)
      return try Verify.verify(trial.contents)
    }
    let corrupt = try report { trial in
      var rows = (0..<20).map { Trial.row($0) }
      rows[5][20] ^= 1
      try trial.write(epoch: 1, number: 1, rows + [Trial.row(5)])
    }
    #expect(!corrupt.isClean && corrupt.missing.count == 0 && corrupt.corruptRowCount == 1)
    #expect(corrupt.description.contains("1 corrupt row, the first in place 5"))
    let missing = try report { try $0.write(epoch: 1, number: 1, (0..<19).map { Trial.row($0) }) }
    #expect(!missing.isClean && missing.description.contains("unit 19 is missing"))
    let foreign = try report {
      let header = try NPYHeader(columns: [Column("x")])
      try FileSystem.replaceFile(
        $0.folder.shardFile(ShardName(epoch: 7, number: 1)), with: header.bytes)
    }
    #expect(!foreign.isClean && foreign.description.contains("other columns"))
  }

  @Test("failed units are counted and are no fault of the files")
  func failed() throws {
    let trial = try Trial(unitCount: 3)
    try trial.write(
      epoch: 1, number: 1, [Trial.row(0), Trial.row(1, status: 100), Trial.row(2, status: 204)])
    let report = try Verify.verify(trial.contents)
    #expect(report.isClean && report.failedCount == 2)
  }
}
