import SweepModel

/// A worker's connection to its coordinator.
struct Link: Sendable {
  enum State: Sendable {
    /// No socket; the next attempt comes at `deadline`.
    case down
    /// Hello is sent.
    case greeting
    /// Reading the run description piece by piece.
    case reading(Welcome, next: UInt32, bytes: [UInt8])
    case preparing
    case active
  }

  var state = State.down
  var peer = PeerID(high: 0, low: 0)
  var heard: Tick
  var nextBeat: Tick
  /// When the state is given up, whatever it is.
  var deadline: Tick
  /// Since when there has been no active connection.
  var lostSince: Tick
  var attempts = 0

  init(lostSince now: Tick) {
    heard = now
    nextBeat = now
    deadline = now
    lostSince = now
  }

  var isActive: Bool {
    if case .active = state { return true }
    return false
  }

  var isDown: Bool {
    if case .down = state { return true }
    return false
  }
}

extension Worker {
  /// Each attempt is a fresh socket under a fresh id: a second DEALER with a known id is ignored.
  mutating func connect(at now: Tick, into effects: inout [WorkerEffect]) {
    // A routing id must not begin with a zero byte, in either byte order.
    link.peer = PeerID(high: random.next() | 0x8000_0000_0000_0080, low: random.next())
    link.state = .greeting
    link.heard = now
    unsentReturns = []
    link.deadline = now + policy.greetingLimit
    effects.append(.connect(as: link.peer))
    effects.append(
      .send(
        .hello(
          Hello(
            protocolVersion: Limits.protocolVersion, run: facts.run, worker: facts.identity,
            build: facts.build, host: facts.host, processID: facts.processID, slots: facts.slots,
            solvers: facts.solvers, fingerprints: fingerprints, held: held,
            remainingSeconds: remainingSeconds(at: now)))))
  }

  func remainingSeconds(at now: Tick) -> Double {
    facts.endsAt.map { max(0, ($0 - now).seconds) } ?? -1
  }

  /// Every unit whose row is not acknowledged, by lease. What does not fit in a hello is left out: the
  /// coordinator then leases it again, and of two rows the second is dropped.
  private var held: [HeldLease] {
    var leases: [HeldLease] = []
    func add(_ units: [UnitRun], epoch: Epoch, serial: LeaseSerial) {
      if let known = leases.firstIndex(where: { $0.epoch == epoch && $0.serial == serial }) {
        for run in units { leases[known].units.insert(run) }
      } else {
        leases.append(HeldLease(epoch: epoch, serial: serial, units: UnitRuns(units)))
      }
    }
    for holding in queue where !holding.isVoid {
      add(holding.units.runs, epoch: holding.epoch, serial: holding.serial)
    }
    for slot in slots {
      for holding in slot.assigned where !holding.isVoid {
        add(holding.units.runs, epoch: holding.epoch, serial: holding.serial)
      }
    }
    for holding in failing where !holding.isVoid {
      add(holding.units.runs, epoch: holding.epoch, serial: holding.serial)
    }
    for parcel in outbox.parcels.all {
      add(parcel.units, epoch: parcel.epoch, serial: parcel.serial)
    }
    var room = Limits.heldRuns
    var fitting: [HeldLease] = []
    for var lease in leases.prefix(Limits.heldLeases) where room > 0 {
      lease.units = lease.units.takeFirst(.max, runLimit: min(Limits.runs, room))
      room -= lease.units.runs.count
      fitting.append(lease)
    }
    return fitting
  }

  mutating func greet(_ welcome: Welcome, at now: Tick, into effects: inout [WorkerEffect]) {
    guard case .greeting = link.state else { return }
    guard welcome.descriptionByteCount <= UInt64(Limits.descriptionByteCount),
      welcome.descriptionByteCount == 0 || welcome.pieceByteCount > 0
    else {
      end(
        .refused(.malformed, reason: "the coordinator offers a description of impossible size"),
        into: &effects)
      return
    }
    epoch = welcome.epoch
    number = welcome.number
    beatInterval = welcome.beatInterval
    leaseDuration = welcome.leaseDuration
    resultWindowByteCount = Int(welcome.resultWindowByteCount)
    link.deadline = now + leaseDuration
    link.nextBeat = now + beatInterval
    dropVoidLeases(standing: welcome.standing, into: &effects)
    if preparedEpoch == epoch {
      becomeReady(at: now, into: &effects)
    } else if welcome.pieceCount == 0 {
      prepare([], into: &effects)
    } else {
      link.state = .reading(welcome, next: 0, bytes: [])
      effects.append(.send(.request(piece: 0)))
    }
  }

  mutating func read(piece index: UInt32, _ piece: [UInt8], into effects: inout [WorkerEffect]) {
    guard case .reading(let welcome, let next, var bytes) = link.state, index == next else {
      return
    }
    link.state = .preparing
    bytes += piece
    guard bytes.count <= Int(welcome.descriptionByteCount) else {
      end(
        .refused(.malformed, reason: "the run description is longer than announced"),
        into: &effects)
      return
    }
    if next + 1 < welcome.pieceCount {
      link.state = .reading(welcome, next: next + 1, bytes: bytes)
      effects.append(.send(.request(piece: next + 1)))
    } else {
      prepare(bytes, into: &effects)
    }
  }

  private mutating func prepare(_ bytes: [UInt8], into effects: inout [WorkerEffect]) {
    link.state = .preparing
    preparations.append(epoch)
    effects.append(.prepare(bytes))
  }

  /// The description of some epoch is read: the present connection may be another than the one that
  /// brought it.
  mutating func prepared(at now: Tick, into effects: inout [WorkerEffect]) {
    guard !preparations.isEmpty else { return }
    preparedEpoch = preparations.removeFirst()
    guard case .preparing = link.state, preparedEpoch == epoch else { return }
    becomeReady(at: now, into: &effects)
  }

  private mutating func becomeReady(at now: Tick, into effects: inout [WorkerEffect]) {
    link.state = .active
    // In a drain the beat says that no lease is wanted.
    if case .working = stage {} else { link.nextBeat = now }
    link.attempts = 0
    effects.append(.notice(.connected(epoch: epoch, number: number)))
    effects.append(.send(.ready(numericsClass: numericsClass)))
    outbox.renumber()
    for message in outbox.messages { effects.append(.send(message)) }
    for units in unsentReturns where units.epoch == epoch {
      effects.append(.send(.returned(units)))
    }
    unsentReturns = []
    for slot in slots.indices { openIfNeeded(slot, into: &effects) }
  }

  mutating func lose(because reason: String, at now: Tick, into effects: inout [WorkerEffect]) {
    guard !link.isDown else { return }
    if link.isActive {
      link.lostSince = now
      effects.append(.notice(.connectionLost(reason: reason)))
    }
    link.state = .down
    effects.append(.disconnect)
    // Doubled from the first to the last, half of it at random, so that a thousand workers do not
    // come back in the same moment.
    let shift = min(link.attempts, 20)
    link.attempts += 1
    let full = min(
      policy.reconnectFirst.nanoseconds << Int64(shift), policy.reconnectLast.nanoseconds)
    let jitter = Int64(random.next() % UInt64(full / 2 + 1))
    link.deadline = now + TickDuration(nanoseconds: full / 2 + jitter)
  }

  func beat(at now: Tick) -> WorkerBeat {
    var openSlots = 0
    if case .working = stage { openSlots = slots.count { $0.state != .closed } }
    return WorkerBeat(
      busySlots: UInt16(clamping: slots.count { !$0.assigned.isEmpty }),
      openSlots: UInt16(clamping: openSlots), remainingSeconds: remainingSeconds(at: now))
  }

  /// Beats, silence, and the next attempt.
  mutating func keepTime(at now: Tick, into effects: inout [WorkerEffect]) {
    if case .ended = stage { return }
    switch link.state {
    case .down:
      guard now >= link.deadline else { return }
      if let limit = policy.reconnectLimit, now - link.lostSince > limit {
        end(
          .unreachable(
            reason: "no coordinator answered for \(Int(limit.seconds)) s"), into: &effects)
        return
      }
      connect(at: now, into: &effects)
    case .greeting:
      if now >= link.deadline {
        lose(
          because: "no answer for \(Int(policy.greetingLimit.seconds)) s", at: now, into: &effects)
      }
    case .reading, .preparing:
      link.deadline = link.heard + leaseDuration
      if now >= link.deadline {
        lose(because: "no answer for \(Int(leaseDuration.seconds)) s", at: now, into: &effects)
      }
    case .active:
      if now - link.heard >= leaseDuration {
        lose(
          because: "silence for \(Int(leaseDuration.seconds)) s", at: now, into: &effects)
        return
      }
      if now >= link.nextBeat {
        link.nextBeat = now + beatInterval
        effects.append(.send(.beat(beat(at: now))))
      }
      link.deadline = min(link.nextBeat, link.heard + leaseDuration)
    }
  }
}
