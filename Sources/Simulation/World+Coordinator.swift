import Scheduling
import Shards
import SweepModel
import Wire

// The shell around a coordinator: what a real event loop does, in virtual time.
extension World {
  mutating func startCoordinator(takeOver: Bool) {
    var configuration = Journal.Configuration(
      header: header, rowByteCount: solver.layout.byteCount)
    configuration.rotationByteCount = options.rotationByteCount
    coordinators.append(
      CoordinatorProcess(
        journal: Journal(configuration), leases: LeaseChecker(unitCount: options.unitCount)))
    drive(coordinators.count - 1, .start(takeOver: takeOver))
  }

  /// Whether anything of the process can run now; if it is stopped for a while, the happening comes
  /// again afterwards.
  mutating func coordinatorCanRun(_ id: Int, _ happening: Happening) -> Bool {
    guard coordinators[id].isAlive else { return false }
    guard coordinators[id].pausedUntil <= now else {
      agenda.add(happening, at: coordinators[id].pausedUntil)
      return false
    }
    return true
  }

  mutating func coordinatorTick(_ id: Int) {
    guard coordinatorCanRun(id, .coordinatorTick(id)) else { return }
    coordinators[id].tickAt = nil
    guard let deadline = coordinators[id].machine?.nextDeadline else { return }
    // Now and then one comes too early, which must do no harm.
    if now >= deadline || random.chance(1, in: 8) {
      handle(CoordinatorEvent.tick, by: id)
    } else {
      scheduleTick(ofCoordinator: id)
    }
  }

  private mutating func scheduleTick(ofCoordinator id: Int) {
    guard let deadline = coordinators[id].machine?.nextDeadline else { return }
    if let planned = coordinators[id].tickAt, planned <= deadline { return }
    coordinators[id].tickAt = max(deadline, now)
    agenda.add(.coordinatorTick(id), at: max(deadline, now))
  }

  mutating func takeCoordinatorEvents(_ id: Int) {
    guard coordinatorCanRun(id, .coordinatorEvents(id)) else { return }
    while coordinators[id].isAlive, let event = coordinators[id].inbox.takeFirst() {
      deliver(event, to: id)
    }
  }

  mutating func post(_ event: CoordinatorEvent, to id: Int, after delay: TickDuration) {
    coordinators[id].inbox.append(event)
    agenda.add(.coordinatorEvents(id), at: now + delay)
  }

  mutating func arriveUp(_ place: Int) {
    let id = connections[place].coordinator
    guard id >= 0 else { return }
    guard coordinatorCanRun(id, .arriveUp(connection: place)) else { return }
    let cut = cutUntil[connections[place].worker]
    guard cut <= now else {
      agenda.add(.arriveUp(connection: place), at: cut)
      return
    }
    guard let bytes = connections[place].up.takeFirst() else { return }
    // Not bound yet: as if nobody listened.
    guard coordinators[id].machine != nil else { return }
    deliver(event(for: bytes, from: connections[place].peer), to: id)
  }

  /// Bytes from the network become an event, as in a real event loop: decoded, rows scanned.
  mutating func event(for bytes: [UInt8], from peer: PeerID) -> CoordinatorEvent {
    let message: WorkerMessage
    do {
      message = try WireFormat.decodeWorkerMessage(bytes)
    } catch {
      return .malformed(from: peer, reason: "\(error)")
    }
    guard case .rows(let batch) = message else { return .message(from: peer, message) }
    if let fault = solver.scanner.scan(batch.bytes, into: &scannedRuns) {
      return .malformed(from: peer, reason: "\(fault)")
    }
    return .rows(from: peer, batch, runs: scannedRuns)
  }

  mutating func deliver(_ event: CoordinatorEvent, to id: Int) {
    guard coordinators[id].machine != nil else { return }
    counts.deliveredEvents += 1
    tell("coordinator \(id) gets \(event)")
    let epoch = coordinators[id].epoch
    coordinators[id].leases.observe(event)
    for altered in interference.events(for: event, epoch: epoch) { handle(altered, by: id) }
  }

  mutating func handle(_ event: CoordinatorEvent, by id: Int) {
    guard coordinators[id].isAlive, var machine = coordinators[id].machine else { return }
    coordinators[id].machine = nil
    var effects = coordinatorEffects
    coordinatorEffects = []
    effects.removeAll(keepingCapacity: true)
    machine.handle(event, at: now, into: &effects)
    machine.checkInvariants()
    coordinators[id].machine = machine
    perform(&effects, of: id)
    coordinatorEffects = effects
    scheduleTick(ofCoordinator: id)
  }

  mutating func perform(_ effects: inout [CoordinatorEffect], of id: Int) {
    let again = interference.alter(&effects, of: coordinators[id].epoch)
    for effect in effects where violation == nil && coordinators[id].isAlive {
      perform(effect, of: id)
    }
    for event in again { handle(event, by: id) }
  }

  private mutating func perform(_ effect: CoordinatorEffect, of id: Int) {
    tell("coordinator \(id) wants \(effect)")
    if let complaint = coordinators[id].leases.check(effect, rows: rows, solver: solver) {
      return fail(.leases, complaint)
    }
    switch effect {
    case .send(let peer, let message): send(message, to: peer, from: id)
    case .sendPiece(let peer, let index):
      guard Int(index) * Limits.pieceByteCount < max(1, description.count) else { return }
      var bytes: [UInt8] = []
      WireFormat.encodePiece(
        index, of: description, pieceByteCount: Limits.pieceByteCount, into: &bytes)
      send(bytes, to: peer, from: id)
    case .persistRows(let bytes, let range, let reasons, let position):
      persist(bytes, range, reasons, at: position, of: id)
    case .persistDeath(let death, let position):
      if let complaint = blame.check(death, units: units) { return fail(.blame, complaint) }
      persist(death, at: position, of: id)
    case .persistVerdict(let verdict, let position):
      if let complaint = blame.check(verdict, units: units, policy: options.policy) {
        return fail(.blame, complaint)
      }
      persist(verdict, at: position, of: id)
    case .recordWorker(let record):
      nextWorkerNumber = max(nextWorkerNumber, record.number + 1)
    case .disconnect: break
    case .notice(let notice): note(notice)
    case .finished(let outcome): finish(id, outcome)
    }
  }

  private mutating func persist(
    _ bytes: [UInt8], _ range: Range<Int>, _ reasons: [RowReason], at position: JournalPosition,
    of id: Int
  ) {
    var lines: [UInt8] = []
    for reason in reasons {
      lines +=
        FailureRecord(
          position: position, unit: reason.unit, attempt: 0, worker: 0, event: .verdict(.failed),
          cause: reason.text
        ).line
    }
    drive(
      id,
      .append(
        JournalEntry(
          position: position, rows: JournalSlice(bytes, range), failureLine: lines)))
  }

  private mutating func persist(_ death: DeathRecord, at position: JournalPosition, of id: Int) {
    let record = FailureRecord(
      position: position, unit: death.unit, attempt: death.attempt, worker: death.worker,
      event: .death(counted: death.counted), cause: Blame.describe(death.end),
      detail: death.detail)
    drive(id, .append(JournalEntry(position: position, failureLine: record.line)))
  }

  private mutating func persist(_ verdict: Verdict, at position: JournalPosition, of id: Int) {
    let row = solver.codec.failedRow(
      unit: verdict.unit, parameters: solver.parameters(of: verdict.unit),
      levels: solver.levels(of: verdict.unit), status: verdict.status, attempt: verdict.attempt,
      worker: -1, wallSeconds: 0)
    let record = FailureRecord(
      position: position, unit: verdict.unit, attempt: verdict.attempt, worker: -1,
      event: .verdict(verdict.status), cause: verdict.reason)
    drive(
      id,
      .append(
        JournalEntry(
          position: position, rows: JournalSlice(row, 0..<row.count), failureLine: record.line)))
  }

  private mutating func note(_ notice: Notice) {
    switch notice {
    case .peerMalformed(let reason):
      // Strangers' bytes are what Wire refuses; everything else came from an honest worker.
      if units.strangersExpected > 0 {
        units.strangersExpected -= 1
      } else {
        fail(.protocolBroken, "an honest worker is called malformed: \(reason)")
      }
    case .workerRefused(_, let reason): fail(.protocolBroken, "a worker is refused: \(reason)")
    default: break
    }
  }

  private mutating func send(_ message: CoordinatorMessage, to peer: PeerID, from id: Int) {
    if let complaint = limits.check(message, options: options) {
      return fail(.limits, complaint)
    }
    if case .acknowledged(let sequence) = message,
      let complaint = acknowledgements.acknowledged(upTo: sequence, by: peer, rows: rows)
    {
      return fail(.acknowledgement, complaint)
    }
    send(WireFormat.encode(message), to: peer, from: id)
  }

  private mutating func send(_ bytes: [UInt8], to peer: PeerID, from id: Int) {
    guard let place = connectionOfPeer[peer], connections[place].coordinator == id else { return }
    guard !connections[place].isClosedByWorker else {
      if now >= connections[place].noticedAt {
        post(.unreachable(peer), to: id, after: TickDuration(nanoseconds: 0))
      }
      return
    }
    guard !connections[place].isSilent else { return }
    let arrival = max(
      connections[place].downTime, now + random.duration(options.networkDelay))
    connections[place].downTime = arrival
    connections[place].down.append(bytes)
    agenda.add(.arriveDown(connection: place), at: arrival)
  }

  private mutating func finish(_ id: Int, _ outcome: Outcome) {
    counts.repeatedRows += coordinators[id].machine?.counts.repeatedRows ?? 0
    switch outcome {
    case .complete:
      isComplete = true
    case .drained, .journalStopped, .tooManyFailures:
      endCoordinator(id, kind: .processEnds)
      startLater()
    }
  }

  /// Somebody gives the same command again, unless a coordinator runs.
  mutating func startLater() {
    guard !coordinators.contains(where: { $0.isAlive }) else { return }
    agenda.add(
      .coordinatorStarts(takeOver: false),
      at: now + random.duration(.milliseconds(20)...(isCalm ? .seconds(1) : .seconds(8))))
  }
}
