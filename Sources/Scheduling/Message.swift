import SweepModel

/// What a worker says to the coordinator. Sizes are bounded by `Limits`; Wire checks them before a
/// message reaches a state machine.
public enum WorkerMessage: Hashable, Sendable {
  case hello(Hello)
  /// Asks for piece `index` of the run description (promise 9); answered by `piece`.
  case request(piece: UInt32)
  /// The description is read, the children are ready to be started: leases may come.
  case ready(numericsClass: UInt64)
  /// The worker cannot take part, and why; it disconnects after this.
  case declined(reason: String)
  case rows(RowBatch)
  case returned(LeaseReturn)
  case death(Death)
  case beat(WorkerBeat)
  /// Everything held was handed back or delivered; the worker ends.
  case leaving(reason: String)
}

/// What the coordinator says to a worker.
public enum CoordinatorMessage: Hashable, Sendable {
  case welcome(Welcome)
  case piece(index: UInt32, bytes: [UInt8])
  case refused(Refusal, reason: String)
  case lease(Lease)
  /// Every row batch and death of this connection up to this sequence number is durable or dropped
  /// for good: the worker may forget it.
  case acknowledged(upTo: UInt64)
  case beat(CoordinatorBeat)
  /// Hand back every unit that has not been started: others are idle.
  case recall
  /// The sweep is over; the worker ends with exit code 0.
  case finished
}

/// The first message on a connection.
public struct Hello: Hashable, Sendable {
  public var protocolVersion: UInt16
  public var run: RunIdentity
  public var worker: WorkerIdentity
  /// The build of the worker's program; another build is a warning only.
  public var build: String
  public var host: String
  public var processID: Int32
  public var slots: UInt16
  /// Names and versions of the solvers that this worker has.
  public var solvers: [SolverVersion]
  /// SHA-256 of each segment already held, in order; empty at the first connection.
  public var fingerprints: [[UInt8]]
  /// What the worker still holds from earlier connections: not yet acknowledged units of each lease.
  public var held: [HeldLease]
  /// Seconds until the worker must end (Slurm), negative if it need not.
  public var remainingSeconds: Double

  public init(
    protocolVersion: UInt16, run: RunIdentity, worker: WorkerIdentity, build: String, host: String,
    processID: Int32, slots: UInt16, solvers: [SolverVersion], fingerprints: [[UInt8]],
    held: [HeldLease], remainingSeconds: Double
  ) {
    self.protocolVersion = protocolVersion
    self.run = run
    self.worker = worker
    self.build = build
    self.host = host
    self.processID = processID
    self.slots = slots
    self.solvers = solvers
    self.fingerprints = fingerprints
    self.held = held
    self.remainingSeconds = remainingSeconds
  }
}

public struct SolverVersion: Hashable, Sendable {
  public var name: String
  public var version: Int32

  public init(name: String, version: Int32) {
    self.name = name
    self.version = version
  }
}

/// What a worker still has of one lease: every unit of it whose row is not acknowledged yet.
public struct HeldLease: Hashable, Sendable {
  public var epoch: Epoch
  public var serial: LeaseSerial
  public var units: UnitRuns

  public init(epoch: Epoch, serial: LeaseSerial, units: UnitRuns) {
    self.epoch = epoch
    self.serial = serial
    self.units = units
  }
}

/// The coordinator's answer to a hello that it accepts.
public struct Welcome: Hashable, Sendable {
  public var epoch: Epoch
  public var number: WorkerNumber
  /// How many bytes and pieces the run description has; the worker asks for them one by one unless it
  /// holds every segment already.
  public var descriptionByteCount: UInt64
  public var pieceByteCount: UInt32
  public var beatInterval: TickDuration
  /// Silence after which either side gives the other up.
  public var leaseDuration: TickDuration
  /// Unacknowledged result bytes that this worker may hold before its slots pause.
  public var resultWindowByteCount: UInt32
  /// Serials of this epoch, among those held, that still stand. The others are void: queued units are
  /// dropped, rows of finished ones may still be delivered.
  public var standing: [LeaseSerial]

  public init(
    epoch: Epoch, number: WorkerNumber, descriptionByteCount: UInt64, pieceByteCount: UInt32,
    beatInterval: TickDuration, leaseDuration: TickDuration, resultWindowByteCount: UInt32,
    standing: [LeaseSerial]
  ) {
    self.epoch = epoch
    self.number = number
    self.descriptionByteCount = descriptionByteCount
    self.pieceByteCount = pieceByteCount
    self.beatInterval = beatInterval
    self.leaseDuration = leaseDuration
    self.resultWindowByteCount = resultWindowByteCount
    self.standing = standing
  }

  public var pieceCount: UInt32 {
    let size = UInt64(pieceByteCount)
    return size == 0 ? 0 : UInt32(clamping: (descriptionByteCount + size - 1) / size)
  }
}

/// Why a worker is not admitted.
public struct Refusal: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt16

  public init(rawValue: UInt16) { self.rawValue = rawValue }

  public static let otherProtocol = Refusal(rawValue: 1)
  public static let otherRun = Refusal(rawValue: 2)
  public static let otherSegments = Refusal(rawValue: 3)
  public static let solverMissing = Refusal(rawValue: 4)
  public static let otherSolverVersion = Refusal(rawValue: 5)
  public static let otherNumerics = Refusal(rawValue: 6)
  public static let full = Refusal(rawValue: 7)
  /// This connection has not said hello here (the coordinator is new, or gave the worker up): the
  /// worker begins again on a fresh connection. The only refusal that does not end it.
  public static let unknownPeer = Refusal(rawValue: 8)
  public static let malformed = Refusal(rawValue: 9)
}

/// Units that one worker holds for a while. All of them are on the same try.
public struct Lease: Hashable, Sendable {
  public var epoch: Epoch
  public var serial: LeaseSerial
  /// How many counted deaths each of these units has behind it.
  public var attempt: Int16
  public var units: UnitRuns

  public init(epoch: Epoch, serial: LeaseSerial, attempt: Int16, units: UnitRuns) {
    self.epoch = epoch
    self.serial = serial
    self.attempt = attempt
    self.units = units
  }
}

/// Rows of one lease, whole, as the children wrote them.
public struct RowBatch: Hashable, Sendable {
  public var epoch: Epoch
  public var serial: LeaseSerial
  public var attempt: Int16
  /// Counts batches and deaths of one connection from 1, without gaps.
  public var sequence: UInt64
  /// A whole number of rows.
  public var bytes: [UInt8]
  /// Why units among them failed, in the order of their rows; for failures/.
  public var reasons: [RowReason]

  public init(
    epoch: Epoch, serial: LeaseSerial, attempt: Int16, sequence: UInt64, bytes: [UInt8],
    reasons: [RowReason] = []
  ) {
    self.epoch = epoch
    self.serial = serial
    self.attempt = attempt
    self.sequence = sequence
    self.bytes = bytes
    self.reasons = reasons
  }
}

/// Why a unit's row has a status of 100 or more.
public struct RowReason: Hashable, Sendable {
  public var unit: UnitIndex
  /// At most `Limits.reasonByteCount`.
  public var text: String

  public init(unit: UnitIndex, text: String) {
    self.unit = unit
    self.text = text
  }
}

/// Units of a lease handed back without blame.
public struct LeaseReturn: Hashable, Sendable {
  public var epoch: Epoch
  public var serial: LeaseSerial
  public var units: UnitRuns
  /// Those of them that had been started (killed from outside, drained): after 20 of these in a row
  /// without progress a unit is set aside (status 206).
  public var interrupted: UnitRuns

  public init(epoch: Epoch, serial: LeaseSerial, units: UnitRuns, interrupted: UnitRuns) {
    self.epoch = epoch
    self.serial = serial
    self.units = units
    self.interrupted = interrupted
  }
}

/// How a solver child ended while it was computing a unit: the facts, judged by `Blame`.
public struct ChildEnd: Hashable, Sendable {
  public enum Cause: Hashable, Sendable {
    case exited(code: Int32)
    case killed(signal: Int32)
    /// The worker killed it at its time limit, or for want of progress.
    case timeLimit
    case stalled
  }

  public var cause: Cause
  /// The cgroup's oom_kill count rose while the unit ran.
  public var outOfMemoryKillSeen: Bool
  /// A newer checkpoint of the unit was stored since its last death.
  public var progressed: Bool

  public init(cause: Cause, outOfMemoryKillSeen: Bool = false, progressed: Bool = false) {
    self.cause = cause
    self.outOfMemoryKillSeen = outOfMemoryKillSeen
    self.progressed = progressed
  }
}

/// A unit that ended its child.
public struct Death: Hashable, Sendable {
  public var epoch: Epoch
  public var serial: LeaseSerial
  public var attempt: Int16
  public var sequence: UInt64
  public var unit: UnitIndex
  public var end: ChildEnd
  /// The last lines of the child's stderr, at most `Limits.reasonByteCount`.
  public var detail: String

  public init(
    epoch: Epoch, serial: LeaseSerial, attempt: Int16, sequence: UInt64, unit: UnitIndex,
    end: ChildEnd, detail: String
  ) {
    self.epoch = epoch
    self.serial = serial
    self.attempt = attempt
    self.sequence = sequence
    self.unit = unit
    self.end = end
    self.detail = detail
  }
}

/// Sent once an interval, so that silence means something.
public struct WorkerBeat: Hashable, Sendable {
  public var busySlots: UInt16
  /// Slots that take work: those whose children can be started, none in a drain. Without any, no lease
  /// comes.
  public var openSlots: UInt16
  public var remainingSeconds: Double

  public init(busySlots: UInt16, openSlots: UInt16, remainingSeconds: Double) {
    self.busySlots = busySlots
    self.openSlots = openSlots
    self.remainingSeconds = remainingSeconds
  }
}

public struct CoordinatorBeat: Hashable, Sendable {
  public var resultWindowByteCount: UInt32

  public init(resultWindowByteCount: UInt32) {
    self.resultWindowByteCount = resultWindowByteCount
  }
}
