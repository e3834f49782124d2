import SweepModel

/// What a worker is, for its hello.
public struct WorkerFacts: Hashable, Sendable {
  public var run: RunIdentity
  public var identity: WorkerIdentity
  public var build: String
  public var host: String
  public var processID: Int32
  public var slots: UInt16
  public var solvers: [SolverVersion]
  /// When the worker must have ended (Slurm); nil if it need not.
  public var endsAt: Tick?

  public init(
    run: RunIdentity, identity: WorkerIdentity, build: String, host: String, processID: Int32,
    slots: UInt16, solvers: [SolverVersion], endsAt: Tick?
  ) {
    self.run = run
    self.identity = identity
    self.build = build
    self.host = host
    self.processID = processID
    self.slots = slots
    self.solvers = solvers
    self.endsAt = endsAt
  }
}

/// A worker as a value: its connection, the units it holds, its slots, and the rows that are not
/// acknowledged yet. It never computes; the event loop performs its effects in order.
///
/// See Design.md for its invariants.
public struct Worker: Sendable {
  let facts: WorkerFacts
  let policy: Policy
  var random: SplitMix64

  var link: Link
  /// The epoch whose run description was read last.
  var preparedEpoch: Epoch?
  /// Epochs whose description is being read, in order: one may be overtaken by a new connection.
  var preparations: [Epoch] = []
  var fingerprints: [[UInt8]] = []
  var rowByteCount = 0
  var numericsClass: UInt64 = 0
  /// What the current coordinator told.
  var epoch: Epoch = 0
  public internal(set) var number: WorkerNumber = -1
  var leaseDuration: TickDuration
  var beatInterval: TickDuration
  var resultWindowByteCount: Int

  var slots: [Slot]
  /// Units that no child has yet, in the order of their leases.
  var queue: [Holding] = []
  var outbox = Outbox()
  /// Units whose failed row is being built.
  var failing: [Holding] = []
  /// What was handed back since the last hello, which still lists it.
  var unsentReturns: [LeaseReturn] = []
  var stage = Stage.working

  enum Stage: Sendable {
    case working
    /// Nothing new is started; units in progress may go on until the deadline.
    case draining(until: Tick)
    /// Units in progress were stopped; rows may still be acknowledged until the deadline.
    case delivering(until: Tick)
    case ended
  }

  /// - Parameter seed: for connection ids and jitter; must differ between workers.
  public init(facts: WorkerFacts, policy: Policy, seed: UInt64, at now: Tick) {
    self.facts = facts
    self.policy = policy
    random = SplitMix64(seed: seed)
    link = Link(lostSince: now)
    leaseDuration = policy.leaseDuration
    beatInterval = policy.beatInterval
    resultWindowByteCount = policy.resultWindowByteCount
    slots = (0..<Int(facts.slots)).map { _ in
      Slot(
        window: LeaseWindow(
          floor: 1, limit: policy.leasedUnitsLimit, target: policy.batchTarget, now: now))
    }
  }

  /// Must be called once, before any event.
  public mutating func start(at now: Tick, into effects: inout [WorkerEffect]) {
    connect(at: now, into: &effects)
  }

  /// When `handle(.tick)` must be called at the latest.
  public var nextDeadline: Tick? {
    switch stage {
    case .ended: nil
    case .working: link.deadline
    case .draining(let until), .delivering(let until): min(until, link.deadline)
    }
  }

  public mutating func handle(
    _ event: WorkerEvent, at now: Tick, into effects: inout [WorkerEffect]
  ) {
    if case .ended = stage { return }
    switch event {
    case .message(let message): receive(message, at: now, into: &effects)
    case .prepared(let fingerprints, let rowByteCount, let numericsClass):
      self.fingerprints = fingerprints
      self.rowByteCount = rowByteCount
      self.numericsClass = numericsClass
      prepared(at: now, into: &effects)
    case .unprepared(let reason):
      if case .preparing = link.state { effects.append(.send(.declined(reason: reason))) }
      end(.refused(.malformed, reason: reason), into: &effects)
    case .disconnected(let reason): lose(because: reason, at: now, into: &effects)
    case .unauthorised(let reason): end(.unauthorised(reason: reason), into: &effects)
    case .childReady(let slot): childIsReady(slot, at: now, into: &effects)
    case .childRows(let slot, let bytes, let runs, let reasons):
      take(bytes, runs, reasons, from: slot, at: now, into: &effects)
    case .childMalformed(let slot, let unit, let reason):
      replace(slot, blaming: unit, because: reason, into: &effects)
    case .childEnded(let slot, let unit, let end, let detail):
      childEnded(slot, unit: unit, end, detail: detail, at: now, into: &effects)
    case .childReturned(let slot, let units):
      childReturned(units, from: slot, into: &effects)
    case .failedRow(let serial, let bytes, let runs, let reason):
      post(failedRow: bytes, runs, of: serial, because: reason, into: &effects)
    case .drain: drain(at: now, into: &effects)
    case .tick: break
    }
    keepTime(at: now, into: &effects)
    feed(at: now, into: &effects)
    leaveIfDrained(at: now, into: &effects)
  }

  private mutating func receive(
    _ message: CoordinatorMessage, at now: Tick, into effects: inout [WorkerEffect]
  ) {
    link.heard = now
    switch message {
    case .welcome(let welcome): greet(welcome, at: now, into: &effects)
    case .piece(let index, let bytes): read(piece: index, bytes, into: &effects)
    case .refused(.unknownPeer, let reason): lose(because: reason, at: now, into: &effects)
    case .refused(let refusal, let reason):
      end(.refused(refusal, reason: reason), into: &effects)
    case .lease(let lease):
      // One that crossed our loss of the connection is void: it was not in our hello.
      guard link.isActive, lease.epoch == epoch else { return }
      guard case .working = stage else {
        giveBack(
          Holding(
            epoch: lease.epoch, serial: lease.serial, attempt: lease.attempt, units: lease.units),
          into: &effects)
        return
      }
      take(lease, into: &effects)
    case .acknowledged(let sequence): outbox.drop(upTo: sequence)
    case .beat(let beat): resultWindowByteCount = Int(beat.resultWindowByteCount)
    case .recall: returnUnstarted(into: &effects)
    case .finished: end(.finished, into: &effects)
    }
  }

  /// The last effects of a worker: its children end with it.
  mutating func end(_ outcome: WorkerOutcome, into effects: inout [WorkerEffect]) {
    stage = .ended
    for slot in slots.indices where slots[slot].hasChild { effects.append(.killChild(slot: slot)) }
    effects.append(.disconnect)
    effects.append(.exit(outcome))
  }
}

/// Units of one lease that the worker has.
struct Holding: Sendable {
  var epoch: Epoch
  var serial: LeaseSerial
  var attempt: Int16
  var units: UnitRuns
  /// The lease was lost; rows may still be delivered, but nothing is handed back and no one blamed.
  var isVoid = false
  /// The child was asked to drop what it has not begun of this.
  var isRecalled = false
}
