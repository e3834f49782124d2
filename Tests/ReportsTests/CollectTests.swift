import Host
import Reports
import RunFolder
import Shards
import SweepModel
import TestSupport
import Testing

@Suite struct CollectTests {
  @Test(
    "the table is a function of the rows: not of their order, shards, repeats or workers",
    arguments: 0..<30)
  func determinism(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let unitCount = Int64.random(in: 1...400, using: &random)
    let plain = try Trial(unitCount: unitCount)
    try plain.write(epoch: 1, number: 1, (0..<unitCount).map { Trial.row($0) })
    let whole = try plain.collect()
    #expect(whole.isWritten && whole.rowCount == unitCount && whole.missing.count == 0)

    let messy = try Trial(unitCount: unitCount)
    var rows = (0..<unitCount).map { unit in
      Trial.row(unit, attempt: 1, worker: .random(in: 1...9, using: &random))
    }
    for _ in 0..<Int.random(in: 0...100, using: &random) {
      let unit = Int64.random(in: 0..<unitCount, using: &random)
      rows.append(
        Bool.random(using: &random)
          ? Trial.row(unit, worker: 3) : Trial.row(unit, status: 204, attempt: 3, worker: -1))
    }
    rows.shuffle(using: &random)
    var place = 0
    var shard: UInt32 = 0
    while place < rows.count {
      let end = min(rows.count, place + Int.random(in: 1...150, using: &random))
      shard += 1
      try messy.write(
        epoch: 1 + shard / 3, number: shard, Array(rows[place..<end]),
        tail: Array(Trial.row(0).prefix(Int.random(in: 0..<Trial.layout.byteCount, using: &random)))
      )
      place = end
    }
    for memory in [1, 5_000, 1 << 20] {
      let report = try messy.collect(memoryByteCount: memory)
      #expect(report.isWritten)
      #expect(report.failedCount == 0)
      #expect(report.supersededCount == Int64(rows.count) - unitCount)
      #expect(try messy.bytes() == plain.bytes(), "seed \(seed), memory \(memory)")
    }
  }

  @Test("the first final row counts, else the last one, in the order epoch, shard, place")
  func precedence() throws {
    let trial = try Trial(unitCount: 4)
    try trial.write(
      epoch: 2, number: 1,
      [
        Trial.row(0, q: 5), Trial.row(1, status: 100, attempt: 7), Trial.row(2, q: 6),
        Trial.row(3, status: 205, attempt: 8),
      ])
    try trial.write(
      epoch: 1, number: 2,
      [
        Trial.row(0, q: 2), Trial.row(0, q: 3), Trial.row(1, status: 204, attempt: 2),
        Trial.row(2, status: 100),
      ])
    try trial.write(epoch: 1, number: 1, [Trial.row(0, status: 100), Trial.row(3, status: 204)])
    let report = try trial.collect(bookkeeping: true)
    #expect(report.failedCount == 2)
    #expect(report.firstFailed == [UnitRun(first: 1, count: 1), UnitRun(first: 3, count: 1)])
    let text = try Python.run(
      """
      import numpy as np
      a = np.load(sys.argv[1])
      print(a['q'].tolist(), a['status'].tolist(), a['attempt'].tolist())
      """, [trial.path("table.npy")])
    #expect(text == "[2.0, nan, 6.0, nan] [0, 100, 0, 205] [0, 7, 0, 8]\n")
  }

  @Test("an unfinished run gives nothing unless asked to, and says what is missing")
  func partial() throws {
    let trial = try Trial(unitCount: 100)
    try FileSystem.replaceFile(trial.path("table.npy"), with: [1, 2, 3])
    try trial.write(epoch: 1, number: 1, ([3, 4, 5, 40, 98] as [Int64]).map { Trial.row($0) })
    let refused = try trial.collect()
    #expect(!refused.isWritten && refused.missing.count == 95)
    #expect(
      refused.missing.description == "95 units are missing: 0-2, 6-39, 41-97, 99")
    // What was there before still is.
    #expect(try trial.bytes() == [1, 2, 3])
    let report = try trial.collect(partial: true)
    #expect(report.isWritten && report.rowCount == 5)
    let text = try Python.run(
      "import numpy as np; a = np.load(sys.argv[1]); print(a['unit'].tolist(), a.dtype.names[-1])",
      [trial.path("table.npy")])
    #expect(text == "[3, 4, 5, 40, 98] status\n")
    #expect(
      try FileSystem.list(FileSystem.parentDirectory(trial.path("x"))) == ["run", "table.npy"])
  }

  @Test("what there is of a very large run is collected without visiting the rest")
  func sparse() throws {
    let count: Int64 = 1_000_000_000_000
    let trial = try Trial(unitCount: count)
    let units = [0, 1, 5_000_000, count / 2, count - 1]
    try trial.write(epoch: 1, number: 1, units.map { Trial.row($0) })
    let report = try trial.collect(partial: true)
    #expect(report.isWritten && report.rowCount == 5 && report.missing.count == count - 5)
    let text = try Python.run(
      "import numpy as np; print(np.load(sys.argv[1])['unit'].tolist())", [trial.path("table.npy")])
    #expect(text == "[0, 1, 5000000, 500000000000, 999999999999]\n")
  }

  @Test("units that the sweep leaves out are neither missing nor written")
  func excluded() throws {
    let trial = try Trial(unitCount: 10)
    var excluded = UnitSet(unitCount: 10)
    excluded.insert(UnitRun(first: 2, count: 3))
    trial.excluded = excluded
    try trial.write(epoch: 1, number: 1, (0..<10).filter { $0 < 3 || $0 > 4 }.map { Trial.row($0) })
    let report = try trial.collect()
    #expect(report.isWritten && report.rowCount == 7 && report.missing.count == 0)
    #expect(try Verify.verify(trial.contents).isClean)
  }

  @Test("a run without any row collects to an empty table")
  func empty() throws {
    let trial = try Trial(unitCount: 5)
    #expect(try !trial.collect().isWritten)
    for name in ["table.npy", "table.csv"] {
      let report = try trial.collect(name, partial: true)
      #expect(report.isWritten && report.rowCount == 0)
    }
    #expect(
      try Python.run(
        "import numpy as np; print(np.load(sys.argv[1]).shape)", [trial.path("table.npy")])
        == "(0,)\n")
  }

  @Test(
    "Python reads from the CSV file exactly what NumPy reads from the other",
    arguments: [false, true])
  func csv(bookkeeping: Bool) throws {
    let trial = try Trial(unitCount: 40)
    var rows = (0..<40).map { Trial.row($0, q: $0 == 7 ? .nan : $0 == 8 ? -.infinity : nil) }
    rows[9] = Trial.row(9, q: .leastNonzeroMagnitude)
    rows[10] = Trial.row(10, q: 0.1 + 0.2)
    rows[11] = Trial.row(11, q: -1e300)
    rows[12] = Trial.row(12, status: 101)
    try trial.write(epoch: 1, number: 1, rows)
    _ = try trial.collect("table.npy", bookkeeping: bookkeeping)
    let report = try trial.collect("table.csv", bookkeeping: bookkeeping)
    #expect(report.rowCount == 40)
    let text = try Python.run(
      """
      import csv, numpy as np
      a = np.load(sys.argv[1])
      with open(sys.argv[2], newline='') as f:
        table = list(csv.reader(f))
      flat = []
      for name in a.dtype.names:
        shape = a.dtype[name].shape
        flat += [name + '[' + ','.join(map(str, i)) + ']' for i in np.ndindex(shape)] if shape else [name]
      assert table[0] == flat, table[0]
      assert len(table) == len(a) + 1
      for line, row in zip(table[1:], a):
        values = []
        for name in a.dtype.names: values += np.ravel(row[name]).tolist()
        assert len(line) == len(values)
        for text, value in zip(line, values):
          if isinstance(value, float):
            assert float(text) == value or (value != value and text == 'nan'), (text, value)
          else:
            assert text == str(value), (text, value)
      print(len(flat), repr(table[3][2]))
      """, [trial.path("table.npy"), trial.path("table.csv")])
    #expect(text == "\(bookkeeping ? 14 : 11) '\"q\"'\n")
  }

  @Test("the ending of the name decides about the format")
  func formats() {
    #expect(TableFormat(path: "a/b.npy") == .npy)
    #expect(TableFormat(path: "b.csv") == .csv)
    #expect(TableFormat(path: "b.xlsx") == nil)
  }

  @Test("a table that cannot be written leaves nothing behind")
  func unwritable() throws {
    let trial = try Trial(unitCount: 1)
    try trial.write(epoch: 1, number: 1, [Trial.row(0)])
    let failure = #expect(throws: RunFolderError.self) {
      try trial.collect("missing/table.npy")
    }
    #expect(failure?.description.contains("No such file or directory") == true)
  }
}
