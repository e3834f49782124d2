/// The numbers that the state machines decide by. Tests and simulations vary them.
public struct Policy: Hashable, Sendable {
  public var beatInterval = TickDuration.seconds(1)
  public var leaseDuration = TickDuration.seconds(15)
  /// How much work, by measured rate, a worker is to hold.
  public var leaseTarget = TickDuration.milliseconds(500)
  /// How much work one child is to have in one batch.
  public var batchTarget = TickDuration.milliseconds(50)
  /// Batches that a child may have at once: one it works on and one that waits in its pipe.
  public var batchesPerSlot = 2
  /// Counted deaths after which a unit is quarantined.
  public var deathLimit: Int16 = 3
  /// Uncounted interruptions without progress after which a unit is set aside.
  public var interruptionLimit = 20
  /// Starts in a row without `ready` after which a slot is closed.
  public var startLimit = 3
  /// The sweep stops if the first this many units that end in an epoch all failed; nil for
  /// max(8, 2 x slots), never for `.max`.
  public var failureLimit: Int64?
  /// How long units in progress may go on in a drain.
  public var drainGrace = TickDuration.seconds(5)
  public var leasedUnitsLimit: Int64 = Limits.leasedUnits
  public var resultWindowByteCount = Limits.resultWindowByteCount
  public var totalResultWindowByteCount = Limits.totalResultWindowByteCount
  /// How long a hello waits for its welcome before the next endpoint is tried.
  public var greetingLimit = TickDuration.seconds(5)
  /// Back-off between connection attempts: doubled from the first to the last, with jitter.
  public var reconnectFirst = TickDuration.milliseconds(100)
  public var reconnectLast = TickDuration.seconds(10)
  /// How long a worker looks for its coordinator before it gives up; nil for ever.
  public var reconnectLimit: TickDuration?

  public init() {}
}
