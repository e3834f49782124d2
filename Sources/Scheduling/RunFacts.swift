import SweepModel

/// What a coordinator knows of its run beside the units: what a hello is held against and what a
/// welcome says.
public struct RunFacts: Hashable, Sendable {
  public var run: RunIdentity
  public var epoch: Epoch
  public var build: String
  public var solver: SolverVersion
  /// SHA-256 of each segment, in order.
  public var fingerprints: [[UInt8]]
  public var unitCount: Int64
  public var rowByteCount: Int
  public var descriptionByteCount: Int
  /// Workers are numbered from here: one above the highest of earlier epochs.
  public var firstWorkerNumber: WorkerNumber

  public init(
    run: RunIdentity, epoch: Epoch, build: String, solver: SolverVersion, fingerprints: [[UInt8]],
    unitCount: Int64, rowByteCount: Int, descriptionByteCount: Int,
    firstWorkerNumber: WorkerNumber
  ) {
    self.run = run
    self.epoch = epoch
    self.build = build
    self.solver = solver
    self.fingerprints = fingerprints
    self.unitCount = unitCount
    self.rowByteCount = rowByteCount
    self.descriptionByteCount = descriptionByteCount
    self.firstWorkerNumber = firstWorkerNumber
  }
}

/// What recovery found in the run directory: where a coordinator starts from.
public struct StartingPoint: Sendable {
  /// Units that need no lease: excluded by `where`, or with a row that ended them.
  public var ended: UnitSet
  /// Those of them whose row is not final: a late final row is still taken.
  public var failed: UnitSet
  /// How many of `ended` are excluded by `where`: never leased, never counted as done.
  public var excludedUnits: Int64
  /// Counted deaths of units that have not ended, from failures/.
  public var deaths: [UnitIndex: Int16]

  public init(
    ended: UnitSet, failed: UnitSet, excludedUnits: Int64, deaths: [UnitIndex: Int16]
  ) {
    self.ended = ended
    self.failed = failed
    self.excludedUnits = excludedUnits
    self.deaths = deaths
  }
}
