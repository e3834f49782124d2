import Glibc
import Host
import RunFolder
import Scheduling
import Shards
import SweepModel
import Transport
import Wire

/// The coordinator's process: owns the listeners, the journal's thread and the run directory, and turns
/// what happens there into events of the `Coordinator` value. One loop; it never waits for a disk.
public final class CoordinatorNode {
  private let configuration: CoordinatorConfiguration
  private let signals: SignalSource
  private let doors: Doors
  private let journal: JournalThread
  private let description: [UInt8]
  private let ownWorker: OwnWorker?
  private let scanner: RowScanner
  private let codec: RowCodec
  private let failureLines: FailureLines

  private var machine: Coordinator
  private var house: House
  private var poller = Poller()
  private var effects: [CoordinatorEffect] = []
  private var spare: [CoordinatorEffect] = []
  /// Entries of this turn of the loop, handed over together.
  private var entries: [JournalEntry] = []
  private var runs: [RowRun] = []
  private var buffer: [UInt8] = []
  private var end: CoordinatorEnd?
  private var isDraining = false
  private var firstLease: Int64?

  /// How long workers may take to read that the sweep is over, and to end.
  private static let farewellMilliseconds: Int64 = 3000
  /// Messages a door in one turn.
  private static let messagesPerTurn = 64

  static var now: Tick { Tick(nanoseconds: BootClock.now()) }

  init(
    _ configuration: CoordinatorConfiguration, signals: consuming SignalSource, doors: Doors,
    journal: JournalThread, description: [UInt8], ownWorker: OwnWorker?, machine: Coordinator,
    house: House
  ) {
    self.configuration = configuration
    self.signals = signals
    self.doors = doors
    self.journal = journal
    self.description = description
    self.ownWorker = ownWorker
    self.machine = machine
    self.house = house
    let grid = configuration.grid
    scanner = RowScanner(layout: grid.layout, unitCount: grid.unitCount)
    codec = RowCodec(layout: grid.layout)
    failureLines = FailureLines(codec: codec)
  }

  /// Runs until the sweep is complete, drained, stopped, or a second signal comes.
  func run() throws -> CoordinatorReport {
    machine.start(at: Self.now, into: &effects)
    perform()
    // A sweep that is complete already needs no worker.
    if end == nil { try ownWorker?.start() }
    while end == nil {
      poller.removeAll()
      let signalPlace = poller.add(descriptor: signals.descriptor.raw)
      let journalPlace = poller.add(descriptor: journal.wakeup.descriptor)
      doors.add(to: &poller)
      poller.wait(milliseconds: millisecondsToWait)
      if poller.isReady(signalPlace) { try handleSignals() }
      if poller.isReady(journalPlace) { hear(journal.takeNews()) }
      doors.serve(
        poller, limit: Self.messagesPerTurn,
        event: { configuration.observer.remark("\($0)") },
        message: { receive($1, from: $0) })
      if let deadline = machine.nextDeadline, Self.now >= deadline { handle(.tick) }
      if house.isDue(at: BootClock.now()) { keepHouse() }
    }
    let ended = BootClock.now()
    leave()
    return CoordinatorReport(
      end: end ?? .outcome(.drained, machine.counts),
      dispatchSeconds: firstLease.map { Double(ended - $0) / 1e9 } ?? 0)
  }

  /// The last status; then `run`'s worker, which was told, ends by itself.
  private func leave() {
    let counts = machine.counts
    configuration.observer.progress(counts)
    let (state, reason): (RunStatus.State, String) =
      switch end {
      case .outcome(.complete, _): (.complete, "")
      case .outcome(.drained, _), .signalled, nil: (.drained, "")
      case .outcome(.journalStopped(let reason), _): (.failed, reason)
      case .outcome(.tooManyFailures, _): (.failed, "the first units all failed")
      case .refused(let reason), .ownWorkerFailed(let reason): (.failed, reason)
      }
    house.write(counts, state: state, reason: reason, at: BootClock.now())
    switch end {
    // Its worker was told to finish, or to drain.
    case .outcome(.complete, _), .outcome(.tooManyFailures, _):
      doors.settle(withinMilliseconds: Self.farewellMilliseconds)
      ownWorker?.finish(withinMilliseconds: Self.farewellMilliseconds)
    case .outcome(.drained, _):
      ownWorker?.finish(withinMilliseconds: Self.farewellMilliseconds)
    case .outcome(.journalStopped, _), .signalled, .refused, .ownWorkerFailed, nil:
      ownWorker?.finish(withinMilliseconds: 0)
    }
    doors.close()
  }

  private var millisecondsToWait: Int64 {
    let now = BootClock.now()
    var until = house.nextDue
    if let deadline = machine.nextDeadline { until = min(until, deadline.nanoseconds) }
    return max(0, (until - now + 999_999) / 1_000_000)
  }

  private func handleSignals() throws {
    while let signal = try signals.next() {
      if signal == SIGCHLD {
        try checkOwnWorker()
      } else if isDraining {
        end = .signalled(signal)
      } else {
        drain()
      }
    }
  }

  private func drain() {
    guard !isDraining else { return }
    isDraining = true
    ownWorker?.drain()
    house.isDraining = true
    handle(.drain)
  }

  private func checkOwnWorker() throws {
    guard let ownWorker, !isDraining else { return }
    switch try ownWorker.check() {
    case .running: break
    // Somebody told it, and not us, to stop: that can only mean the run.
    case .ended: drain()
    case .failed(let reason):
      // Its sentence is on stderr already; the run cannot go on without it.
      house.failure = reason
      drain()
    }
  }

  private func hear(_ news: JournalThread.News) {
    if let position = news.durable { handle(.durable(upTo: position)) }
    if let reason = news.stopped { handle(.journalStopped(reason: "\(reason)")) }
  }

  private func receive(_ bytes: UnsafeRawBufferPointer, from peer: PeerID) {
    guard end == nil else { return }
    do throws(WireFailure) {
      let message = try WireFormat.decodeWorkerMessage(bytes)
      guard case .rows(let batch) = message else {
        handle(.message(from: peer, message))
        return
      }
      if let fault = scanner.scan(batch.bytes, into: &runs) {
        handle(.malformed(from: peer, reason: "\(fault)"))
      } else {
        handle(.rows(from: peer, batch, runs: runs))
      }
    } catch {
      handle(.malformed(from: peer, reason: "\(error)"))
    }
  }

  /// The one funnel: every event goes in here, and every effect is performed from here.
  private func handle(_ event: CoordinatorEvent) {
    machine.handle(event, at: Self.now, into: &effects)
    assert(
      {
        machine.checkInvariants()
        return true
      }())
    perform()
  }

  private func perform() {
    while !effects.isEmpty {
      swap(&effects, &spare)
      for effect in spare { perform(effect) }
      spare.removeAll(keepingCapacity: true)
    }
    if !entries.isEmpty {
      journal.append(entries)
      entries.removeAll(keepingCapacity: true)
    }
  }

  private func perform(_ effect: CoordinatorEffect) {
    switch effect {
    case .send(let peer, let message):
      if firstLease == nil, case .lease = message { firstLease = BootClock.now() }
      buffer.removeAll(keepingCapacity: true)
      WireFormat.encode(message, into: &buffer)
      var isRefusal = false
      if case .refused = message { isRefusal = true }
      send(to: peer, isRefusal: isRefusal)
    case .sendPiece(let peer, let index):
      buffer.removeAll(keepingCapacity: true)
      WireFormat.encodePiece(
        index, of: description, pieceByteCount: Limits.pieceByteCount, into: &buffer)
      send(to: peer)
    case .persistRows(let bytes, let range, let reasons, let position):
      let rows = JournalSlice(bytes, range)
      entries.append(
        JournalEntry(
          position: position, rows: rows,
          failureLine: failureLines.lines(for: reasons, rows, at: position)))
    case .persistDeath(let death, let position):
      entries.append(
        JournalEntry(position: position, failureLine: failureLines.line(for: death, at: position)))
    case .persistVerdict(let verdict, let position):
      let row = FailedRow.make(
        verdict.unit, of: configuration.grid, codec, status: verdict.status,
        attempt: verdict.attempt, worker: -1)
      entries.append(
        JournalEntry(
          position: position, rows: JournalSlice(row, 0..<row.count),
          failureLine: failureLines.line(for: verdict, at: position)))
    case .recordWorker(let worker): house.record(worker)
    case .disconnect(let peer): doors.forget(peer)
    case .notice(let notice):
      house.note(notice)
      configuration.observer.notice(notice)
    case .finished(let outcome):
      end =
        house.failure.map { .ownWorkerFailed(reason: $0) }
        ?? .outcome(outcome, machine.counts)
    }
  }

  private func send(to peer: PeerID, isRefusal: Bool = false) {
    switch doors.send(buffer, to: peer) {
    case .sent: break
    case .unreachable: machine.handle(.unreachable(peer), at: Self.now, into: &effects)
    // Who does not read what it is sent does not read that it is refused either.
    case .wouldBlock where isRefusal: break
    case .wouldBlock:
      machine.handle(
        .malformed(from: peer, reason: "it does not read what it is sent"), at: Self.now,
        into: &effects)
    }
  }

  /// Status and progress.
  private func keepHouse() {
    let counts = machine.counts
    configuration.observer.progress(counts)
    house.write(counts, at: BootClock.now())
    if house.isDrainAsked() { drain() }
  }
}
