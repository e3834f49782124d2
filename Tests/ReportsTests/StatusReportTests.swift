import Host
import Reports
import RunFolder
import SweepModel
import TestSupport
import Testing

@Suite struct StatusReportTests {
  private static let time: Int64 = 1_700_000_000_000_000_000

  private static func status(_ state: RunStatus.State, classes: [String] = ["a1"]) -> RunStatus {
    RunStatus(
      epoch: 2, counter: 9, state: state, units: 10_000, ended: 6312, failed: 2, leased: 40,
      unitsPerSecond: 101.72, elapsedSeconds: 62,
      workers: classes.enumerated().map {
        RunStatus.Worker(
          number: Int32($0.offset), host: "node\($0.offset)", slots: 4, numericsClass: $0.element)
      }, endpoints: ["tcp://node0:4711"], host: "node0", processID: 77, time: time)
  }

  @Test("a live run, a dead one and one that is over read as such")
  func states() throws {
    let trial = try Trial(unitCount: 1)
    func report(afterSeconds: Int64) throws -> StatusReport {
      try StatusReport(trial.folder, now: Self.time + afterSeconds * 1_000_000_000)
    }
    #expect(try "\(report(afterSeconds: 0))".hasSuffix("trial, created but never started"))
    #expect(try report(afterSeconds: 0).json["status"] == .null)

    try trial.folder.write(Self.status(.running, classes: ["a1", "b2", "a1"]))
    try trial.folder.request(.pause)
    let live = try report(afterSeconds: 1)
    #expect(live.isLive)
    let lines = "\(live)".split(separator: "\n").map(String.init)
    #expect(
      Array(lines.dropFirst()) == [
        "6312 of 10000 units (63%), 2 failed, 40 leased",
        "101.7 unit/s, 3 workers with 12 slots, numerics classes: 2 of a1, 1 of b2",
        "listening on tcp://node0:4711", "asked to pause",
      ])
    #expect(live.json["live"] == true)
    #expect(try JSONValue(parsing: live.json.bytes) == live.json)

    let dead = try report(afterSeconds: 7200)
    #expect(!dead.isLive)
    #expect("\(dead)".contains("no news for 2 h: the coordinator (node0, process 77)"))
    #expect("\(dead)".contains("the same command continues"))

    try trial.folder.write(Self.status(.complete))
    let over = try report(afterSeconds: 7200)
    #expect(!over.isLive && !"\(over)".contains("no news"))
  }

  @Test("a directory that is no run is refused with the reason")
  func noRun() throws {
    let folder = try TemporaryFolder()
    let failure = #expect(throws: RunFolderError.self) {
      try StatusReport(RunFolder(folder.path), now: 0)
    }
    #expect(failure?.description.contains("no run directory") == true)
  }
}
