import RunFolder
import Scheduling
import SweepModel
import Transport

/// What a coordinator is started with.
public struct CoordinatorConfiguration: Sendable {
  /// RUN, opened or made.
  public var folder: String
  public var grid: Grid
  public var settings: RunSettings
  public var policy: Policy
  public var build: String
  /// The program whose `worker` subcommand is `run`'s own worker.
  public var program: String
  /// Take the run over from a coordinator that seems alive.
  public var takeOver: Bool
  /// Where workers from elsewhere come in; nil for none.
  public var listen: Endpoint?
  /// Slots of a worker of its own, over ipc; 0 for none.
  public var ownSlots: UInt16
  public var rotationByteCount: UInt64
  public var observer: CoordinatorObserver

  public init(
    folder: String, grid: Grid, settings: RunSettings, policy: Policy, build: String,
    program: String,
    takeOver: Bool, listen: Endpoint?, ownSlots: UInt16, rotationByteCount: UInt64 = 1 << 30,
    observer: CoordinatorObserver
  ) {
    self.folder = folder
    self.grid = grid
    self.settings = settings
    self.policy = policy
    self.build = build
    self.program = program
    self.takeOver = takeOver
    self.listen = listen
    self.ownSlots = ownSlots
    self.rotationByteCount = rotationByteCount
    self.observer = observer
  }
}

/// Who watches a coordinator: called from its loop, must return at once.
public struct CoordinatorObserver: Sendable {
  /// Something a user should read.
  public var notice: @Sendable (Notice) -> Void
  /// A sentence about the network or the run directory.
  public var remark: @Sendable (String) -> Void
  /// It accepts workers.
  public var ready: @Sendable (CoordinatorAddress) -> Void
  /// Some ten times a second.
  public var progress: @Sendable (CoordinatorCounts) -> Void

  public init(
    notice: @escaping @Sendable (Notice) -> Void, remark: @escaping @Sendable (String) -> Void,
    ready: @escaping @Sendable (CoordinatorAddress) -> Void,
    progress: @escaping @Sendable (CoordinatorCounts) -> Void
  ) {
    self.notice = notice
    self.remark = remark
    self.ready = ready
    self.progress = progress
  }
}

/// Where a coordinator is found.
public struct CoordinatorAddress: Hashable, Sendable {
  public var endpoints: [Endpoint]
  /// What workers from elsewhere join with, if they can.
  public var accessFile: String?
  /// How many of them the limit on open files leaves room for.
  public var workerLimit: Int

  public init(endpoints: [Endpoint], accessFile: String?, workerLimit: Int) {
    self.endpoints = endpoints
    self.accessFile = accessFile
    self.workerLimit = workerLimit
  }
}

/// How a coordinator ended, and how long its leases took.
public struct CoordinatorReport: Sendable {
  public var end: CoordinatorEnd
  /// From the first lease to the moment when everything was durable; 0 if nothing was leased.
  public var dispatchSeconds: Double

  public init(end: CoordinatorEnd, dispatchSeconds: Double) {
    self.end = end
    self.dispatchSeconds = dispatchSeconds
  }
}

/// How a coordinator's process ends.
public enum CoordinatorEnd: Sendable {
  case outcome(Outcome, CoordinatorCounts)
  /// A second signal: at once.
  case signalled(Int32)
  /// It could not begin: another coordinator holds the run, a disk that does not take it.
  case refused(reason: String)
  /// Its own worker cannot start its solver processes.
  case ownWorkerFailed(reason: String)
}
