import SweepModel

extension Worker {
  mutating func giveBack(_ holding: Holding, into effects: inout [WorkerEffect]) {
    hand(back: holding.units, interrupted: UnitRuns(), of: holding, into: &effects)
  }

  /// Without a connection nothing needs saying: the next hello lists only what is still held. Once it
  /// is sent, what it lists must be handed back when the connection stands.
  mutating func hand(
    back units: UnitRuns, interrupted: UnitRuns, of holding: Holding,
    into effects: inout [WorkerEffect]
  ) {
    guard !link.isDown, !holding.isVoid else { return }
    var rest = units
    repeat {
      let part = LeaseReturn(
        epoch: holding.epoch, serial: holding.serial,
        units: rest.takeFirst(.max, runLimit: Limits.runs), interrupted: interrupted)
      if !link.isActive {
        unsentReturns.append(part)
      } else if holding.epoch == epoch {
        effects.append(.send(.returned(part)))
      }
    } while !rest.isEmpty
  }

  /// The units of a lease wait for a child, but for those whose rows set out before it came, as after a
  /// coordinator's restart: they are handed back behind their rows.
  mutating func take(_ lease: Lease, into effects: inout [WorkerEffect]) {
    var holding = Holding(
      epoch: lease.epoch, serial: lease.serial, attempt: lease.attempt, units: lease.units)
    let carried = outbox.carried(of: lease.units)
    if !carried.isEmpty {
      holding.units.subtract(carried)
      hand(back: carried, interrupted: UnitRuns(), of: holding, into: &effects)
    }
    if !holding.units.isEmpty { queue.append(holding) }
  }

  /// Hands back the queue at once, and what children have not begun as soon as they answer.
  mutating func returnUnstarted(into effects: inout [WorkerEffect]) {
    for holding in queue { giveBack(holding, into: &effects) }
    queue = []
    for slot in slots.indices { recall(slot, into: &effects) }
  }

  private mutating func recall(_ slot: Int, into effects: inout [WorkerEffect]) {
    guard slots[slot].state == .ready, slots[slot].assignedUnits > 1 else { return }
    for place in slots[slot].assigned.indices { slots[slot].assigned[place].isRecalled = true }
    effects.append(.recallChild(slot: slot))
  }

  mutating func childReturned(
    _ units: UnitRuns, from slot: Int, into effects: inout [WorkerEffect]
  ) {
    var kept: [Holding] = []
    for var holding in slots[slot].assigned {
      // What was given after the recall stays with the child, even if it is the same unit.
      guard holding.isRecalled else {
        kept.append(holding)
        continue
      }
      var returned = UnitRuns()
      for run in units.runs {
        for part in holding.units.intersection(run) { returned.insert(part) }
      }
      if !returned.isEmpty {
        holding.units.subtract(returned)
        hand(back: returned, interrupted: UnitRuns(), of: holding, into: &effects)
      }
      if !holding.units.isEmpty { kept.append(holding) }
    }
    slots[slot].assigned = kept
  }

  /// After a welcome: leases that the coordinator does not know any more are void. Their queued units
  /// are dropped, those in progress go on, and their rows are still delivered.
  mutating func dropVoidLeases(standing: [LeaseSerial], into effects: inout [WorkerEffect]) {
    func stands(_ holding: Holding) -> Bool {
      !holding.isVoid && holding.epoch == epoch && standing.contains(holding.serial)
    }
    queue.removeAll { !stands($0) }
    for slot in slots.indices {
      var isAnyVoid = false
      for place in slots[slot].assigned.indices where !stands(slots[slot].assigned[place]) {
        slots[slot].assigned[place].isVoid = true
        isAnyVoid = true
      }
      if isAnyVoid { recall(slot, into: &effects) }
    }
  }

  mutating func drain(at now: Tick, into effects: inout [WorkerEffect]) {
    guard case .working = stage else { return }
    effects.append(.notice(.draining))
    stage = .draining(until: now + policy.drainGrace)
    // First, so that what is handed back does not come again.
    if link.isActive { effects.append(.send(.beat(beat(at: now)))) }
    returnUnstarted(into: &effects)
  }

  /// A drain ends when nothing is in progress and every row is acknowledged; past its grace, units in
  /// progress are stopped and handed back, and the rows get one grace more.
  mutating func leaveIfDrained(at now: Tick, into effects: inout [WorkerEffect]) {
    let isBusy = slots.contains { !$0.assigned.isEmpty }
    let isDelivered = outbox.isEmpty
    switch stage {
    case .working, .ended: return
    case .draining(let until):
      if !isBusy && isDelivered { return leave(into: &effects) }
      guard now >= until else { return }
      stage = .delivering(until: now + policy.drainGrace)
      for slot in slots.indices
      where slots[slot].state == .ready && !slots[slot].assigned.isEmpty {
        slots[slot].state = .ending
        effects.append(.killChild(slot: slot))
      }
    case .delivering(let until):
      if (!isBusy && isDelivered) || now >= until { leave(into: &effects) }
    }
  }

  private mutating func leave(into effects: inout [WorkerEffect]) {
    if link.isActive { effects.append(.send(.leaving(reason: "drained"))) }
    end(.drained, into: &effects)
  }
}

extension Worker {
  /// Traps if the value contradicts itself; called after every event in debug builds and simulation.
  public func checkInvariants() {
    if case .ended = stage { return }
    var held = UnitRuns()
    func hold(_ holding: Holding) {
      holding.units.checkInvariants()
      precondition(!holding.units.isEmpty, "holds an empty lease")
      guard !holding.isVoid else { return }
      for run in holding.units.runs {
        precondition(held.intersection(run).isEmpty, "a unit is held twice")
        held.insert(run)
      }
    }
    for holding in queue { hold(holding) }
    for slot in slots {
      for holding in slot.assigned { hold(holding) }
      if !slot.hasChild {
        precondition(slot.assigned.isEmpty, "units are with a child that is gone")
      }
    }
    let bytes = outbox.parcels.all.reduce(0) { $0 + $1.byteCount }
    precondition(bytes == outbox.byteCount, "the outbox is miscounted")
  }

  /// What a worker shows of itself.
  public var summary: (busySlots: Int, openSlots: Int, queuedUnits: Int64, unacknowledgedBytes: Int)
  {
    (
      slots.count { !$0.assigned.isEmpty }, slots.count { $0.state != .closed },
      queue.reduce(0) { $0 + $1.units.count }, outbox.byteCount
    )
  }
}
