import SweepModel

/// What happens to a coordinator. The event loop turns the world into these, one at a time.
public enum CoordinatorEvent: Sendable {
  /// A message that Wire accepted. Rows come as `rows` instead, after their scan.
  case message(from: PeerID, WorkerMessage)
  /// A batch whose rows were checked (length, CRC, unit in the grid, status valid): the runs cover all
  /// of it, in order. A batch with any bad row comes as `malformed`.
  case rows(from: PeerID, RowBatch, runs: [RowRun])
  /// Bytes that Wire or the row scan refused.
  case malformed(from: PeerID, reason: String)
  /// A send found no such peer.
  case unreachable(PeerID)
  /// Everything handed to the journal up to this position is on disk.
  case durable(upTo: JournalPosition)
  /// The journal gave up (disk full, another coordinator): nothing will become durable any more.
  case journalStopped(reason: String)
  /// Drain (first signal or control file): no new leases, workers hand back and leave.
  case drain
  case tick
}

/// What a coordinator wants done. Effects are performed in order, and everything an effect needs is in
/// it: ids and bytes only.
///
/// Contract: `acknowledged` is sent only while handling the `durable(upTo:)` that covers the batch's
/// rows, or at once if nothing of it had to be persisted. `persist` effects carry consecutive
/// positions; the journal answers them in that order.
public enum CoordinatorEffect: Sendable {
  case send(to: PeerID, CoordinatorMessage)
  /// Send piece `index` of the run description, which the event loop holds.
  case sendPiece(to: PeerID, index: UInt32)
  /// Append `bytes[range]`, a whole number of rows, to the shard, and a line for each reason to
  /// failures/.
  case persistRows([UInt8], Range<Int>, reasons: [RowReason], at: JournalPosition)
  /// Append a line to failures/.
  case persistDeath(DeathRecord, at: JournalPosition)
  /// Build this unit's row (outputs NaN, worker -1) and append it.
  case persistVerdict(Verdict, at: JournalPosition)
  /// Append a line to workers/; not part of any promise, so it has no position.
  case recordWorker(WorkerRecord)
  /// Forget this peer's connection.
  case disconnect(PeerID)
  case notice(Notice)
  /// Nothing more will happen; end the process with this.
  case finished(Outcome)
}

/// One counted or uncounted death, as failures/ has it.
public struct DeathRecord: Hashable, Sendable {
  public var unit: UnitIndex
  public var attempt: Int16
  public var worker: WorkerNumber
  public var end: ChildEnd
  /// Whether it counts towards quarantine (promise 6).
  public var counted: Bool
  public var detail: String

  public init(
    unit: UnitIndex, attempt: Int16, worker: WorkerNumber, end: ChildEnd, counted: Bool,
    detail: String
  ) {
    self.unit = unit
    self.attempt = attempt
    self.worker = worker
    self.end = end
    self.counted = counted
    self.detail = detail
  }
}

/// A unit set aside by the coordinator.
public struct Verdict: Hashable, Sendable {
  public var unit: UnitIndex
  public var attempt: Int16
  public var status: RowStatus
  public var reason: String

  public init(unit: UnitIndex, attempt: Int16, status: RowStatus, reason: String) {
    self.unit = unit
    self.attempt = attempt
    self.status = status
    self.reason = reason
  }
}

public struct WorkerRecord: Hashable, Sendable {
  public var number: WorkerNumber
  public var identity: WorkerIdentity
  public var host: String
  public var processID: Int32
  public var slots: UInt16
  public var build: String
  public var numericsClass: UInt64

  public init(
    number: WorkerNumber, identity: WorkerIdentity, host: String, processID: Int32, slots: UInt16,
    build: String, numericsClass: UInt64
  ) {
    self.number = number
    self.identity = identity
    self.host = host
    self.processID = processID
    self.slots = slots
    self.build = build
    self.numericsClass = numericsClass
  }
}

/// Something a user should read on stderr.
public enum Notice: Hashable, Sendable {
  case workerJoined(WorkerNumber, host: String, slots: UInt16)
  case workerLeft(WorkerNumber, host: String, reason: String)
  case workerLost(WorkerNumber, host: String, unitsReturned: Int64)
  case workerRefused(host: String, reason: String)
  case otherBuild(WorkerNumber, host: String, build: String)
  case peerMalformed(reason: String)
  case unitDied(UnitIndex, attempt: Int16, worker: WorkerNumber, ChildEnd, counted: Bool)
  case unitQuarantined(Verdict)
  case tooManyFailures(ended: Int64)
}

/// How a coordinator ended.
public enum Outcome: Hashable, Sendable {
  case complete(failedUnits: Int64)
  case drained
  case journalStopped(reason: String)
  case tooManyFailures
}
