import Scheduling
import Shards
import SweepModel

// The shell around a journal: its operations on the simulated disk, and recovery.
extension World {
  mutating func drive(_ id: Int, _ event: JournalEvent) {
    var effects: [JournalEffect] = []
    coordinators[id].journal.handle(
      interference.event(for: event, epoch: coordinators[id].epoch), into: &effects)
    coordinators[id].journal.checkInvariants()
    for effect in effects {
      switch effect {
      case .perform(let operation):
        if let complaint = epochs.check(operation, by: id, of: coordinators[id].epoch) {
          return fail(.epochs, complaint)
        }
        coordinators[id].inFlight = operation
        agenda.add(.operationEnds(coordinator: id), at: now + diskTime(of: operation))
      case .claimed(let epoch):
        coordinators[id].epoch = epoch
        coordinators[id].state = .recovering
        counts.epochs += 1
        if let complaint = epochs.claimed(epoch) { return fail(.epochs, complaint) }
        agenda.add(
          .recovered(coordinator: id),
          at: now + random.duration(.milliseconds(1)...(.milliseconds(300))))
      case .durable(let position):
        post(
          .durable(upTo: position), to: id,
          after: random.duration(TickDuration(nanoseconds: 0)...(.milliseconds(2))))
      case .stopped(let reason): journalStopped(id, reason)
      }
    }
    if case .epochs(let highest) = event,
      let complaint = epochs.check(
        listed: highest, by: coordinators[id].epoch, effects: effects)
    {
      fail(.epochs, complaint)
    }
  }

  private mutating func journalStopped(_ id: Int, _ reason: JournalStop) {
    if coordinators[id].machine != nil {
      post(
        .journalStopped(reason: "\(reason)"), to: id,
        after: random.duration(
          TickDuration(nanoseconds: 0)...(.milliseconds(2))))
    } else {
      endCoordinator(id, kind: .processEnds)
      startLater()
    }
  }

  private mutating func diskTime(of operation: JournalOperation) -> TickDuration {
    let time = random.duration(options.diskDelay)
    return now < diskIsSlowUntil ? time * 30 : time
  }

  mutating func endOperation(_ id: Int) {
    guard coordinatorCanRun(id, .operationEnds(coordinator: id)) else { return }
    guard let operation = coordinators[id].inFlight else { return }
    coordinators[id].inFlight = nil
    drive(id, execute(operation))
  }

  private static let noSpace = JournalError(code: 28, text: "No space left on device")
  private static let inputOutput = JournalError(code: 5, text: "Input/output error")

  private mutating func execute(_ operation: JournalOperation) -> JournalEvent {
    let isFull = now < diskIsFullUntil
    switch operation {
    case .listEpochs: return .epochs(highest: disk.highestEpoch)
    case .inspectHolder(let epoch):
      let isAlive = coordinators.contains { $0.isAlive && $0.epoch == epoch }
      return .holder(
        JournalHolder(description: "epoch \(epoch)", isAlive: isAlive, isMoving: false))
    case .claimEpoch(let epoch): return isFull ? .failed(Self.noSpace) : .claimed(disk.claim(epoch))
    case .create(let file, let beginning):
      guard !isFull else { return .failed(Self.noSpace) }
      guard disk.create(file, beginning: beginning[...]) else {
        fail(.epochs, "\(file) is created twice")
        return .failed(JournalError(code: 17, text: "File exists"))
      }
      return .done
    case .syncDirectory(let file):
      disk.syncName(of: file)
      return .done
    case .write(let file, let offset, let slices, let byteCount):
      return write(slices, at: Int(offset), byteCount: byteCount, to: file, isFull: isFull)
    case .sync(let file):
      // A full disk may show itself here only.
      if failsNextSync || (isFull && random.chance(1, in: 2)) {
        failsNextSync = false
        disk.failSync(of: file, keepsReadable: random.chance(1, in: 2), with: &random)
        return .failed(isFull ? Self.noSpace : Self.inputOutput)
      }
      disk.sync(file)
      examine(file)
      return .done
    case .patchCount(let shard, let offset, let bytes):
      disk.write(bytes[...], at: Int(offset), of: .shard(shard))
      return .done
    case .cut(let file, let byteCount):
      disk.cut(file, to: Int(byteCount))
      return .done
    case .seal, .close: return .done
    }
  }

  private mutating func write(
    _ slices: [JournalSlice], at offset: Int, byteCount: Int, to file: JournalFile, isFull: Bool
  ) -> JournalEvent {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    for slice in slices { bytes.append(contentsOf: slice.bytes[slice.range]) }
    if bytes.count != byteCount { fail(.rows, "a write of \(byteCount) bytes has others") }
    if shortensNextWrite || (isFull && random.chance(1, in: 2)) {
      shortensNextWrite = false
      let taken = random.below(byteCount)
      disk.write(bytes[..<taken], at: offset, of: file)
      return .written(byteCount: taken)
    }
    if isFull && random.chance(1, in: 2) { return .failed(Self.noSpace) }
    disk.write(bytes[...], at: offset, of: file)
    return .written(byteCount: byteCount)
  }

  /// Rows and lines that became durable are shown to the checkers.
  mutating func examine(_ file: JournalFile) {
    guard let place = disk.place(of: file) else { return }
    rows.examine(&disk, file: place, solver: solver, header: header)
  }

  mutating func watch(_ id: Int) {
    guard coordinatorCanRun(id, .watch(coordinator: id)) else { return }
    drive(id, .watch)
    agenda.add(.watch(coordinator: id), at: now + .seconds(1))
  }

  // MARK: Recovery

  /// What a starting coordinator does once its epoch is claimed. What it reads it must sync first: rows
  /// that an earlier process wrote and did not sync are seen here, and a worker that sends them again
  /// is told at once that they are safe.
  mutating func recover(_ id: Int) {
    guard coordinatorCanRun(id, .recovered(coordinator: id)) else { return }
    guard coordinators[id].state == .recovering else { return }
    for other in coordinators where other.isAlive { disk.dropAbandoned(of: other.epoch) }
    var recovery = Recovery(unitCount: options.unitCount)
    for place in disk.files.indices {
      let name = disk.files[place].name
      if interference.synchronisesRecovered {
        disk.syncName(of: name)
        disk.sync(name)
        examine(name)
      }
      let bytes = disk.files[place].bytes
      switch name {
      case .shard(let shard):
        bytes.withUnsafeBytes {
          recovery.add(shard: shard, bytes: $0, header: header, layout: solver.layout)
        }
      case .failures(let failures): recovery.add(failures: failures, bytes: bytes)
      }
    }
    var failed = recovery.ended
    recovery.final.forEachPresent(in: recovery.final.universe) { failed.remove($0) }
    var deaths: [UnitIndex: Int16] = [:]
    for death in recovery.deaths { deaths[death.unit] = Int16(death.count) }
    if let complaint = acknowledgements.check(recovered: recovery.final) {
      return fail(.acknowledgement, complaint)
    }
    var start = StartingPoint(
      ended: recovery.ended, failed: failed, excludedUnits: 0, deaths: deaths)
    interference.alter(&start, corruptUnits: rows.corruptUnits(on: disk, solver, header))
    begin(id, from: start, workersFrom: max(nextWorkerNumber, recovery.highestWorker + 1))
  }

  private mutating func begin(
    _ id: Int, from start: StartingPoint, workersFrom number: WorkerNumber
  ) {
    let facts = RunFacts(
      run: run, epoch: coordinators[id].epoch, build: "simulated",
      solver: SolverVersion(name: "fake", version: 1), fingerprints: [fingerprint],
      unitCount: options.unitCount, rowByteCount: solver.layout.byteCount,
      descriptionByteCount: description.count, firstWorkerNumber: number)
    coordinators[id].leases.begin(from: start, epoch: coordinators[id].epoch)
    var machine = Coordinator(facts: facts, policy: options.policy, from: start, at: now)
    var effects: [CoordinatorEffect] = []
    machine.start(at: now, into: &effects)
    machine.checkInvariants()
    coordinators[id].machine = machine
    coordinators[id].state = .running
    perform(&effects, of: id)
    agenda.add(.watch(coordinator: id), at: now + .seconds(1))
    agenda.add(.coordinatorTick(id), at: now)
  }
}
