import Host
import RunFolder
import Shards
import SweepModel
import TestSupport
import Testing

/// Run directories of every format there has been, kept for ever: each must be read as it was meant.
///
/// v1: a run that was killed after eleven rows and continued, with a remark (unit 9, NaN), a failure
/// (unit 7), a quarantine after deaths in both epochs (unit 5), and a tail torn by hand.
@Suite struct FormatsTests {
  private static let folder = RunFolder(
    FileSystem.parentDirectory(#filePath) + "/Formats/v1/small")

  @Test("version 1 is read as it was written")
  func version1() throws {
    let folder = Self.folder
    let schema = try folder.open()
    #expect(schema.name == "small" && schema.solver == "null" && schema.solverVersion == 1)
    #expect(schema.runText == "36140ba6b8721a29fe92c799030aa4f4")
    #expect(
      schema.layout.fields.map(\.column.name) == [
        "unit", "index", "sleep_milliseconds", "crash_unit", "error_unit", "nan_unit", "replicate",
        "draw", "status", "attempt", "worker", "wall_seconds", "crc",
      ])
    // What is written today is what was written then.
    #expect(try schema.json.line == FileSystem.readFile(folder.schemaFile))

    let run = try folder.recover(layout: schema.layout, unitCount: 40)
    #expect(run.recovery.ended.isFull && run.recovery.rowCount == 40)
    #expect(run.recovery.final.count == 38 && run.recovery.failedCount == 2)
    #expect(!run.recovery.final.contains(5) && !run.recovery.final.contains(7))
    #expect(run.recovery.deaths == [UnitDeaths(unit: 5, count: 3)])
    #expect(run.recovery.highestWorker == 1)
    #expect(run.remarks == [.tornTail(ShardName(epoch: 1, number: 1), byteCount: 37)])
    #expect(folder.failures(of: [7]).map(\.cause) == ["unit 7 was told to fail"])

    #expect(try folder.highestEpoch() == 2)
    #expect(folder.epochRecord(1)?.processID == 16844)
    let status = try folder.status()
    #expect(status.state == .complete && status.epoch == 2 && status.ended == 40)
    #expect(folder.summary(of: ShardName(epoch: 2, number: 1))?.rows == 29)
    #expect(try !folder.sweepBytes().isEmpty)
  }

  @Test("NumPy loads the shards of version 1")
  func numPy() throws {
    let script = """
      import numpy as np
      for f in sys.argv[1:]: print(len(np.load(f, mmap_mode='r')), np.load(f)['unit'].sum())
      """
    let files = try Self.folder.shardNames().map { Self.folder.shardFile($0) }
    #expect(try Python.run(script, files) == "11 62\n29 718\n")
  }
}
