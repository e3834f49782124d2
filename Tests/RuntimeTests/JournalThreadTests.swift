import Host
import RunFolder
import Runtime
import Shards
import SweepModel
import TestSupport
import Testing

@Suite struct JournalThreadTests {
  private static let layout = RowLayout(parameters: [], levels: [], outputs: [Column("q")])

  private static func row(_ unit: UnitIndex) -> [UInt8] {
    RowCodec(layout: layout).failedRow(
      unit: unit, parameters: [], levels: [], status: .ok, attempt: 0, worker: 1, wallSeconds: 0)
  }

  private static func start(
    _ folder: RunFolder, takeOver: Bool = false
  ) throws -> (JournalThread, Thread) {
    let record = EpochRecord.current(endpoint: "", build: "test")
    let journal = try JournalThread(files: { JournalFiles(folder, record: record) })
    let configuration = Journal.Configuration(
      header: try NPYHeader(layout: layout), rowByteCount: layout.byteCount)
    return (journal, try journal.start(configuration, takeOver: takeOver))
  }

  private static func folder(_ temporary: TemporaryFolder) throws -> RunFolder {
    let folder = RunFolder(temporary.path + "/run")
    _ = try folder.create(
      RunSchema(
        runHigh: 1, runLow: 2, name: "x", solver: "null", solverVersion: 1, fingerprint: [],
        layout: layout, provenance: []), sweep: [])
    return folder
  }

  @Test("what was handed over before a stop is durable after it", .timeLimit(.minutes(1)))
  func stop() throws {
    let temporary = try TemporaryFolder()
    let folder = try Self.folder(temporary)
    let (journal, thread) = try Self.start(folder)
    while journal.takeNews().claimed == nil { journal.wakeup.wait(milliseconds: 100) }
    for position in 1...500 {
      let row = Self.row(UnitIndex(position))
      journal.append([
        JournalEntry(position: UInt64(position), rows: JournalSlice(row, row.indices))
      ])
    }
    journal.stop()
    thread.join()
    let news = journal.takeNews()
    #expect(news.durable == 500 && news.stopped == .requested)
    let run = try folder.recover(layout: Self.layout, unitCount: 1000)
    #expect(run.recovery.final.count == 500)
    #expect(run.shards.first?.result.headerCount == 500)
  }

  @Test("a coordinator that is never idle still notices a newer one", .timeLimit(.minutes(1)))
  func supersededUnderLoad() throws {
    let temporary = try TemporaryFolder()
    let folder = try Self.folder(temporary)
    let (old, thread) = try Self.start(folder)
    while old.takeNews().claimed == nil { old.wakeup.wait(milliseconds: 100) }
    // Handed over without a pause, also while a group is under way: there is always a next operation.
    var handedOver: UInt64 = 0
    var durable: UInt64 = 0
    var stopped: JournalStop?
    var hasClaimed = false
    let deadline = BootClock.now() + 10_000_000_000
    while stopped == nil, BootClock.now() < deadline {
      for _ in 0..<20 {
        handedOver += 1
        let row = Self.row(UnitIndex(handedOver))
        old.append([JournalEntry(position: handedOver, rows: JournalSlice(row, row.indices))])
      }
      let news = old.takeNews()
      durable = max(durable, news.durable ?? 0)
      stopped = news.stopped
      if durable > 200, !hasClaimed {
        hasClaimed = true
        #expect(try folder.claim(2, .current(endpoint: "", build: "newer")))
      }
    }
    old.stop()
    thread.join()
    #expect(stopped == .superseded(by: 2))
    let run = try folder.recover(layout: Self.layout, unitCount: 1 << 40)
    #expect(run.recovery.final.absentCount(in: UnitRun(first: 1, count: Int64(durable))) == 0)
  }
}
