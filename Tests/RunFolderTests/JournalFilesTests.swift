import Host
import RunFolder
import Shards
import SweepModel
import TestSupport
import Testing

@Suite struct JournalFilesTests {
  @Test("NumPy loads a shard at any time, also while it grows")
  func numPyLoads() throws {
    let runs = try Runs()
    var driver = try Driver(runs.folder)
    driver.start()
    #expect(driver.claimed == 1)
    driver.append(Runs.rows(0..<5))
    #expect(driver.durable == 1)
    let file = runs.folder.shardFile(ShardName(epoch: 1, number: 1))
    let script = """
      import numpy as np
      a = np.load(sys.argv[1], mmap_mode='r')
      print(a.shape, a.dtype.names, a['curve'].shape)
      print(a['unit'].tolist(), a['kind'][0], a['q'].sum(), a['curve'][1].tolist())
      """
    #expect(
      try Python.run(script, [file]) == """
        (5,) ('unit', 'sigma2', 'kind', 'replicate', 'q', 'phase', 'curve', 'status', 'attempt', \
        'worker', 'wall_seconds', 'crc') (5, 2, 3)
        [0, 1, 2, 3, 4] full 10.0 [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]

        """)
    driver.append(Runs.rows(5..<7))
    // Bytes after the counted rows, as a crash leaves them.
    let shard = try FileSystem.open(file, .append)
    try shard.writeAll([1, 2, 3])
    let counted = try Python.run(
      "import numpy as np; print(len(np.load(sys.argv[1])), np.load(sys.argv[1])['unit'].sum())",
      [file])
    #expect(counted == "7 21\n")
  }

  @Test("what was durable is recovered by the next epoch, over rotations and many slices")
  func recover() throws {
    let runs = try Runs()
    do {
      var driver = try Driver(runs.folder, rotationByteCount: 20_000)
      driver.start()
      for first in stride(from: Int64(0), to: 300, by: 3) {
        driver.append(Runs.rows(first..<first + 3))
      }
      // Large slices take the way without a copy.
      driver.append(Runs.rows(300..<900))
      driver.append(
        Runs.row(950, status: 204),
        line: FailureRecord(
          position: driver.position + 1, unit: 950, attempt: 2, worker: 9,
          event: .death(counted: true), cause: "signal 11"
        ).line)
      driver.stop()
      #expect(driver.stopped == .requested)
      #expect(driver.durable == 102)
    }
    let run = try runs.folder.recover(layout: Runs.layout, unitCount: 1000)
    try runs.folder.synchronise(run)
    #expect(run.recovery.ended.count == 901)
    #expect(run.recovery.final.count == 900)
    #expect(run.recovery.rowCount == 901)
    #expect(run.recovery.highestWorker == 9)
    #expect(run.recovery.deaths == [UnitDeaths(unit: 950, count: 1)])
    #expect(run.remarks.isEmpty)
    #expect(run.shards.count > 2)
    for shard in run.shards {
      #expect(runs.folder.summary(of: shard.name)?.rows == shard.result.rowCount)
      #expect(shard.result.headerCount == shard.result.rowCount)
    }
    #expect(runs.folder.failures(of: [950]).map(\.cause) == ["signal 11"])
    var next = try Driver(runs.folder)
    // The first epoch's process is this one, which lives.
    next.start(takeOver: true)
    #expect(next.claimed == 2)
  }

  @Test("damage of every kind is remarked, and the rest is recovered")
  func damage() throws {
    let runs = try Runs()
    let header = try NPYHeader(layout: Runs.layout)
    let folder = runs.folder.shardsFolder
    func write(_ name: String, _ bytes: [UInt8]) throws {
      try FileSystem.replaceFile(folder + "/" + name, with: bytes)
    }
    var corrupt = header.bytes(rows: 3) + Runs.rows(0..<3)
    corrupt[header.byteCount + Runs.layout.byteCount + 20] ^= 1
    try write("0001-0001.npy", corrupt)
    try write("0001-0002.npy", header.bytes + Runs.rows(3..<5).dropLast(1))
    let other = try NPYHeader(
      layout: RowLayout(parameters: [], levels: [], outputs: [Column("x")]))
    try write("0002-0001.npy", other.bytes + Runs.rows(5..<7))
    try write("0002-0002.npy", [])
    try write("0002-0003.npy", [UInt8](repeating: 0, count: header.byteCount) + Runs.rows(7..<8))
    try write("0003-0001.npy", header.bytes + Runs.rows(8..<10))
    try write("0003-0001.json", Array("{\"format\":1,\"rows\":5,\"bytes\":999}\n".utf8))
    try FileSystem.makeDirectory(folder + "/0004-0001.npy")
    try write("notes.txt", [1])
    let run = try runs.folder.recover(layout: Runs.layout, unitCount: 100)
    var found: [UnitIndex] = []
    run.recovery.final.forEachPresent(in: run.recovery.final.universe) { units in
      found += units.first..<units.end
    }
    #expect(found == [0, 2, 3, 7, 8, 9])
    func name(_ epoch: UInt32, _ number: UInt32) -> ShardName {
      ShardName(epoch: epoch, number: number)
    }
    #expect(
      run.remarks == [
        .corruptRows(name(1, 1), count: 1, first: 1),
        .tornTail(name(1, 2), byteCount: Int64(Runs.layout.byteCount - 1)),
        .foreign(name(2, 1)), .damagedHeader(name(2, 3)),
        .shortened(name(3, 1), sealedRows: 5, foundRows: 2),
        .unreadable(file: "shards/0004-0001.npy", reason: "cannot read: Is a directory"),
      ])
    // Numbers of shards count as used.
    #expect(try runs.folder.highestEpoch() == 4)
  }

  @Test("a run directory that takes no file ends the journal with the reason")
  func unwritable() throws {
    let runs = try Runs()
    var driver = try Driver(runs.folder)
    driver.start()
    driver.append(Runs.rows(0..<1))
    // The epochs can still be listed, but a second failures file cannot be made.
    try FileSystem.removeTree(runs.folder.failuresFolder)
    driver.append([], line: Array("{}\n".utf8))
    guard case .failed(let action, let error) = driver.stopped else {
      Issue.record("ended with \(String(describing: driver.stopped))")
      return
    }
    #expect(action == "create failures/0001-0003.jsonl")
    #expect(error.text == "No such file or directory")
    #expect(driver.durable == 1)
  }
}
