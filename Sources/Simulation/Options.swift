import Scheduling
import SweepModel

/// The circumstances of one schedule, all drawn from its seed ("swarm": no two worlds have the same
/// troubles, and each lacks some).
public struct Options: Sendable {
  public var unitCount: Int64 = 1000
  public var workerCount = 3
  public var slots: ClosedRange<Int> = 1...3
  public var outputWidth = 1
  public var badUnitsPerThousand = 0
  public var meanUnitTime = TickDuration.milliseconds(20)
  /// What a child may take for one unit before it is killed.
  public var timeLimit = TickDuration.seconds(3)
  /// Rows that a child gathers before it writes them.
  public var rowsPerWrite = 4
  /// The child answers a recall at once instead of between two units.
  public var answersRecallAtOnce = false
  public var networkDelay = TickDuration(nanoseconds: 50_000)...TickDuration.milliseconds(5)
  public var diskDelay = TickDuration(nanoseconds: 100_000)...TickDuration.milliseconds(4)
  public var rotationByteCount: UInt64 = 1 << 20
  public var descriptionByteCount = 3000
  public var policy = Policy()
  /// Kinds of trouble that this world knows.
  public var faults: [FaultKind] = []
  /// Mean time between two of them.
  public var faultInterval = TickDuration.seconds(1)
  /// When the world is healed, at the earliest.
  public var faultPhase = TickDuration.seconds(30)
  /// Faults that must have taken effect before that.
  public var leastFaults = 3
  /// What the calm phase may take at most.
  public var calmBudget = TickDuration.seconds(600)

  public init() {}

  public static func drawn(with random: inout SplitMix64) -> Options {
    var options = Options()
    options.unitCount = Int64(random.within(500...(random.chance(1, in: 4) ? 3000 : 1200)))
    options.workerCount = random.within(1...6)
    options.slots = 1...random.within(1...3)
    options.outputWidth = random.pick([1, 1, 4, 60])
    options.badUnitsPerThousand = random.pick([0, 0, 4, 12])
    options.rowsPerWrite = random.pick([1, 1, 3, 16])
    options.answersRecallAtOnce = random.chance(1, in: 2)
    options.faultPhase = .seconds(Int64(random.within(10...60)))
    // Enough work for the whole fault phase.
    let slots = Int64(options.workerCount * options.slots.upperBound)
    options.meanUnitTime = TickDuration(
      nanoseconds: options.faultPhase.nanoseconds * slots / options.unitCount)
    options.timeLimit = max(.seconds(1), options.meanUnitTime * 30)
    options.networkDelay = random.pick([
      TickDuration(nanoseconds: 20_000)...TickDuration(nanoseconds: 200_000),
      TickDuration(nanoseconds: 50_000)...TickDuration.milliseconds(5),
      TickDuration.milliseconds(1)...TickDuration.milliseconds(300),
    ])
    options.diskDelay = random.pick([
      TickDuration(nanoseconds: 100_000)...TickDuration.milliseconds(4),
      TickDuration.milliseconds(5)...TickDuration.milliseconds(100),
    ])
    options.rotationByteCount = random.pick([1 << 30, 40_000, 5_000])
    options.descriptionByteCount =
      random.chance(1, in: 40) ? Limits.pieceByteCount * 2 + 77 : random.within(0...3000)
    options.policy = drawPolicy(with: &random)
    options.faults = FaultKind.allCases.filter { _ in random.chance(2, in: 5) }
    if options.faults.count < 3 { options.faults = FaultKind.allCases }
    options.faultInterval = TickDuration(
      nanoseconds: options.faultPhase.nanoseconds / Int64(random.within(5...60)))
    // Bad units take their limits, one after the other in the worst case.
    let bad = options.unitCount * Int64(options.badUnitsPerThousand) / 1000 + 3
    options.calmBudget =
      .seconds(120) + options.faultPhase * 12 + options.timeLimit * (bad * 4)
      + options.policy.leaseDuration * 6
      // A window of one row takes a round trip and a sync for each.
      + (options.networkDelay.upperBound * 3 + options.diskDelay.upperBound * 4)
      * options.unitCount
    return options
  }

  private static func drawPolicy(with random: inout SplitMix64) -> Policy {
    var policy = Policy()
    policy.beatInterval = .milliseconds(Int64(random.within(200...1000)))
    policy.leaseDuration = policy.beatInterval * Int64(random.within(4...15))
    policy.leaseTarget = .milliseconds(Int64(random.within(100...2000)))
    policy.batchTarget = .milliseconds(Int64(random.within(20...200)))
    policy.batchesPerSlot = random.within(1...3)
    policy.deathLimit = Int16(random.within(2...4))
    policy.interruptionLimit = random.pick([20, 20, 5])
    policy.failureLimit = random.chance(1, in: 8) ? nil : .max
    policy.drainGrace = .milliseconds(Int64(random.within(100...5000)))
    policy.leasedUnitsLimit = random.pick([Limits.leasedUnits, Limits.leasedUnits, 16])
    policy.resultWindowByteCount = random.pick([4 << 20, 4096, 600])
    policy.totalResultWindowByteCount = random.pick([64 << 20, 8192])
    policy.reconnectLast = .milliseconds(Int64(random.within(500...10_000)))
    return policy
  }
}

extension TickDuration {
  static func + (left: TickDuration, right: TickDuration) -> TickDuration {
    TickDuration(nanoseconds: left.nanoseconds + right.nanoseconds)
  }
}
