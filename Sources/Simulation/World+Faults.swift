import Scheduling
import Shards
import SweepModel

// Trouble, and its end.
extension World {
  mutating func strike() {
    guard !isCalm else { return }
    // One that finds nothing to break gives way to another.
    for _ in 0..<4 {
      let kind = random.pick(options.faults)
      guard cause(kind) else { continue }
      counts.faults += 1
      tell("fault: \(kind)")
      counts.faultsByKind[kind.rawValue] += 1
      break
    }
    agenda.add(.fault, at: now + random.duration(.milliseconds(0)...options.faultInterval * 2))
  }

  /// - Returns: whether it took effect.
  private mutating func cause(_ kind: FaultKind) -> Bool {
    switch kind {
    case .connectionReset, .connectionSilent, .partition, .stranger: troubleNetwork(kind)
    case .workerCrash, .workerJoin, .workerDrain, .workerPause: troubleWorker(kind)
    case .childCrash, .childKilledFromOutside, .childOutOfMemory, .childExitZero,
      .childAsksAgain, .childHang, .childSlow, .childMalformed, .childStartFailure:
      troubleChild(kind)
    case .coordinatorCrash, .coordinatorPause, .coordinatorDrain, .secondCoordinator,
      .machineCrash, .bitRot:
      troubleCoordinator(kind)
    case .syncFailure, .shortWrite, .diskFull, .diskSlow: troubleDisk(kind)
    }
  }

  private mutating func troubleNetwork(_ kind: FaultKind) -> Bool {
    switch kind {
    case .partition:
      guard let worker = anyWorker() else { return false }
      let time = random.duration(.milliseconds(10)...options.policy.leaseDuration * 2)
      cutUntil[worker] = max(cutUntil[worker], now + time)
      return true
    case .stranger:
      guard let id = anyCoordinator() else { return false }
      let bytes = (0..<random.below(60)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let peer = PeerID(high: random.next(), low: random.next())
      let event = event(for: bytes, from: peer)
      guard case .malformed = event else { return false }
      units.strangersExpected += 1
      post(event, to: id, after: TickDuration(nanoseconds: 0))
      return true
    default:
      let open = connections.indices.filter {
        connections[$0].isUsable && connections[$0].coordinator >= 0
      }
      guard !open.isEmpty else { return false }
      let place = random.pick(open)
      if kind == .connectionSilent {
        loseSome(ofUp: place)
        connections[place].down.keepFirst(0)
        connections[place].isSilent = true
      } else {
        reset(place, tellsWorker: random.chance(3, in: 4))
      }
      return true
    }
  }

  private mutating func anyWorker() -> Int? {
    let there = workers.indices.filter { !workers[$0].isGone }
    return there.isEmpty ? nil : random.pick(there)
  }

  private mutating func anyCoordinator() -> Int? {
    let running = coordinators.indices.filter { coordinators[$0].state == .running }
    return running.isEmpty ? nil : random.pick(running)
  }

  private mutating func troubleWorker(_ kind: FaultKind) -> Bool {
    if kind == .workerJoin {
      guard workers.count(where: { !$0.isGone }) < 8 else { return false }
      agenda.add(.workerJoins, at: now)
      return true
    }
    guard let worker = anyWorker() else { return false }
    switch kind {
    case .workerCrash:
      if let place = workers[worker].connection, connections[place].coordinator >= 0 {
        reset(place, tellsWorker: false)
      }
      endWorker(worker)
      if random.chance(2, in: 3) {
        agenda.add(.workerJoins, at: now + random.duration(.milliseconds(10)...(.seconds(4))))
      }
      replaceWorkers()
    case .workerDrain:
      guard workers[worker].pausedUntil <= now else { return false }
      deliver(WorkerEvent.drain, to: worker)
      if random.chance(2, in: 3) {
        agenda.add(.workerJoins, at: now + random.duration(.milliseconds(10)...(.seconds(4))))
      }
    default:
      let time = random.duration(.milliseconds(10)...options.policy.leaseDuration * 2)
      workers[worker].pausedUntil = max(workers[worker].pausedUntil, now + time)
    }
    return true
  }

  private mutating func troubleChild(_ kind: FaultKind) -> Bool {
    guard let worker = anyWorker() else { return false }
    if kind == .childStartFailure {
      workers[worker].failsNextStart = true
      units.failedStarts += 1
      return true
    }
    let slot = random.below(workers[worker].slots)
    guard let child = workers[worker].children[slot], !child.isDead, child.isReady,
      let current = child.current
    else { return false }
    switch kind {
    case .childCrash:
      let causes: [ChildEnd.Cause] = [
        .killed(signal: 11), .killed(signal: 6), .exited(code: 1), .exited(code: 139),
      ]
      childDies(worker, slot, random.pick(causes))
    case .childKilledFromOutside:
      childDies(worker, slot, .killed(signal: random.pick([9, 15, 2, 1, 24])))
    case .childOutOfMemory: childDies(worker, slot, .killed(signal: 9), outOfMemory: true)
    case .childExitZero: childDies(worker, slot, .exited(code: 0))
    case .childAsksAgain: childDies(worker, slot, .exited(code: 75))
    case .childHang:
      guard solver.nature(of: current.unit) != .hanging else { return false }
      hang(worker, slot)
    case .childSlow: change(worker, slot) { $0.slowness = 10 }
    default: change(worker, slot) { $0.spoilsNextRow = true }
    }
    return true
  }

  private mutating func troubleCoordinator(_ kind: FaultKind) -> Bool {
    guard let id = anyCoordinator() else { return false }
    switch kind {
    case .coordinatorCrash:
      endCoordinator(id, kind: .crashes)
      startLater()
    case .coordinatorPause:
      let time = random.duration(.milliseconds(10)...options.policy.leaseDuration * 2)
      coordinators[id].pausedUntil = max(coordinators[id].pausedUntil, now + time)
    case .coordinatorDrain:
      post(CoordinatorEvent.drain, to: id, after: TickDuration(nanoseconds: 0))
    case .secondCoordinator:
      guard coordinators.count(where: { $0.isAlive }) < 3 else { return false }
      startCoordinator(takeOver: random.chance(3, in: 4))
    default:
      // Bits rot between two runs, where nobody but recovery can see it.
      for other in coordinators.indices where coordinators[other].isAlive {
        endCoordinator(other, kind: .crashes)
      }
      if kind == .machineCrash || random.chance(1, in: 2) { disk.crash(with: &random) }
      let hasRotted = kind == .bitRot && rot()
      rows.examineAgain(&disk, solver: solver, header: header)
      if hasRotted { acknowledgements.forgive(allBut: rows.durable) }
      if let complaint = acknowledgements.check(recovered: rows.durable), kind == .machineCrash {
        fail(.acknowledgement, complaint)
      }
      startLater()
      return kind == .machineCrash || hasRotted
    }
    return true
  }

  private mutating func rot() -> Bool {
    let shards = disk.files.indices.filter {
      if case .shard = disk.files[$0].name {
        return disk.files[$0].bytes.count > header.byteCount + solver.layout.byteCount
      }
      return false
    }
    guard !shards.isEmpty else { return false }
    let place = random.pick(shards)
    for _ in 0..<random.within(1...3) {
      let byte = random.within(header.byteCount...(disk.files[place].bytes.count - 1))
      disk.flip(bit: random.below(8), ofByte: byte, inFile: place)
    }
    return true
  }

  private mutating func troubleDisk(_ kind: FaultKind) -> Bool {
    switch kind {
    case .syncFailure: failsNextSync = true
    case .shortWrite: shortensNextWrite = true
    case .diskFull: diskIsFullUntil = now + random.duration(.milliseconds(10)...(.seconds(5)))
    default: diskIsSlowUntil = now + random.duration(.milliseconds(100)...(.seconds(5)))
    }
    return true
  }

  enum CoordinatorEnd {
    /// It stopped by itself: nothing is in flight.
    case processEnds
    case crashes
  }

  mutating func endCoordinator(_ id: Int, kind: CoordinatorEnd) {
    let isOvertaken = coordinators[id].epoch < disk.highestEpoch
    if kind == .crashes || isOvertaken { disk.dropAbandoned(of: coordinators[id].epoch) }
    if kind == .crashes, let operation = coordinators[id].inFlight {
      abandon(operation)
      counts.repeatedRows += coordinators[id].machine?.counts.repeatedRows ?? 0
    }
    coordinators[id].inFlight = nil
    coordinators[id].state = .gone
    coordinators[id].machine = nil
    for place in connections.indices
    where connections[place].coordinator == id && !connections[place].isClosedByCoordinator {
      reset(place, tellsWorker: random.chance(3, in: 4))
    }
  }

  /// The process died while the operating system was at this: it may have been done, or half done.
  private mutating func abandon(_ operation: JournalOperation) {
    guard random.chance(1, in: 2) else { return }
    switch operation {
    case .claimEpoch(let epoch): _ = disk.claim(epoch)
    case .create(let file, let beginning):
      _ = disk.create(file, beginning: beginning[..<random.below(beginning.count + 1)])
    case .write(let file, let offset, let slices, let byteCount):
      var bytes: [UInt8] = []
      for slice in slices { bytes.append(contentsOf: slice.bytes[slice.range]) }
      disk.write(bytes[..<random.below(byteCount + 1)], at: Int(offset), of: file)
    case .sync(let file):
      disk.sync(file)
      examine(file)
    default: break
    }
  }

  // MARK: The calm phase

  /// Heals everything: from here on the sweep must come to its end within the budget.
  mutating func calmDown() {
    // A world that nothing has befallen yet waits for its faults.
    if counts.faults < options.leastFaults && !options.faults.isEmpty {
      agenda.add(.calm, at: now + .seconds(2))
      return
    }
    isCalm = true
    for worker in workers.indices {
      cutUntil[worker] = now
      workers[worker].pausedUntil = now
      workers[worker].failsNextStart = false
    }
    for id in coordinators.indices { coordinators[id].pausedUntil = now }
    failsNextSync = false
    shortensNextWrite = false
    diskIsFullUntil = now
    diskIsSlowUntil = now
    startLater()
    replaceWorkers()
    agenda.add(.overBudget, at: now + options.calmBudget)
  }

  /// Whatever is not on disk is forgotten once more, and then the collected rows must be right.
  mutating func checkTheEnd() {
    disk.crash(with: &random)
    rows.examineAgain(&disk, solver: solver, header: header)
    if let complaint = acknowledgements.check(recovered: rows.durable) {
      return fail(.acknowledgement, complaint)
    }
    if let complaint = rows.collected(
      from: disk, solver: solver, header: header, units: units, policy: options.policy)
    {
      fail(.rows, complaint)
    }
  }
}
