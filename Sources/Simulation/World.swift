import Scheduling
import Shards
import SweepModel

/// A whole sweep in one value: coordinators with their journals on a disk that may forget, workers with
/// children that may fail, a network that may break. Both state machines, the journal, the codec of
/// messages and recovery are the real ones; time, network, disk and solver are made here. A seed decides
/// everything, so that a failing schedule replays exactly.
public struct World: Sendable {
  public let seed: UInt64
  public let options: Options
  var random: SplitMix64
  public internal(set) var now = Tick(nanoseconds: 1_000_000_000)
  var agenda = Agenda()

  let solver: FakeSolver
  let header: NPYHeader
  let run: RunIdentity
  let fingerprint: [UInt8]
  let description: [UInt8]
  var interference: any Interference

  var disk = Disk()
  var failsNextSync = false
  var shortensNextWrite = false
  var diskIsFullUntil = Tick(nanoseconds: 0)
  var diskIsSlowUntil = Tick(nanoseconds: 0)

  var coordinators: [CoordinatorProcess] = []
  var workers: [WorkerProcess] = []
  var connections: [Connection] = []
  /// For look-ups only.
  var connectionOfPeer: [PeerID: Int] = [:]
  /// Until when each worker's host is cut off.
  var cutUntil: [Tick] = []
  var nextWorkerNumber: WorkerNumber = 0

  /// Told of every event and effect, in words: for looking at a failing seed.
  public var trace: (@Sendable (String) -> Void)?

  var isCalm = false
  var isComplete = false
  public internal(set) var counts = Counts()
  public internal(set) var violation: Violation?

  var units: UnitFacts
  var rows: RowsChecker
  var acknowledgements: AcknowledgementChecker
  var blame = BlameChecker()
  var epochs = EpochChecker()
  var limits = LimitsChecker()

  // Buffers that are used again and again.
  var scannedRuns: [RowRun] = []
  var coordinatorEffects: [CoordinatorEffect] = []
  var workerEffects: [WorkerEffect] = []

  /// A world with the options that the seed draws.
  public init(seed: UInt64, interference: (any Interference)? = nil) {
    var random = SplitMix64(seed: seed)
    let options = Options.drawn(with: &random)
    self.init(seed: seed, options: options, interference: interference)
  }

  public init(seed: UInt64, options: Options, interference: (any Interference)? = nil) {
    self.seed = seed
    self.options = options
    self.interference = interference ?? NoInterference()
    random = SplitMix64(seed: SplitMix64.mix(seed) &+ 1)
    solver = FakeSolver(
      seed: seed, unitCount: options.unitCount, badUnitsPerThousand: options.badUnitsPerThousand,
      meanUnitTime: options.meanUnitTime, outputWidth: options.outputWidth)
    guard let header = try? NPYHeader(layout: solver.layout) else {
      preconditionFailure("the simulated columns fit any header")
    }
    self.header = header
    run = RunIdentity(high: random.next(), low: random.next())
    var fingerprint: [UInt8] = []
    for _ in 0..<32 { fingerprint.append(UInt8(truncatingIfNeeded: random.next())) }
    self.fingerprint = fingerprint
    let salt = UInt8(truncatingIfNeeded: seed)
    description = (0..<options.descriptionByteCount).map { UInt8(truncatingIfNeeded: $0) ^ salt }
    units = UnitFacts(unitCount: options.unitCount)
    rows = RowsChecker(unitCount: options.unitCount)
    acknowledgements = AcknowledgementChecker(unitCount: options.unitCount)
  }

  /// Whether enough happened for the schedule to count as one.
  public var isThick: Bool {
    options.unitCount >= 500 && counts.deliveredEvents >= 2000 && counts.faults >= 3
  }

  /// Lets the schedule happen, to its end or to the first violation.
  public mutating func play() {
    agenda.add(.coordinatorStarts(takeOver: false), at: now)
    for _ in 0..<options.workerCount {
      agenda.add(.workerJoins, at: now + random.duration(.milliseconds(0)...(.seconds(2))))
    }
    if !options.faults.isEmpty {
      agenda.add(.fault, at: now + random.duration(.milliseconds(0)...options.faultInterval * 2))
    }
    agenda.add(.calm, at: now + options.faultPhase)
    while violation == nil, !isComplete, let next = agenda.takeFirst() {
      if next.at > now { now = next.at }
      happen(next.happening)
    }
    counts.virtualNanoseconds = now.nanoseconds
    if violation == nil && !isComplete { fail(.liveness, "nothing is left to happen") }
    if violation == nil { checkTheEnd() }
  }

  func tell(_ what: @autoclosure () -> String) {
    guard let trace else { return }
    let milliseconds = now.nanoseconds / 1_000_000
    let text = String(what().prefix(400))
    trace("\(milliseconds) " + text)
  }

  mutating func fail(_ property: Violation.Property, _ text: String) {
    if violation == nil { violation = Violation(property: property, text: text, at: now) }
  }

  private mutating func happen(_ happening: Happening) {
    counts.happenings += 1
    switch happening {
    case .arriveUp(let connection): arriveUp(connection)
    case .arriveDown(let connection): arriveDown(connection)
    case .socketClosed(let connection, let reason): socketClosed(connection, reason)
    case .coordinatorTick(let id): coordinatorTick(id)
    case .coordinatorEvents(let id): takeCoordinatorEvents(id)
    case .coordinatorStarts(let takeOver): startCoordinator(takeOver: takeOver)
    case .operationEnds(let id): endOperation(id)
    case .recovered(let id): recover(id)
    case .watch(let id): watch(id)
    case .workerTick(let id): workerTick(id)
    case .prepared(let id): prepared(id)
    case .workerJoins: joinWorker()
    case .childStarts(let worker, let slot, let generation):
      withChild(worker, slot, generation) { $0.childStarts(worker, slot) }
    case .childSteps(let worker, let slot, let generation, let step):
      withChild(worker, slot, generation) { $0.childSteps(worker, slot, step) }
    case .childKilled(let worker, let slot, let generation):
      withChild(worker, slot, generation) { $0.childDies(worker, slot, .killed(signal: 9)) }
    case .childOverLimit(let worker, let slot, let generation, let step):
      withChild(worker, slot, generation) { $0.childOverLimit(worker, slot, step) }
    case .arriveFromChild(let worker, let slot, let generation):
      withChild(worker, slot, generation) { $0.arriveFromChild(worker, slot) }
    case .fault: strike()
    case .calm: calmDown()
    case .overBudget:
      fail(.liveness, "the calm phase is over and \(unfinished) units have no final outcome")
    }
  }

  private var unfinished: Int64 {
    for process in coordinators where process.state == .running {
      if let counts = process.machine?.counts { return counts.units - counts.ended }
    }
    return options.unitCount
  }
}

/// What was broken, in words.
public struct Violation: Hashable, Sendable {
  public enum Property: String, Hashable, Sendable {
    case rows
    case acknowledgement
    case blame
    case leases
    case epochs
    case limits
    case liveness
    case protocolBroken
  }

  public var property: Property
  public var text: String
  public var at: Tick
}

/// What a schedule was made of.
public struct Counts: Hashable, Sendable {
  /// Everything that happened, inside processes and between them.
  public var happenings = 0
  /// Events that one of the two state machines handled, ticks not counted.
  public var deliveredEvents = 0
  /// Faults that found something to break.
  public var faults = 0
  public var faultsByKind = [Int](repeating: 0, count: FaultKind.allCases.count)
  public var epochs = 0
  public var repeatedRows: Int64 = 0
  public var virtualNanoseconds: Int64 = 0
}
