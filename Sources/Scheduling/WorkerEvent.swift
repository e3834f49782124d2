import SweepModel

/// What happens to a worker.
public enum WorkerEvent: Sendable {
  case message(CoordinatorMessage)
  /// The whole run description arrived and was understood; children can be started.
  case prepared(fingerprints: [[UInt8]], rowByteCount: Int, numericsClass: UInt64)
  /// It was not understood, or does not fit this worker.
  case unprepared(reason: String)
  /// The socket was closed, refused or its handshake failed.
  case disconnected(reason: String)
  /// The keys were refused: no use in trying again with them.
  case unauthorised(reason: String)
  case childReady(slot: Int)
  /// Rows that a child wrote, checked and in the order it was given the units.
  case childRows(slot: Int, bytes: [UInt8], runs: [RowRun], reasons: [RowReason])
  /// A row came that is not what was asked for; the child is to be replaced and `unit` gets status 103.
  case childMalformed(slot: Int, unit: UnitIndex?, reason: String)
  /// The child is gone and its pipe was read to the end. `unit` is the one it was computing.
  case childEnded(slot: Int, unit: UnitIndex?, ChildEnd, detail: String)
  /// A recalled child dropped these units, which it had been given before the recall and had not
  /// started. None, one or several of these follow a recall.
  case childReturned(slot: Int, UnitRuns)
  /// The row asked for by `buildFailedRow`.
  case failedRow(LeaseSerial, bytes: [UInt8], runs: [RowRun], reason: String)
  /// TERM and its kin: hand back and leave.
  case drain
  case tick
}

/// What a worker wants done, in order.
public enum WorkerEffect: Sendable {
  /// Close any socket and make a fresh one with this routing id.
  case connect(as: PeerID)
  case disconnect
  case send(WorkerMessage)
  /// All pieces are here: read the description, then answer `prepared` or `unprepared`.
  case prepare([UInt8])
  case startChild(slot: Int)
  /// Give these units to the child, after those it already has.
  case assign(slot: Int, attempt: Int16, UnitRuns)
  /// Ask a child to drop the units that it has not started; `childReturned` follows if there are any.
  case recallChild(slot: Int)
  /// End the child now; `childEnded` follows.
  case killChild(slot: Int)
  /// Make the row of a unit that failed here and answer with `failedRow`.
  case buildFailedRow(LeaseSerial, UnitIndex, attempt: Int16, RowStatus, reason: String)
  case notice(WorkerNotice)
  case exit(WorkerOutcome)
}

public enum WorkerNotice: Hashable, Sendable {
  case connected(epoch: Epoch, number: WorkerNumber)
  case connectionLost(reason: String)
  case slotClosed(slot: Int, reason: String)
  case draining
}

public enum WorkerOutcome: Hashable, Sendable {
  case finished
  case drained
  case refused(Refusal, reason: String)
  case unauthorised(reason: String)
  /// No coordinator answered for as long as the worker was told to wait.
  case unreachable(reason: String)
  /// Every slot's child failed to start.
  case noSlots(reason: String)
}
