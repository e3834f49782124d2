import Glibc
import Host
import RunFolder
import Scheduling
import Shards
import SweepModel
import Transport

/// Everything around the loop: claim the epoch, recover, open the doors, start the worker of one's own;
/// and at the end the last words to workers, to the journal and to status.json.
public enum CoordinatorProcess {
  /// Files that a coordinator has open itself, generously; each worker is one more.
  private static let ownFiles = 64

  /// Runs a coordinator from its first look at the run directory to its last status.
  /// - Throws: `RunFolderError`, `SystemError`, `TransportFailure`: what the user can mend.
  public static func run(_ configuration: CoordinatorConfiguration) throws -> CoordinatorReport {
    // Before any thread, so that all of them inherit the mask.
    let signals = try SignalSource()
    let openFileLimit = try Machine.raiseOpenFileLimit()
    let folder = RunFolder(configuration.folder)
    let listen = configuration.listen
    let record = EpochRecord.current(
      endpoint: listen.map { "\($0)" } ?? "", build: configuration.build)
    let journal = try JournalThread(files: { JournalFiles(folder, record: record) })
    var settings = Journal.Configuration(
      header: try NPYHeader(layout: configuration.grid.layout),
      rowByteCount: configuration.grid.layout.byteCount)
    settings.rotationByteCount = configuration.rotationByteCount
    let thread = try journal.start(settings, takeOver: configuration.takeOver)
    defer {
      journal.stop()
      thread.join()
    }
    switch try awaitClaim(journal, signals) {
    case .claimed(let epoch):
      return try serve(
        configuration, folder, journal, signals, epoch: epoch,
        workerLimit: max(1, min(Limits.workers, openFileLimit - ownFiles)))
    case .refused(let reason):
      return CoordinatorReport(end: .refused(reason: reason), dispatchSeconds: 0)
    case .signalled(let signal):
      return CoordinatorReport(end: .signalled(signal), dispatchSeconds: 0)
    }
  }

  private enum Claim {
    case claimed(Epoch)
    case refused(reason: String)
    case signalled(Int32)
  }

  /// Claiming may take ten seconds, while another host's status is watched.
  private static func awaitClaim(
    _ journal: JournalThread, _ signals: borrowing SignalSource
  ) throws -> Claim {
    while true {
      let news = journal.takeNews()
      if let epoch = news.claimed { return .claimed(epoch) }
      if let reason = news.stopped { return .refused(reason: "\(reason)") }
      if let signal = try signals.next(), signal != SIGCHLD { return .signalled(signal) }
      journal.wakeup.wait(milliseconds: 100)
    }
  }

  private static func serve(
    _ configuration: CoordinatorConfiguration, _ folder: RunFolder, _ journal: JournalThread,
    _ signals: consuming SignalSource, epoch: Epoch, workerLimit: Int
  ) throws -> CoordinatorReport {
    // An old request must not stop a new start.
    folder.clear(.drain)
    let schema = try folder.open()
    let run = RunIdentity(high: schema.runHigh, low: schema.runLow)
    let (start, firstWorker) = try recover(configuration, folder)
    let description = RunDescription(
      segments: configuration.grid.segments, settings: configuration.settings
    ).encoded()
    let grid = configuration.grid
    let facts = RunFacts(
      run: run, epoch: epoch, build: configuration.build,
      solver: SolverVersion(name: grid.solver.name, version: grid.solver.version),
      fingerprints: grid.segments.map(\.fingerprint.bytes), unitCount: grid.unitCount,
      rowByteCount: grid.layout.byteCount, descriptionByteCount: description.count,
      firstWorkerNumber: firstWorker)
    let context = try Context()
    let doors = Doors()
    var accessFile: String?
    if let listen = configuration.listen {
      accessFile = try Access.open(doors, at: listen, context, folder, run)
    }
    // A complete run needs none: it would only be waited for.
    let ownWorker =
      configuration.ownSlots > 0 && !start.ended.isFull
      ? try OwnWorker(program: configuration.program, slots: configuration.ownSlots) : nil
    if let ownWorker {
      doors.open(try Listener(context, at: ownWorker.endpoint))
      try AccessFile.local(run: run, endpoint: ownWorker.endpoint).write(to: ownWorker.accessFile)
    }
    let node = CoordinatorNode(
      configuration, signals: signals, doors: doors, journal: journal, description: description,
      ownWorker: ownWorker,
      machine: Coordinator(
        facts: facts, policy: configuration.policy, from: start, at: CoordinatorNode.now),
      house: House(
        folder: folder, epoch: epoch,
        endpoints: configuration.listen == nil ? [] : Array(doors.endpoints.prefix(1)),
        remark: configuration.observer.remark))
    configuration.observer.ready(
      CoordinatorAddress(
        endpoints: doors.endpoints, accessFile: accessFile, workerLimit: workerLimit))
    return try node.run()
  }

  /// What the shards say: shards are the only truth about rows, failures/ about deaths.
  private static func recover(
    _ configuration: CoordinatorConfiguration, _ folder: RunFolder
  ) throws -> (StartingPoint, firstWorker: WorkerNumber) {
    let grid = configuration.grid
    let found = try folder.recover(layout: grid.layout, unitCount: grid.unitCount)
    try folder.synchronise(found)
    for remark in found.remarks where !remark.isHarmless {
      configuration.observer.remark("\(remark)")
    }
    let excluded = try grid.excludedUnits()
    var ended = found.recovery.ended
    var failed = ended
    let final = found.recovery.final
    final.forEachPresent(in: final.universe) { failed.remove($0) }
    ended.formUnion(excluded)
    var deaths: [UnitIndex: Int16] = [:]
    for death in found.recovery.deaths { deaths[death.unit] = Int16(clamping: death.count) }
    return (
      StartingPoint(
        ended: ended, failed: failed, excludedUnits: excluded.count, deaths: deaths),
      // A damaged row must not keep a coordinator from starting.
      min(found.recovery.highestWorker, 1 << 30) + 1
    )
  }
}
