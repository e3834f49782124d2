import Scheduling
import Shards
import SweepModel
import Wire

// The shell around a worker.
extension World {
  mutating func joinWorker() {
    guard !isComplete else { return }
    let id = workers.count
    let slots = random.within(options.slots)
    let identity = WorkerIdentity(high: random.next(), low: random.next())
    let machine = Worker(
      facts: WorkerFacts(
        run: run, identity: identity, build: "simulated", host: "host-\(id)",
        processID: Int32(id + 1), slots: UInt16(slots),
        solvers: [SolverVersion(name: "fake", version: 1)], endsAt: nil),
      policy: options.policy, seed: random.next(), at: now)
    workers.append(
      WorkerProcess(
        machine: machine, identity: identity, slots: slots,
        children: [Child?](repeating: nil, count: slots)))
    cutUntil.append(now)
    withMachine(ofWorker: id) { $0.start(at: $1, into: &$2) }
  }

  mutating func workerCanRun(_ id: Int, _ happening: Happening) -> Bool {
    guard !workers[id].isGone else { return false }
    guard workers[id].pausedUntil <= now else {
      agenda.add(happening, at: workers[id].pausedUntil)
      return false
    }
    return true
  }

  mutating func workerTick(_ id: Int) {
    guard workerCanRun(id, .workerTick(id)) else { return }
    workers[id].tickAt = nil
    guard let deadline = workers[id].machine.nextDeadline else { return }
    if now >= deadline || random.chance(1, in: 8) {
      handle(WorkerEvent.tick, by: id)
    } else {
      scheduleTick(ofWorker: id)
    }
  }

  private mutating func scheduleTick(ofWorker id: Int) {
    guard !workers[id].isGone, let deadline = workers[id].machine.nextDeadline else { return }
    if let planned = workers[id].tickAt, planned <= deadline { return }
    workers[id].tickAt = max(deadline, now)
    agenda.add(.workerTick(id), at: max(deadline, now))
  }

  mutating func deliver(_ event: WorkerEvent, to id: Int) {
    counts.deliveredEvents += 1
    tell("worker \(id) gets \(event)")
    for altered in interference.events(for: event, worker: id) { handle(altered, by: id) }
  }

  mutating func handle(_ event: WorkerEvent, by id: Int) {
    guard !workers[id].isGone else { return }
    withMachine(ofWorker: id) { $0.handle(event, at: $1, into: &$2) }
    // What its own effects brought about.
    while !workers[id].isGone, violation == nil, let next = workers[id].events.takeFirst() {
      deliver(next, to: id)
    }
  }

  private mutating func withMachine(
    ofWorker id: Int, _ step: (inout Worker, Tick, inout [WorkerEffect]) -> Void
  ) {
    var effects = workerEffects
    workerEffects = []
    effects.removeAll(keepingCapacity: true)
    step(&workers[id].machine, now, &effects)
    workers[id].machine.checkInvariants()
    if let complaint = limits.check(workers[id].machine.summary, options: options, solver: solver) {
      fail(.limits, complaint)
    }
    for effect in effects where violation == nil { perform(effect, of: id) }
    workerEffects = effects
    scheduleTick(ofWorker: id)
  }

  private mutating func perform(_ effect: WorkerEffect, of id: Int) {
    tell("worker \(id) wants \(effect)")
    switch effect {
    case .connect(let peer): connect(id, as: peer)
    case .disconnect: closeConnection(of: id)
    case .send(let message):
      if let place = workers[id].connection {
        acknowledgements.sent(message, by: connections[place].peer, solver: solver)
      }
      if let complaint = limits.check(message) { return fail(.limits, complaint) }
      send(WireFormat.encode(message), from: id)
    case .prepare(let bytes):
      if bytes != description { fail(.protocolBroken, "the run description arrived changed") }
      agenda.add(
        .prepared(worker: id), at: now + random.duration(.milliseconds(1)...(.milliseconds(400))))
    case .startChild(let slot): startChild(id, slot)
    case .assign(let slot, let attempt, let units):
      command(id, slot, .units(attempt: attempt, units))
    case .recallChild(let slot): command(id, slot, .recall)
    case .killChild(let slot):
      guard let child = workers[id].children[slot] else { return }
      agenda.add(
        .childKilled(worker: id, slot: slot, generation: child.generation),
        at: now + random.duration(.milliseconds(0)...(.milliseconds(5))))
    case .buildFailedRow(let serial, let unit, let attempt, let status, let reason):
      let row = solver.codec.failedRow(
        unit: unit, parameters: solver.parameters(of: unit), levels: solver.levels(of: unit),
        status: status, attempt: attempt, worker: workers[id].machine.number, wallSeconds: 0)
      workers[id].events.append(
        .failedRow(
          serial, bytes: row,
          runs: [RowRun(units: UnitRun(first: unit, count: 1), firstRow: 0, isFinal: false)],
          reason: reason))
    case .notice: break
    case .exit(let outcome): leave(id, outcome)
    }
  }

  mutating func prepared(_ id: Int) {
    guard workerCanRun(id, .prepared(worker: id)) else { return }
    deliver(
      .prepared(
        fingerprints: [fingerprint], rowByteCount: solver.layout.byteCount, numericsClass: 1),
      to: id)
  }

  private mutating func leave(_ id: Int, _ outcome: WorkerOutcome) {
    endWorker(id)
    switch outcome {
    case .finished, .drained: break
    case .noSlots(let reason):
      if units.failedStarts == 0 { fail(.protocolBroken, "a worker closed its slots: \(reason)") }
    case .refused(_, let reason):
      fail(.protocolBroken, "a worker left because it was refused: \(reason)")
    case .unauthorised, .unreachable:
      fail(.protocolBroken, "a worker left for \(outcome)")
    }
    replaceWorkers()
  }

  /// The process is gone, and its children with it.
  mutating func endWorker(_ id: Int) {
    closeConnection(of: id)
    workers[id].isGone = true
    for slot in workers[id].children.indices { workers[id].children[slot] = nil }
  }

  /// At least one worker is there or on its way.
  mutating func replaceWorkers() {
    guard !workers.contains(where: { !$0.isGone }) else { return }
    agenda.add(.workerJoins, at: now + random.duration(.milliseconds(10)...(.seconds(2))))
  }
}
