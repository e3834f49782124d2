import Scheduling
import Shards
import SweepModel

/// A coordinator's process: its machine, its journal, and what stands between them and the world.
struct CoordinatorProcess: Sendable {
  enum State: Hashable, Sendable {
    case claiming
    case recovering
    case running
    case gone
  }

  var state = State.claiming
  var journal: Journal
  /// Nil until recovery is done.
  var machine: Coordinator?
  var epoch: EpochNumber = 0
  var pausedUntil = Tick(nanoseconds: 0)
  /// What the journal waits for.
  var inFlight: JournalOperation?
  /// Events that its loop has not come to yet.
  var inbox = Queue<CoordinatorEvent>()
  var tickAt: Tick?
  var leases: LeaseChecker

  var isAlive: Bool { state != .gone }
}

/// A worker's process.
struct WorkerProcess: Sendable {
  var machine: Worker
  let identity: WorkerIdentity
  let slots: Int
  var isGone = false
  var pausedUntil = Tick(nanoseconds: 0)
  /// The socket that is open.
  var connection: Int?
  var children: [Child?]
  var nextGeneration = 0
  /// The next child will not start.
  var failsNextStart = false
  var tickAt: Tick?
  var events = Queue<WorkerEvent>()
  /// The run description that is being read.
  var description: [UInt8] = []
}
