import Scheduling
import SweepModel
import Testing

/// A coordinator over ten units, driven by hand.
private struct Desk {
  static let solver = SolverVersion(name: "null", version: 1)
  static let peer = PeerID(high: 1, low: 1)
  var coordinator: Coordinator
  var now = Tick(nanoseconds: 0)

  init() {
    let facts = RunFacts(
      run: RunIdentity(high: 7, low: 7), epoch: 3, build: "b", solver: Desk.solver,
      fingerprints: [[1]], unitCount: 10, rowByteCount: 8, descriptionByteCount: 100,
      firstWorkerNumber: 0)
    coordinator = Coordinator(
      facts: facts, policy: Policy(),
      from: StartingPoint(
        ended: UnitSet(unitCount: 10), failed: UnitSet(unitCount: 10), excludedUnits: 0,
        deaths: [:]), at: now)
    var effects: [CoordinatorEffect] = []
    coordinator.start(at: now, into: &effects)
  }

  mutating func handle(_ event: CoordinatorEvent) -> [CoordinatorEffect] {
    var effects: [CoordinatorEffect] = []
    coordinator.handle(event, at: now, into: &effects)
    coordinator.checkInvariants()
    return effects
  }

  func hello(run: RunIdentity = RunIdentity(high: 7, low: 7)) -> Hello {
    Hello(
      protocolVersion: Limits.protocolVersion, run: run,
      worker: WorkerIdentity(high: 2, low: 2), build: "b", host: "h", processID: 1, slots: 2,
      solvers: [Desk.solver], fingerprints: [], held: [], remainingSeconds: -1)
  }

  /// A worker joins and is given its first lease.
  mutating func join() throws -> Lease {
    _ = handle(.message(from: Desk.peer, .hello(hello())))
    let effects = handle(.message(from: Desk.peer, .ready(numericsClass: 0)))
    let leases = effects.compactMap { effect -> Lease? in
      if case .send(_, .lease(let lease)) = effect { lease } else { nil }
    }
    return try #require(leases.first)
  }

  mutating func deliver(_ lease: Lease, sequence: UInt64) -> [CoordinatorEffect] {
    var runs: [RowRun] = []
    var row = 0
    for run in lease.units.runs {
      runs.append(RowRun(units: run, firstRow: row, isFinal: true))
      row += Int(run.count)
    }
    let batch = RowBatch(
      epoch: lease.epoch, serial: lease.serial, attempt: lease.attempt, sequence: sequence,
      bytes: [UInt8](repeating: 0, count: 8 * row))
    return handle(.rows(from: Desk.peer, batch, runs: runs))
  }
}

private func acknowledged(_ effects: [CoordinatorEffect]) -> [UInt64] {
  effects.compactMap { if case .send(_, .acknowledged(let upTo)) = $0 { upTo } else { nil } }
}

private func persisted(_ effects: [CoordinatorEffect]) -> [JournalPosition] {
  effects.compactMap { if case .persistRows(_, _, _, let position) = $0 { position } else { nil } }
}

@Suite struct CoordinatorTests {
  @Test("rows are acknowledged only when the journal says that they are on disk")
  func acknowledgement() throws {
    var desk = Desk()
    let lease = try desk.join()
    let taken = desk.deliver(lease, sequence: 1)
    let position = try #require(persisted(taken).last)
    #expect(acknowledged(taken).isEmpty)
    #expect(acknowledged(desk.handle(.durable(upTo: position - 1))).isEmpty)
    #expect(acknowledged(desk.handle(.tick)).isEmpty)
    #expect(acknowledged(desk.handle(.durable(upTo: position))) == [1])
  }

  @Test("rows of units that are on disk already are dropped and acknowledged at once")
  func repeated() throws {
    var desk = Desk()
    let lease = try desk.join()
    let position = try #require(persisted(desk.deliver(lease, sequence: 1)).last)
    let synced = desk.handle(.durable(upTo: position))
    #expect(acknowledged(synced) == [1])
    #expect(desk.coordinator.nextDeadline != nil, "the first lease was the whole sweep")
    let again = desk.deliver(lease, sequence: 2)
    #expect(persisted(again).isEmpty)
    #expect(acknowledged(again) == [2])
  }

  @Test("a worker that falls silent for longer than a lease is lost, and one that beats is not")
  func expiry() throws {
    var desk = Desk()
    _ = try desk.join()
    let beat = WorkerMessage.beat(WorkerBeat(busySlots: 1, openSlots: 2, remainingSeconds: -1))
    func lost(_ effects: [CoordinatorEffect]) -> Int {
      effects.count { if case .notice(.workerLost) = $0 { true } else { false } }
    }
    for _ in 0..<40 {
      desk.now = desk.now + .seconds(1)
      #expect(lost(desk.handle(.message(from: Desk.peer, beat)) + desk.handle(.tick)) == 0)
    }
    var losses = 0
    for _ in 0..<20 {
      desk.now = desk.now + .seconds(1)
      losses += lost(desk.handle(.tick))
    }
    #expect(losses == 1)
  }

  @Test("a worker of another run is refused with the reason and given nothing")
  func otherRun() {
    var desk = Desk()
    let effects = desk.handle(
      .message(from: Desk.peer, .hello(desk.hello(run: RunIdentity(high: 0, low: 0)))))
    let refusals = effects.compactMap { effect -> Refusal? in
      if case .send(_, .refused(let refusal, _)) = effect { refusal } else { nil }
    }
    #expect(refusals == [.otherRun])
    #expect(!effects.contains { if case .send(_, .welcome) = $0 { true } else { false } })
  }
}
