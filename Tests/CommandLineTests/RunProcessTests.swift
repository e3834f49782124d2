import Glibc
import Host
import SweepModel
import TestSupport
import Testing

/// Runs from the sweep file to the table, interrupted in all the ways a user can.
@Suite struct RunProcessTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(
    "the quickstart sweep becomes a table that NumPy loads, and the same command is done at once")
  func quickstart() throws {
    let sweep = try #require(TestFiles.text(at: try Self.repository() + "/sweeps/quickstart.yaml"))
    try folder.write("quickstart.yaml", sweep)
    let run = try Command.run("run", "quickstart.yaml", "--json", in: folder)
    #expect(run.exit == .exited(code: 0), "\(run.messages)")
    let json = try #require(run.json)
    #expect(json["outcome"] == "complete" && json["failed"] == 0)
    let units = try #require(json["units"]?.integer)
    #expect(units >= 1000)
    #expect(json["next"] == "spinodal collect runs/quickstart --to quickstart.npy")

    #expect(try Command.run("verify", "runs/quickstart", in: folder).exit == .exited(code: 0))
    for file in ["a.npy", "b.csv"] {
      let collect = try Command.run("collect", "runs/quickstart", "--to", file, in: folder)
      #expect(collect.exit == .exited(code: 0), "\(collect.messages)")
    }
    let seen = try Python.run(
      """
      import numpy as np
      a = np.load(sys.argv[1])
      b = np.genfromtxt(sys.argv[2], delimiter=',', names=True)
      assert (a['unit'] == np.arange(len(a))).all() and (a['status'] == 0).all()
      assert len(b) == len(a) and np.allclose(a['q_mean_square'], b['q_mean_square'], rtol=1e-12)
      print(len(a), sorted(set(a['phase'].tolist())))
      """, [folder.path + "/a.npy", folder.path + "/b.csv"])
    #expect(seen.hasPrefix("\(units) ["))
    #expect(seen.contains("0, "), "the sweep shows no transition: \(seen)")

    let again = try Command.run("run", "quickstart.yaml", "--json", in: folder)
    #expect(again.exit == .exited(code: 0))
    #expect(again.json?["computed"] == 0)
  }

  private static func repository() throws -> String {
    // .../.build/PLATFORM/CONFIGURATION/package.xctest
    var path = try Machine.programPath()
    while path != "/", !FileSystem.exists(path + "/Package.swift") {
      path = FileSystem.parentDirectory(path)
    }
    return path
  }

  @Test("a changed sweep is refused with what changed; a renamed one or other limits are not")
  func changed() throws {
    try folder.writeNullSweep("s", units: 10)
    #expect(try Command.run("run", "s.yaml", "--out", "run", in: folder).exit == .exited(code: 0))
    try folder.writeNullSweep("s", units: 11)
    let result = try Command.run("run", "s.yaml", "--out", "run", in: folder)
    #expect(result.exit == .exited(code: 2))
    #expect(
      result.messages.contains(
        "index: 10 values from 0 to 9 in the run, 11 values from 0 to 10 now"))
    #expect(result.messages.contains("--out"))
    try folder.writeNullSweep("t", units: 10, limits: "{time: 1h}")
    #expect(try Command.run("run", "t.yaml", "--out", "run", in: folder).exit == .exited(code: 0))
  }

  @Test("Ctrl-C drains with 75, the same command goes on, and the table is as if nothing was")
  func interrupted() throws {
    try folder.writeNullSweep("s", units: 1500, ["sleep_milliseconds": "3"])
    let first = try Command(
      ["run", "s.yaml", "--out", "broken", "--slots", "2", "--json"], in: folder)
    try first.wait("rows") { folder.shardBytes("broken") > 16_384 }
    first.process.send(SIGINT)
    let drained = try first.finish()
    #expect(drained.exit == .exited(code: 75), "\(drained.messages)")
    #expect(drained.json?["outcome"] == "drained")
    #expect(drained.messages.contains("The same command goes on."))

    let unfinished = try Command.run("collect", "broken", "--to", "x.npy", in: folder)
    #expect(unfinished.exit == .exited(code: 1))
    #expect(unfinished.messages.contains("--partial") && !folder.exists("x.npy"))
    #expect(try Command.run("verify", "broken", in: folder).exit == .exited(code: 1))
    let partial = try Command.run("collect", "broken", "--to", "x.npy", "--partial", in: folder)
    #expect(partial.exit == .exited(code: 0) && folder.exists("x.npy"))

    let second = try Command.run("run", "s.yaml", "--out", "broken", "--json", in: folder)
    #expect(second.exit == .exited(code: 0), "\(second.messages)")
    let computed = try #require(second.json?["computed"]?.integer)
    #expect(computed > 0 && computed < 1500)
    #expect(second.messages.contains("going on with broken"))
    try expectEqualTables("broken")
  }

  /// The table of a run of s.yaml equals that of a run without any fault.
  private func expectEqualTables(_ run: String) throws {
    #expect(try Command.run("run", "s.yaml", "--out", "whole", in: folder).exit == .exited(code: 0))
    for (name, file) in [(run, "a.npy"), ("whole", "b.npy")] {
      let result = try Command.run("collect", name, "--to", file, in: folder)
      #expect(result.exit == .exited(code: 0), "\(result.messages)")
    }
    #expect(try folder.bytes("a.npy") == folder.bytes("b.npy"))
  }

  @Test("a coordinator that is killed loses nothing that was acknowledged")
  func killed() throws {
    try folder.writeNullSweep("s", units: 1500, ["sleep_milliseconds": "3"])
    let first = try Command(["run", "s.yaml", "--out", "broken", "--slots", "2"], in: folder)
    try first.wait("rows") { folder.shardBytes("broken") > 16_384 }
    kill(first.process.processID, SIGKILL)
    #expect(try first.finish().exit == .killed(signal: SIGKILL))
    let second = try Command.run("run", "s.yaml", "--out", "broken", "--json", in: folder)
    #expect(second.exit == .exited(code: 0), "\(second.messages)")
    #expect(try #require(second.json?["computed"]?.integer) < 1500)
    try expectEqualTables("broken")
  }

  @Test("the second signal stops at once, with 128 and its number", arguments: [SIGINT, SIGTERM])
  func twice(signal: Int32) throws {
    try folder.writeNullSweep("s", units: 4, ["sleep_milliseconds": "3000000"])
    let command = try Command(["run", "s.yaml", "--out", "run", "--slots", "2"], in: folder)
    try command.wait("a lease") { folder.leased("run") > 0 }
    command.process.send(signal)
    try command.wait("the drain") { command.messages.contains("stopping") }
    command.process.send(signal)
    let result = try command.finish()
    #expect(result.exit == .exited(code: 128 + signal), "\(result.messages)")
  }

  @Test("a sweep whose first units all fail stops with 1 and says why")
  func allFail() throws {
    try folder.writeNullSweep("s", units: 2, ["error_unit": "0", "sleep_milliseconds": "60000"])
    let result = try Command.run(
      "run", "s.yaml", "--slots", "1", "--json", in: folder,
      environment: ["SPINODAL_MAX_FAILURES": "1"])
    #expect(result.exit == .exited(code: 1), "\(result.messages)")
    #expect(result.messages.contains("unit 0 was told to fail"))
    #expect(result.messages.contains("--max-failures"))
  }

  @Test("a run that another coordinator holds is refused, with its name and the way round it")
  func held() throws {
    try folder.writeNullSweep("s", units: 4, ["sleep_milliseconds": "3000000"])
    let holder = try Command(["run", "s.yaml", "--slots", "1"], in: folder)
    try holder.wait("a lease") { folder.leased("runs/s") > 0 }
    let second = try Command.run("run", "s.yaml", "--slots", "1", in: folder)
    #expect(second.exit == .exited(code: 1))
    #expect(second.messages.contains("process \(holder.process.processID)"), "\(second.messages)")
    #expect(second.messages.contains("--take-over"))
    let live = try #require(try Command.run("status", "runs/s", "--json", in: folder).json)
    #expect(live["live"] == true)

    let third = try Command(["run", "s.yaml", "--slots", "1", "--take-over"], in: folder)
    let old = try holder.finish()
    #expect(old.exit == .exited(code: 1), "\(old.messages)")
    #expect(old.messages.contains("has taken this run over"))
    third.process.send(SIGKILL)
    _ = try third.finish()
  }

  @Test("a place where nothing can be made is an error with the place and the reason")
  func unwritable() throws {
    try folder.writeNullSweep("s", units: 4)
    let result = try Command.run("run", "s.yaml", "--out", "/proc/run", in: folder)
    #expect(result.exit == .exited(code: 1))
    #expect(result.messages.hasPrefix("error: /proc/run: cannot make directory"))
  }

  @Test("status tells of a run that is over, also as JSON")
  func status() throws {
    try folder.writeNullSweep("s", units: 10)
    #expect(try Command.run("run", "s.yaml", "-q", in: folder).messages.isEmpty)
    let text = try Command.run("status", "runs/s", in: folder)
    #expect(text.exit == .exited(code: 0) && text.output.contains("10 of 10 units (100%)"))
    let json = try #require(try Command.run("status", "runs/s", "--json", in: folder).json)
    #expect(json["schema"] == 1 && json["live"] == false)
    #expect(json["status"]?["ended"] == 10)
  }
}

/// A unit that misbehaves costs itself, and is named with its parameters and the reason.
@Suite struct FaultProcessTests {
  @Test(
    "all other rows are there, and a sentence names the unit",
    arguments: [
      ("crash", 204, "signal 11 (SEGV)"), ("hang", 205, "no progress"),
      ("exit", 204, "ended without a result"), ("malformed", 103, "checksum"),
      ("error", 100, "unit 17 was told to fail"),
    ])
  func fault(kind: String, status: Int, reason: String) throws {
    let folder = try TemporaryFolder()
    // Enough for any other unit on a busy machine, which takes microseconds.
    try folder.writeNullSweep("s", units: 60, ["\(kind)_unit": "17"], limits: "{stall: 2s}")
    let run = try Command.run("run", "s.yaml", "--slots", "2", "--json", in: folder)
    #expect(run.exit == .exited(code: 3), "\(run.messages)")
    let failed = try #require(run.json?["failed_units"]?.array)
    #expect(failed.count == 1 && failed.first?["unit"] == 17)
    #expect(failed.first?["parameters"] == .string("index=17, \(kind)_unit=17"))
    let sentence = run.messages.split(separator: "\n").last {
      $0.contains("unit 17 (index=17, \(kind)_unit=17)")
    }
    #expect(sentence?.contains(reason) == true, "\(run.messages)")

    let collect = try Command.run("collect", "runs/s", "--to", "t.npy", in: folder)
    #expect(collect.exit == .exited(code: 0))
    #expect(collect.messages.contains("unit 17"))
    #expect(try Self.table(folder) == "60 [17] \(status) 1")
    #expect(try Command.run("verify", "runs/s", in: folder).exit == .exited(code: 0))
  }

  /// Rows, units whose status is not 0, the status of unit 17, absent draws.
  private static func table(_ folder: TemporaryFolder) throws -> String {
    try Python.run(
      """
      import numpy as np
      t = np.load(sys.argv[1])
      assert (t['unit'] == np.arange(len(t))).all()
      print(len(t), np.flatnonzero(t['status']).tolist(), t['status'][17],
            np.isnan(t['draw']).sum(), end='')
      """, [folder.path + "/t.npy"])
  }

  @Test("NaN is a result with a remark, and the sweep ends with 0")
  func notANumber() throws {
    let folder = try TemporaryFolder()
    try folder.writeNullSweep("s", units: 60, ["nan_unit": "17"])
    let run = try Command.run("run", "s.yaml", "--slots", "2", in: folder)
    #expect(run.exit == .exited(code: 0), "\(run.messages)")
    let collect = try Command.run("collect", "runs/s", "--to", "t.npy", in: folder)
    #expect(collect.exit == .exited(code: 0))
    #expect(try Self.table(folder) == "60 [17] 1 1")
  }
}
