import Shards
import SweepModel
import TestSupport
import Testing

@Suite struct JournalTests {
  private static let script: [JournalTrial.Step] = [
    .append(rows: 2, lines: 0), .append(rows: 0, lines: 1), .watch, .append(rows: 3, lines: 1),
    .append(rows: 0, lines: 0), .append(rows: 1, lines: 0), .watch, .append(rows: 4, lines: 0),
    .stop,
  ]
  /// Shards of about five rows, so that the script rotates.
  private static func rotation() throws -> UInt64 {
    UInt64(try Rows.header().byteCount + 5 * Rows.byteCount)
  }

  private static func trial(
    _ faults: [Int: ModelDisk.Fault], operationsBetween: Int
  ) throws -> JournalTrial {
    var trial = try JournalTrial(rotationByteCount: rotation())
    trial.start()
    trial.faults = Dictionary(uniqueKeysWithValues: faults.map { ($0 + trial.operationCount, $1) })
    trial.play(script, operationsBetween: operationsBetween)
    return trial
  }

  @Test("without a fault everything becomes durable, is counted and sealed", arguments: 0..<6)
  func noFault(operationsBetween: Int) throws {
    let trial = try Self.trial([:], operationsBetween: operationsBetween)
    #expect(trial.stopped == .requested)
    #expect(trial.durable == 6)
    var sealed: Int64 = 0
    for (file, content) in trial.disk.files {
      guard case .shard(let name) = file else { continue }
      #expect(content.isClosed)
      let rows = Int64((content.synced.count - trial.disk.header.byteCount) / Rows.byteCount)
      content.written.withUnsafeBytes { #expect(trial.disk.header.count(in: $0) == rows) }
      #expect(trial.disk.sealed[name] == rows)
      sealed += rows
    }
    #expect(sealed == 10)
  }

  @Test("a group is everything that was handed over while the last one was under way")
  func groups() throws {
    var trial = try JournalTrial()
    trial.start()
    for _ in 0..<50 { trial.take(.append(rows: 1, lines: 0)) }
    trial.settle()
    #expect(trial.durable == 50)
    #expect(trial.log.filter { $0.hasPrefix("sync shards") }.count == 2)
  }

  @Test(
    "no single or double fault at any place loses or half-acknowledges anything", arguments: 0..<5)
  func doubleFaults(operationsBetween: Int) throws {
    let plain = try Self.trial([:], operationsBetween: operationsBetween)
    let count = plain.operationCount + 4
    var schedules = 0
    for first in 0..<count {
      for second in first + 1...count {
        for kinds in [(ModelDisk.Fault.error, ModelDisk.Fault.short), (.short, .error)] {
          let trial = try Self.trial(
            [first: kinds.0, second: kinds.1], operationsBetween: operationsBetween)
          // Two faults are fewer than the limit of three in a row: it must come through.
          #expect(trial.stopped == .requested, "faults at \(first) and \(second)")
          #expect(trial.durable == 6, "faults at \(first) and \(second)")
          schedules += 1
        }
      }
    }
    #expect(schedules > 700)
  }

  @Test("a disk that fails from some moment on ends the journal with the reason", arguments: 0..<5)
  func brokenDisk(operationsBetween: Int) throws {
    let count = try Self.trial([:], operationsBetween: operationsBetween).operationCount
    for first in 0..<count {
      for kind in [ModelDisk.Fault.error, .short] {
        let faults = Dictionary(uniqueKeysWithValues: (first..<first + 100).map { ($0, kind) })
        let trial = try Self.trial(faults, operationsBetween: operationsBetween)
        switch trial.stopped {
        case .failed(_, let error):
          #expect(!error.text.isEmpty)
          #expect(trial.stopped?.description.contains("could not") == true)
        case .requested: #expect(trial.durable == 6)
        default: Issue.record("ended with \(String(describing: trial.stopped))")
        }
      }
    }
  }

  @Test("a newer coordinator stops an older one at the next watch and before the next shard")
  func superseded() throws {
    var watched = try JournalTrial()
    watched.start()
    watched.play([.append(rows: 1, lines: 0), .otherCoordinator, .watch], operationsBetween: 100)
    #expect(watched.stopped == .superseded(by: 2))
    #expect(watched.durable == 1)

    var opening = try JournalTrial(rotationByteCount: Self.rotation())
    opening.start()
    opening.play(
      [
        .append(rows: 4, lines: 0), .watch, .otherCoordinator, .append(rows: 1, lines: 0),
        .append(rows: 4, lines: 0),
      ], operationsBetween: 100)
    #expect(opening.stopped == .superseded(by: 2))
    #expect(opening.durable == 2)
    #expect(opening.disk.order.count == 1)
  }

  @Test("a file whose sync failed is cut back to what is synced, unless somebody may have read it")
  func cut() throws {
    for isSuperseded in [false, true] {
      var trial = try JournalTrial()
      trial.start()
      trial.take(.append(rows: 2, lines: 0))
      trial.settle()
      trial.take(.append(rows: 3, lines: 0))
      trial.work()
      #expect(trial.log.last?.hasPrefix("sync shards") == true)
      trial.faults[trial.operationCount] = .error
      trial.work()
      let file = trial.disk.order[0]
      let synced = trial.disk.header.byteCount + 2 * Rows.byteCount
      #expect(trial.disk.files[file]?.written.count == synced + 3 * Rows.byteCount)
      if isSuperseded { trial.take(.otherCoordinator) }
      trial.settle()
      #expect(trial.log.contains { $0.hasPrefix("cut shards") } == !isSuperseded)
      if isSuperseded {
        #expect(trial.stopped == .superseded(by: 2) && trial.durable == 1)
      } else {
        #expect(trial.disk.files[file]?.written.count == synced && trial.durable == 2)
      }
    }
  }

  @Test("a journal that gives up cuts the last file too")
  func cutBeforeTheEnd() throws {
    var trial = try JournalTrial()
    trial.start()
    trial.take(.append(rows: 2, lines: 0))
    while trial.stopped == nil, trial.pending != nil {
      if case .sync = trial.pending { trial.faults[trial.operationCount] = .error }
      trial.work()
    }
    if case .failed = trial.stopped {} else { Issue.record("it did not give up") }
    #expect(trial.disk.order.count == 3)
    for file in trial.disk.order {
      #expect(trial.disk.files[file]?.written.count == trial.disk.header.byteCount)
    }
  }

  @Test("a living holder refuses a start, and --take-over overrides")
  func holders() throws {
    for (isAlive, isMoving) in [(false, false), (true, false), (false, true), (true, true)] {
      var trial = try JournalTrial()
      trial.disk.highestEpoch = 4
      trial.disk.holder = JournalHolder(
        description: "node7, process 12", isAlive: isAlive, isMoving: isMoving)
      trial.start()
      if isAlive || isMoving {
        #expect(trial.stopped == .refused(holder: "node7, process 12"))
        #expect(trial.stopped?.description.contains("--take-over") == true)
        #expect(trial.disk.highestEpoch == 4)
      } else {
        #expect(trial.claimed == 5)
      }
      var forced = try JournalTrial()
      forced.disk.highestEpoch = 4
      forced.disk.holder = JournalHolder(description: "", isAlive: isAlive, isMoving: isMoving)
      forced.start(takeOver: true)
      #expect(forced.claimed == 5)
    }
  }

  @Test("a claim that somebody else won is looked at anew")
  func lostClaim() throws {
    var trial = try JournalTrial()
    trial.handle(.start(takeOver: false))
    trial.work()
    // Epoch 1 is about to be claimed; another coordinator takes it first and lives.
    trial.disk.highestEpoch = 1
    trial.disk.holder = JournalHolder(description: "the other", isAlive: true, isMoving: false)
    trial.settle()
    #expect(trial.stopped == .refused(holder: "the other"))
  }

  @Test("a start that the disk refuses ends with the reason", arguments: 0..<3)
  func failedStart(place: Int) throws {
    var trial = try JournalTrial()
    trial.disk.highestEpoch = 1
    trial.faults = [place: .error]
    trial.start()
    guard case .failed = trial.stopped else {
      Issue.record("ended with \(String(describing: trial.stopped))")
      return
    }
    #expect(trial.claimed == nil)
  }

  @Test("a journal that is stopped before or while it claims ends without a row")
  func earlyStop() throws {
    var new = try JournalTrial()
    new.handle(.stop)
    #expect(new.stopped == .requested)
    var claiming = try JournalTrial()
    claiming.handle(.start(takeOver: false))
    claiming.handle(.stop)
    claiming.settle()
    #expect(claiming.stopped == .requested)
    #expect(claiming.disk.files.isEmpty)
  }
}
