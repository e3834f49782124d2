import SweepModel

/// The coordinator as a value: which units are done, who holds which, what may be acknowledged. It owns
/// no clock, file or socket; the event loop hands it events and performs its effects in order.
///
/// See Design.md for its invariants.
public struct Coordinator: Sendable {
  enum Phase: Sendable {
    case running
    /// No new leases; waiting for open ones until the deadline.
    case draining(until: Tick)
    /// Decided; waiting for the journal to catch up.
    case ending(Outcome)
    case ended
  }

  let facts: RunFacts
  let policy: Policy

  var phase = Phase.running
  var seats = Seats()
  var pool: UnitPool
  /// Units that need no lease any more: excluded, or a row for them was taken.
  var ended: UnitSet
  /// Those of `ended` whose row is not final.
  var failed: UnitSet
  let excludedUnits: Int64
  /// Counted deaths of units that have not ended.
  var deaths: [UnitIndex: Int16]
  /// Interruptions without blame, in a row, of units that have not ended.
  var interruptions: [UnitIndex: Int] = [:]
  /// Units whose death record must be on disk before they are leased again.
  var awaitingRetry: Queue<AwaitedRetry> = Queue()
  var acknowledgements: Queue<AwaitedAcknowledgement> = Queue()

  /// What was handed to the journal, and what of it is on disk.
  var position: JournalPosition = 0
  var durablePosition: JournalPosition = 0
  var nextSerial: LeaseSerial = 1
  var nextWorker: WorkerNumber
  var nextBeat: Tick
  /// Units that ended in this epoch, and whether any of them ended well.
  var endedHere: Int64 = 0
  var succeededHere = false
  /// Rows that came when their unit had one already.
  var repeatedRows: Int64 = 0

  struct AwaitedRetry: Sendable {
    var position: JournalPosition
    var retry: UnitPool.Retry
  }

  struct AwaitedAcknowledgement: Sendable {
    var position: JournalPosition
    var place: Int
    var peer: PeerID
    var sequence: UInt64
  }

  public init(facts: RunFacts, policy: Policy, from start: StartingPoint, at now: Tick) {
    precondition(start.ended.unitCount == facts.unitCount, "the done-set is of another run")
    self.facts = facts
    self.policy = policy
    ended = start.ended
    failed = start.failed
    excludedUnits = start.excludedUnits
    let ended = start.ended
    deaths = start.deaths.filter { !ended.contains($0.key) }
    let retries = deaths.map { UnitPool.Retry(unit: $0.key, attempt: $0.value) }
      .sorted { $0.unit < $1.unit }
    pool = UnitPool(over: start.ended, retries: retries.filter { $0.attempt < policy.deathLimit })
    nextWorker = facts.firstWorkerNumber
    nextBeat = now + policy.beatInterval
    overdue = retries.filter { $0.attempt >= policy.deathLimit }
  }

  /// Units whose last death was recorded by an epoch that ended before it wrote their row.
  private var overdue: [UnitPool.Retry]

  /// Must be called once, before any event: settles what the last epoch left open.
  public mutating func start(at now: Tick, into effects: inout [CoordinatorEffect]) {
    for retry in overdue {
      quarantine(
        Verdict(
          unit: retry.unit, attempt: retry.attempt - 1, status: .died,
          reason: "ended its process \(retry.attempt) times"), into: &effects)
    }
    overdue = []
    endIfOver(at: now, into: &effects)
  }

  /// When `handle(.tick)` must be called at the latest.
  public var nextDeadline: Tick? {
    switch phase {
    case .ended: nil
    case .draining(let until): min(until, nextBeat)
    case .running, .ending: nextBeat
    }
  }

  public mutating func handle(
    _ event: CoordinatorEvent, at now: Tick, into effects: inout [CoordinatorEffect]
  ) {
    if case .ended = phase { return }
    switch event {
    case .message(let peer, let message): receive(message, from: peer, at: now, into: &effects)
    case .rows(let peer, let batch, let runs):
      take(batch, runs, from: peer, at: now, into: &effects)
    case .malformed(let peer, let reason):
      effects.append(.notice(.peerMalformed(reason: reason)))
      expel(peer, .malformed, reason: reason, into: &effects)
    case .unreachable(let peer):
      if let place = seats.place(of: peer) { seats[place].isReachable = false }
    case .durable(let position): becameDurable(upTo: position, at: now, into: &effects)
    case .journalStopped(let reason):
      phase = .ending(.journalStopped(reason: reason))
      end(.journalStopped(reason: reason), into: &effects)
      return
    case .drain:
      if case .running = phase { phase = .draining(until: now + policy.drainGrace) }
    case .tick: break
    }
    if now >= nextBeat { beat(at: now, into: &effects) }
    endIfOver(at: now, into: &effects)
  }

  private mutating func receive(
    _ message: WorkerMessage, from peer: PeerID, at now: Tick,
    into effects: inout [CoordinatorEffect]
  ) {
    if case .hello(let hello) = message {
      admit(hello, as: peer, at: now, into: &effects)
      return
    }
    guard let place = seats.place(of: peer) else {
      // A late beat of an expired worker, or of an earlier epoch: it is asked to begin again.
      effects.append(
        .send(
          to: peer, .refused(.unknownPeer, reason: "this connection has not said hello here")))
      return
    }
    seats[place].heard = now
    seats[place].isReachable = true
    switch message {
    case .hello: break
    case .request(let piece):
      effects.append(.sendPiece(to: peer, index: piece))
    case .ready(let numericsClass):
      becomeActive(place, numericsClass: numericsClass, at: now, into: &effects)
    case .declined(let reason):
      effects.append(.notice(.workerRefused(host: seats[place].host, reason: reason)))
      effects.append(.disconnect(peer))
      unseat(place)
    case .rows:
      preconditionFailure("rows come as an event of their own, after their scan")
    case .returned(let units): takeBack(units, from: place, at: now, into: &effects)
    case .death(let death): record(death, from: place, at: now, into: &effects)
    case .beat(let beat): seats[place].openSlots = beat.openSlots
    case .leaving(let reason):
      let seat = seats[place]
      effects.append(.notice(.workerLeft(seat.number, host: seat.host, reason: reason)))
      effects.append(.disconnect(peer))
      unseat(place)
      offerAll(at: now, into: &effects)
    }
  }

  /// Once an interval: beats to all, expiry of the silent, recall from the overburdened.
  private mutating func beat(at now: Tick, into effects: inout [CoordinatorEffect]) {
    // Held up ourselves, by a slow disk or a sleeping machine, we have not listened: that is not the
    // workers' silence.
    let late = now - nextBeat
    let isLate = late > policy.beatInterval * 2
    nextBeat = now + policy.beatInterval
    var lost = false
    for place in seats.indices where seats.isTaken(place) {
      if isLate { seats[place].heard = min(now, seats[place].heard + late) }
      let seat = seats[place]
      if now - seat.heard > policy.leaseDuration {
        effects.append(
          .notice(
            .workerLost(seat.number, host: seat.host, unitsReturned: seat.leasedUnits)))
        effects.append(.disconnect(seat.peer))
        unseat(place)
        lost = true
      } else if seat.isReachable {
        effects.append(
          .send(
            to: seat.peer,
            .beat(CoordinatorBeat(resultWindowByteCount: resultWindowByteCount))))
      }
    }
    if lost { offerAll(at: now, into: &effects) }
    recallForTheIdle(at: now, into: &effects)
  }

  /// What one worker may have unacknowledged, so that all together stay within their bound.
  var resultWindowByteCount: UInt32 {
    let share = policy.totalResultWindowByteCount / max(1, seats.count)
    return UInt32(max(facts.rowByteCount, min(policy.resultWindowByteCount, share)))
  }
}
