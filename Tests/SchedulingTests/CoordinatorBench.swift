import Scheduling
import SweepModel

/// A coordinator with a clock, a journal that is durable when told, and workers that say what a test
/// wants. Invariants are checked after every event.
struct CoordinatorBench {
  static let run = RunIdentity(high: 7, low: 7)
  static let fingerprint = [UInt8](repeating: 3, count: 32)
  static let rowByteCount = 8

  var machine: Coordinator
  var now = Tick(nanoseconds: 0)
  /// Of the last event.
  var effects: [CoordinatorEffect] = []
  /// What was handed to the journal last.
  var position: JournalPosition = 0
  private var sequences: [UInt64: UInt64] = [:]

  init(
    units: Int64 = 100, policy: Policy = Policy(), epoch: Epoch = 3, ended: [UnitRun] = [],
    failed: [UnitRun] = [], deaths: [UnitIndex: Int16] = [:]
  ) {
    var endedSet = UnitSet(unitCount: units)
    var failedSet = UnitSet(unitCount: units)
    for run in ended { endedSet.insert(run) }
    for run in failed {
      endedSet.insert(run)
      failedSet.insert(run)
    }
    machine = Coordinator(
      facts: RunFacts(
        run: Self.run, epoch: epoch, build: "1", solver: SolverVersion(name: "null", version: 2),
        fingerprints: [Self.fingerprint], unitCount: units, rowByteCount: Self.rowByteCount,
        descriptionByteCount: 10, firstWorkerNumber: 5),
      policy: policy,
      from: StartingPoint(
        ended: endedSet, failed: failedSet, excludedUnits: 0, deaths: deaths), at: now)
    machine.start(at: now, into: &effects)
    machine.checkInvariants()
    note()
  }

  private mutating func note() {
    for effect in effects {
      switch effect {
      case .persistRows(_, _, _, let at), .persistDeath(_, let at), .persistVerdict(_, let at):
        precondition(at == position + 1, "positions are consecutive")
        position = at
      default: break
      }
    }
  }

  mutating func handle(_ event: CoordinatorEvent) {
    effects = []
    machine.handle(event, at: now, into: &effects)
    machine.checkInvariants()
    note()
  }

  mutating func wait(_ duration: TickDuration) { now = now + duration }

  /// Lets time pass beat by beat.
  mutating func pass(_ duration: TickDuration, beatsOf peers: [UInt64] = []) -> [CoordinatorEffect]
  {
    var all: [CoordinatorEffect] = []
    let end = now + duration
    while now < end {
      wait(.milliseconds(500))
      for peer in peers {
        say(peer, .beat(Self.beat()))
        all += effects
      }
      handle(.tick)
      all += effects
    }
    return all
  }

  static func beat(openSlots: UInt16 = 2) -> WorkerBeat {
    WorkerBeat(busySlots: 1, openSlots: openSlots, remainingSeconds: -1)
  }

  static func id(_ number: UInt64) -> PeerID { PeerID(high: 1 << 63, low: number) }

  static func hello(worker: UInt64, slots: UInt16 = 2, held: [HeldLease] = []) -> Hello {
    Hello(
      protocolVersion: Limits.protocolVersion, run: run, worker: id(worker), build: "1",
      host: "host", processID: 1, slots: slots,
      solvers: [SolverVersion(name: "null", version: 2)], fingerprints: [], held: held,
      remainingSeconds: -1)
  }

  mutating func say(_ peer: UInt64, _ message: WorkerMessage) {
    handle(.message(from: Self.id(peer), message))
  }

  /// Hello and ready; the effects are those of `ready`.
  mutating func join(
    worker: UInt64, peer: UInt64, slots: UInt16 = 2, held: [HeldLease] = []
  ) {
    say(peer, .hello(Self.hello(worker: worker, slots: slots, held: held)))
    sequences[peer] = 0
    say(peer, .ready(numericsClass: 1))
  }

  mutating func nextSequence(_ peer: UInt64) -> UInt64 {
    sequences[peer, default: 0] += 1
    return sequences[peer, default: 0]
  }

  mutating func rows(
    _ peer: UInt64, of lease: Lease, _ units: [UnitRun], isFinal: Bool = true
  ) {
    var runs: [RowRun] = []
    var row = 0
    for run in units {
      runs.append(RowRun(units: run, firstRow: row, isFinal: isFinal))
      row += Int(run.count)
    }
    handle(
      .rows(
        from: Self.id(peer),
        RowBatch(
          epoch: lease.epoch, serial: lease.serial, attempt: lease.attempt,
          sequence: nextSequence(peer),
          bytes: [UInt8](repeating: 0, count: row * Self.rowByteCount)), runs: runs))
  }

  mutating func death(_ peer: UInt64, of lease: Lease, _ unit: UnitIndex, _ end: ChildEnd) {
    say(
      peer,
      .death(
        Death(
          epoch: lease.epoch, serial: lease.serial, attempt: lease.attempt,
          sequence: nextSequence(peer), unit: unit, end: end, detail: "last words")))
  }

  mutating func giveBack(
    _ peer: UInt64, of lease: Lease, _ units: [UnitRun], interrupted: [UnitRun] = []
  ) {
    say(
      peer,
      .returned(
        LeaseReturn(
          epoch: lease.epoch, serial: lease.serial, units: UnitRuns(units),
          interrupted: UnitRuns(interrupted))))
  }

  /// All that was handed to the journal is on disk.
  mutating func sync() { handle(.durable(upTo: position)) }

  // MARK: What the last event brought

  var sent: [CoordinatorMessage] {
    effects.compactMap { if case .send(_, let message) = $0 { message } else { nil } }
  }
  var leases: [Lease] {
    sent.compactMap { if case .lease(let lease) = $0 { lease } else { nil } }
  }
  var acknowledged: [UInt64] {
    sent.compactMap { if case .acknowledged(let sequence) = $0 { sequence } else { nil } }
  }
  var refusal: Refusal? {
    for case .refused(let refusal, _) in sent { return refusal }
    return nil
  }
  var welcome: Welcome? {
    for case .welcome(let welcome) in sent { return welcome }
    return nil
  }
  var persistedRows: Int {
    effects.reduce(0) { sum, effect in
      if case .persistRows(_, let range, _, _) = effect {
        sum + range.count / Self.rowByteCount
      } else {
        sum
      }
    }
  }
  var deaths: [DeathRecord] {
    effects.compactMap { if case .persistDeath(let record, _) = $0 { record } else { nil } }
  }
  var verdicts: [Verdict] {
    effects.compactMap { if case .persistVerdict(let verdict, _) = $0 { verdict } else { nil } }
  }
  var outcome: Outcome? {
    for case .finished(let outcome) in effects { return outcome }
    return nil
  }
}

func units(_ first: UnitIndex, _ count: Int64 = 1) -> UnitRun {
  UnitRun(first: first, count: count)
}

let segfault = ChildEnd(cause: .killed(signal: 11))
let preempted = ChildEnd(cause: .killed(signal: 9))
