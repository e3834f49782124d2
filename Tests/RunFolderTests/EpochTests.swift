import Host
import RunFolder
import Shards
import SweepModel
import TestSupport
import Testing

@Suite struct EpochTests {
  /// A record of a process on this machine that has ended.
  private static var ended: EpochRecord {
    var record = Runs.record
    record.startTime += 1
    return record
  }

  @Test("a number is claimed once, and its file is whole")
  func claims() throws {
    let runs = try Runs()
    #expect(try runs.folder.highestEpoch() == 0)
    #expect(try runs.folder.claim(1, Runs.record))
    #expect(try !runs.folder.claim(1, Runs.record))
    #expect(try runs.folder.claim(2, Self.ended))
    #expect(runs.folder.epochRecord(1) == Runs.record)
    #expect(runs.folder.epochRecord(2) == Self.ended)
    #expect(try runs.folder.highestEpoch() == 2)
    #expect(try FileSystem.list(runs.folder.epochsFolder) == ["1", "2"])
    #expect(runs.folder.epochRecord(3) == nil)
  }

  @Test("a living process on this machine is found, one that has ended is not")
  func sameMachine() throws {
    let runs = try Runs()
    _ = try runs.folder.claim(1, Runs.record)
    let alive = runs.folder.inspect(holderOf: 1, watchSeconds: 0) {}
    #expect(alive.isAlive)
    #expect(alive.description.contains("process \(Machine.processID)"))
    _ = try runs.folder.claim(2, Self.ended)
    #expect(!runs.folder.inspect(holderOf: 2, watchSeconds: 0) {}.isAlive)
    var driver = try Driver(runs.folder)
    driver.start()
    #expect(driver.claimed == 3)
  }

  @Test("a holder on another machine is known by its moving status")
  func otherMachine() throws {
    var record = Runs.record
    record.host = "elsewhere"
    @Sendable func status(
      _ counter: Int64, epoch: EpochNumber = 1, _ state: RunStatus.State = .running
    )
      -> RunStatus
    {
      RunStatus(
        epoch: epoch, counter: counter, state: state, units: 10, ended: 1, failed: 0, leased: 2,
        unitsPerSecond: 1, elapsedSeconds: 2, workers: [], endpoints: [], host: "elsewhere",
        processID: 3, time: 4)
    }
    let runs = try Runs()
    _ = try runs.folder.claim(1, record)
    let folder = runs.folder
    // Without a status, or with one that stands still, it is taken to have ended.
    #expect(!folder.inspect(holderOf: 1, watchSeconds: 3) {}.isMoving)
    try folder.write(status(5))
    #expect(!folder.inspect(holderOf: 1, watchSeconds: 3) {}.isMoving)
    var pauses = 0
    let moving = folder.inspect(holderOf: 1, watchSeconds: 5) {
      pauses += 1
      if pauses == 3 { try? folder.write(status(6)) }
    }
    #expect(moving.isMoving && pauses == 3)
    // The status of an older epoch says nothing, and one that is over is not watched.
    pauses = 0
    try folder.write(status(7, .complete))
    #expect(!folder.inspect(holderOf: 1, watchSeconds: 5) { pauses += 1 }.isMoving)
    #expect(pauses == 0)

    try folder.write(status(8))
    let writer = { @Sendable in try? folder.write(status(BootClock.now())) }
    var driver = try Driver(folder, watchSeconds: 2, pause: { _ = writer() })
    driver.start()
    guard case .refused(let holder) = driver.stopped else {
      Issue.record("ended with \(String(describing: driver.stopped))")
      return
    }
    #expect(holder.contains("elsewhere"))
    #expect(try folder.highestEpoch() == 1)
    var forced = try Driver(folder)
    forced.start(takeOver: true)
    #expect(forced.claimed == 2)
  }

  @Test("an older coordinator stops when it sees a newer one")
  func superseded() throws {
    let runs = try Runs()
    var old = try Driver(runs.folder, record: Self.ended)
    old.start()
    old.append(Runs.rows(0..<1))
    var new = try Driver(runs.folder)
    new.start()
    #expect(new.claimed == 2)
    old.append(Runs.rows(1..<2))
    #expect(old.stopped == nil)
    old.handle(.watch)
    #expect(old.stopped == .superseded(by: 2))
    new.append(Runs.rows(0..<1))
    #expect(new.durable == 1)
  }
}
