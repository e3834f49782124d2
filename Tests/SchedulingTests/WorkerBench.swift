import Scheduling
import SweepModel

/// A worker with a clock, whose coordinator and children say what a test wants. Invariants are checked
/// after every event.
struct WorkerBench {
  static let rowByteCount = 8

  var machine: Worker
  var now = Tick(nanoseconds: 0)
  /// Of the last event.
  var effects: [WorkerEffect] = []

  init(slots: UInt16 = 1, policy: Policy = Policy()) {
    machine = Worker(
      facts: WorkerFacts(
        run: CoordinatorBench.run, identity: CoordinatorBench.id(77), build: "1", host: "host",
        processID: 1, slots: slots,
        solvers: [SolverVersion(name: "null", version: 2)], endsAt: nil),
      policy: policy, seed: 5, at: now)
    machine.start(at: now, into: &effects)
    machine.checkInvariants()
  }

  mutating func handle(_ event: WorkerEvent) {
    effects = []
    machine.handle(event, at: now, into: &effects)
    machine.checkInvariants()
  }

  mutating func hear(_ message: CoordinatorMessage) { handle(.message(message)) }

  mutating func wait(_ duration: TickDuration) {
    now = now + duration
    handle(.tick)
  }

  mutating func welcome(epoch: Epoch = 1, standing: [LeaseSerial] = [], window: UInt32 = 4 << 20) {
    hear(
      .welcome(
        Welcome(
          epoch: epoch, number: 4, descriptionByteCount: 3, pieceByteCount: 2,
          beatInterval: .seconds(1), leaseDuration: .seconds(15), resultWindowByteCount: window,
          standing: standing)))
  }

  /// Up to an active connection with every child ready.
  mutating func begin(window: UInt32 = 4 << 20, slots: Int = 1) {
    welcome(window: window)
    hear(.piece(index: 0, bytes: [1, 2]))
    hear(.piece(index: 1, bytes: [3]))
    prepared()
    for slot in 0..<slots { handle(.childReady(slot: slot)) }
  }

  mutating func prepared() {
    handle(
      .prepared(
        fingerprints: [CoordinatorBench.fingerprint], rowByteCount: Self.rowByteCount,
        numericsClass: 1))
  }

  /// The connection is lost and the next attempt begins.
  mutating func reconnect() {
    handle(.disconnected(reason: "reset"))
    wait(.seconds(20))
  }

  mutating func lease(
    _ runs: [UnitRun], serial: LeaseSerial, epoch: Epoch = 1, attempt: Int16 = 0
  ) {
    hear(.lease(Lease(epoch: epoch, serial: serial, attempt: attempt, units: UnitRuns(runs))))
  }

  mutating func rows(_ runs: [UnitRun], isFinal: Bool = true, slot: Int = 0) {
    var scanned: [RowRun] = []
    var row = 0
    for run in runs {
      scanned.append(RowRun(units: run, firstRow: row, isFinal: isFinal))
      row += Int(run.count)
    }
    handle(
      .childRows(
        slot: slot, bytes: [UInt8](repeating: 0, count: row * Self.rowByteCount), runs: scanned,
        reasons: []))
  }

  var sent: [WorkerMessage] {
    effects.compactMap { if case .send(let message) = $0 { message } else { nil } }
  }
  var hello: Hello? {
    for case .hello(let hello) in sent { return hello }
    return nil
  }
  var batches: [RowBatch] {
    sent.compactMap { if case .rows(let batch) = $0 { batch } else { nil } }
  }
  var returned: [LeaseReturn] {
    sent.compactMap { if case .returned(let units) = $0 { units } else { nil } }
  }
  var deaths: [Death] {
    sent.compactMap { if case .death(let death) = $0 { death } else { nil } }
  }
  var assigned: [UnitRuns] {
    effects.compactMap { if case .assign(_, _, let units) = $0 { units } else { nil } }
  }
  var recalls: [Int] {
    effects.compactMap { if case .recallChild(let slot) = $0 { slot } else { nil } }
  }
  var kills: [Int] {
    effects.compactMap { if case .killChild(let slot) = $0 { slot } else { nil } }
  }
  var starts: [Int] {
    effects.compactMap { if case .startChild(let slot) = $0 { slot } else { nil } }
  }
  var isReadySent: Bool {
    sent.contains { if case .ready = $0 { true } else { false } }
  }
  var outcome: WorkerOutcome? {
    for case .exit(let outcome) in effects { return outcome }
    return nil
  }
}
