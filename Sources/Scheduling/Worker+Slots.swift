import SweepModel

/// One solver child and what it has to do.
struct Slot: Sendable {
  enum State: Sendable {
    /// No child yet, or one that ended.
    case empty
    /// Started, has not said `ready`.
    case starting
    case ready
    /// To be gone soon by our doing: nothing more is given to it, nobody is blamed for its end.
    case ending
    /// Its children failed to start too often.
    case closed
  }

  var state = State.empty
  /// Units given to the child, in the order it works on them.
  var assigned: [Holding] = []
  /// Children in a row that ended by themselves and gave neither a row nor a unit to blame.
  var failedStarts = 0
  var window: LeaseWindow

  var assignedUnits: Int64 { assigned.reduce(0) { $0 + $1.units.count } }

  var hasChild: Bool {
    switch state {
    case .starting, .ready, .ending: true
    case .empty, .closed: false
    }
  }

  /// Takes answered units from the front of what is assigned.
  /// - Returns: the parts by lease, or nil, with nothing taken, if the units are not the next ones.
  mutating func answer(_ run: UnitRun) -> [(holding: Holding, units: UnitRun)]? {
    guard isNext(run) else { return nil }
    var parts: [(Holding, UnitRun)] = []
    var first = run.first
    while first < run.end, let front = assigned.first, let next = front.units.first {
      let part = UnitRun(first: first, count: min(run.end, next.end) - first)
      assigned[0].units.remove(part)
      if assigned[0].units.isEmpty { assigned.removeFirst() }
      parts.append((front, part))
      first = part.end
    }
    return parts
  }

  private func isNext(_ run: UnitRun) -> Bool {
    var first = run.first
    for holding in assigned {
      for next in holding.units.runs {
        guard first < run.end else { return true }
        guard next.first == first else { return false }
        first = min(run.end, next.end)
      }
    }
    return first == run.end
  }

  /// Takes one unit out, wherever it is assigned.
  mutating func takeOut(_ unit: UnitIndex) -> Holding? {
    guard let place = assigned.firstIndex(where: { $0.units.contains(unit) }) else { return nil }
    let holding = assigned[place]
    assigned[place].units.remove(UnitRun(first: unit, count: 1))
    if assigned[place].units.isEmpty { assigned.remove(at: place) }
    return holding
  }
}

extension Worker {
  mutating func openIfNeeded(_ slot: Int, into effects: inout [WorkerEffect]) {
    guard case .working = stage, slots[slot].state == .empty, preparedEpoch != nil else { return }
    slots[slot].state = .starting
    effects.append(.startChild(slot: slot))
  }

  mutating func childIsReady(_ slot: Int, at now: Tick, into effects: inout [WorkerEffect]) {
    guard slots[slot].state == .starting else { return }
    slots[slot].state = .ready
    slots[slot].window.resume(at: now)
  }

  /// Gives every ready child enough to do until its next answer, as long as the rows of all that is
  /// given out fit the window of what is not acknowledged. Rows may be large: one unit a slot may be
  /// out beyond that, so that no child idles for another's sake.
  mutating func feed(at now: Tick, into effects: inout [WorkerEffect]) {
    guard case .working = stage, !queue.isEmpty, outbox.byteCount < resultWindowByteCount
    else { return }
    let ready = slots.count { $0.state == .ready }
    guard ready > 0 else { return }
    let void = voidUnits
    let given = slots.reduce(0) { $0 + $1.assignedUnits }
    var room =
      Int64((resultWindowByteCount - outbox.byteCount) / max(1, rowByteCount)) - given
    // One round gives each child one batch, so that a small lease is shared and not swallowed.
    for round in 0..<policy.batchesPerSlot {
      for slot in slots.indices where slots[slot].state == .ready {
        guard slots[slot].assigned.count <= round else { continue }
        guard !queue.isEmpty else { return }
        let least: Int64 = slots[slot].assigned.isEmpty && room > -Int64(slots.count) ? 1 : 0
        let waiting = queue.reduce(0) { $0 + $1.units.count }
        let share = max(1, waiting / Int64(ready))
        let limit = min(slots[slot].window.size, share, max(least, room))
        guard limit > 0 else { continue }
        room -= assign(slot, limit: limit, but: void, at: now, into: &effects)
      }
    }
  }

  /// Units that children are at under leases that were lost. If they are leased to this worker again,
  /// they wait for those children's rows.
  private var voidUnits: UnitRuns {
    var units = UnitRuns()
    for slot in slots {
      for holding in slot.assigned where holding.isVoid { units.formUnion(holding.units) }
    }
    return units
  }

  /// - Returns: how many units were given.
  private mutating func assign(
    _ slot: Int, limit: Int64, but void: UnitRuns, at now: Tick,
    into effects: inout [WorkerEffect]
  ) -> Int64 {
    var place = 0
    var units = UnitRuns()
    if void.isEmpty {
      units = queue[0].units.takeFirst(limit)
    } else {
      while units.isEmpty {
        guard place < queue.count else { return 0 }
        var free = queue[place].units
        free.subtract(void)
        units = free.takeFirst(limit)
        if units.isEmpty { place += 1 } else { queue[place].units.subtract(units) }
      }
    }
    var holding = queue[place]
    holding.units = units
    if queue[place].units.isEmpty { queue.remove(at: place) }
    if slots[slot].assigned.isEmpty { slots[slot].window.resume(at: now) }
    slots[slot].assigned.append(holding)
    effects.append(.assign(slot: slot, attempt: holding.attempt, units))
    return units.count
  }

  /// Rows of a child: posted as they are, a parcel a lease.
  mutating func take(
    _ bytes: [UInt8], _ runs: [RowRun], _ reasons: [RowReason], from slot: Int, at now: Tick,
    into effects: inout [WorkerEffect]
  ) {
    var parcels: [Outbox.Parcel] = []
    var rows: [Int] = []
    var answered: Int64 = 0
    slots[slot].failedStarts = 0
    for run in runs {
      guard let parts = slots[slot].answer(run.units) else {
        post(parcels, rows: rows, of: bytes, reasons, into: &effects)
        replace(
          slot, blaming: nil, because: "rows of units \(run.units) were not asked for next",
          into: &effects)
        return
      }
      for (holding, units) in parts.flatMap({
        $0.holding.isVoid ? adopt($0.units, $0.holding) : [$0]
      }) {
        answered += units.count
        if let last = parcels.last, last.epoch == holding.epoch, last.serial == holding.serial {
          parcels[parcels.count - 1].units.append(units)
          rows[rows.count - 1] += Int(units.count)
        } else {
          parcels.append(
            Outbox.Parcel(
              epoch: holding.epoch, serial: holding.serial, attempt: holding.attempt,
              units: [units], content: .rows([], reasons: [])))
          rows.append(Int(units.count))
        }
        if !run.isFinal { parcels[parcels.count - 1].isFinal = false }
      }
    }
    post(parcels, rows: rows, of: bytes, reasons, into: &effects)
    slots[slot].window.record(answered: answered, open: slots[slot].assignedUnits, at: now)
  }

  /// Rows of a lease that was lost answer the one under which this worker was given the same units
  /// again.
  private mutating func adopt(
    _ run: UnitRun, _ void: Holding
  ) -> [(holding: Holding, units: UnitRun)] {
    var parts: [(holding: Holding, units: UnitRun)] = []
    var rest = UnitRuns(run)
    for place in queue.indices {
      for part in queue[place].units.intersection(run) {
        parts.append((queue[place], part))
        rest.remove(part)
      }
      queue[place].units.remove(run)
    }
    queue.removeAll { $0.units.isEmpty }
    for part in rest.runs { parts.append((void, part)) }
    return parts.sorted { $0.units.first < $1.units.first }
  }

  private mutating func post(
    _ parcels: [Outbox.Parcel], rows: [Int], of bytes: [UInt8], _ reasons: [RowReason],
    into effects: inout [WorkerEffect]
  ) {
    var start = 0
    for (place, var parcel) in parcels.enumerated() {
      let end = start + rows[place] * rowByteCount
      // The common case, all of one lease, copies nothing.
      if start == 0 && end == bytes.count {
        parcel.content = .rows(bytes, reasons: reasons)
      } else {
        let units = parcel.units
        parcel.content = .rows(
          Array(bytes[start..<end]),
          reasons: reasons.filter { reason in units.contains { $0.contains(reason.unit) } })
      }
      post(parcel, into: &effects)
      start = end
    }
  }

  mutating func post(_ parcel: Outbox.Parcel, into effects: inout [WorkerEffect]) {
    let message = outbox.add(parcel)
    if link.isActive { effects.append(.send(message)) }
  }

  mutating func post(
    failedRow bytes: [UInt8], _ runs: [RowRun], of serial: LeaseSerial, because reason: String,
    into effects: inout [WorkerEffect]
  ) {
    guard
      let place = failing.firstIndex(where: {
        $0.serial == serial && $0.units.first == runs.first?.units
      })
    else { return }
    let holding = failing.remove(at: place)
    post(
      Outbox.Parcel(
        epoch: holding.epoch, serial: holding.serial, attempt: holding.attempt,
        units: runs.map(\.units), isFinal: false,
        content: .rows(
          bytes,
          reasons: holding.units.first.map { [RowReason(unit: $0.first, text: reason)] } ?? [])),
      into: &effects)
  }

  /// The child's framing is lost or its row is not what was asked for: the unit ends with status 103,
  /// and another child takes its place.
  mutating func replace(
    _ slot: Int, blaming unit: UnitIndex?, because reason: String,
    into effects: inout [WorkerEffect]
  ) {
    guard slots[slot].state == .ready else { return }
    let blamed = unit ?? slots[slot].assigned.first?.units.first?.first
    if let blamed, let holding = slots[slot].takeOut(blamed), !holding.isVoid {
      var one = holding
      one.units = UnitRuns(UnitRun(first: blamed, count: 1))
      failing.append(one)
      effects.append(
        .buildFailedRow(
          holding.serial, blamed, attempt: holding.attempt, .malformed, reason: reason))
    }
    slots[slot].state = .ending
    effects.append(.killChild(slot: slot))
  }

  mutating func childEnded(
    _ slot: Int, unit: UnitIndex?, _ end: ChildEnd, detail: String, at now: Tick,
    into effects: inout [WorkerEffect]
  ) {
    let was = slots[slot].state
    guard slots[slot].hasChild else { return }
    slots[slot].state = .empty
    if was == .starting || (was == .ready && unit == nil && Blame.counts(end)) {
      slots[slot].failedStarts += 1
      if slots[slot].failedStarts >= policy.startLimit {
        close(slot, because: "\(Blame.describe(end)): \(detail)", into: &effects)
        return
      }
    }
    if unit != nil { slots[slot].failedStarts = 0 }
    if let unit, let holding = slots[slot].takeOut(unit), !holding.isVoid {
      let run = UnitRun(first: unit, count: 1)
      if was == .ending {
        hand(back: UnitRuns(run), interrupted: UnitRuns(run), of: holding, into: &effects)
      } else {
        post(
          Outbox.Parcel(
            epoch: holding.epoch, serial: holding.serial, attempt: holding.attempt, units: [run],
            isFinal: false, content: .death(unit, end, detail: detail)), into: &effects)
      }
    }
    requeue(slot, into: &effects)
    openIfNeeded(slot, into: &effects)
  }

  private mutating func close(
    _ slot: Int, because reason: String, into effects: inout [WorkerEffect]
  ) {
    slots[slot].state = .closed
    effects.append(.notice(.slotClosed(slot: slot, reason: reason)))
    requeue(slot, into: &effects)
    guard slots.allSatisfy({ $0.state == .closed }) else { return }
    for holding in queue { giveBack(holding, into: &effects) }
    queue = []
    if link.isActive {
      effects.append(.send(.leaving(reason: "no solver process starts: \(reason)")))
    }
    self.end(.noSlots(reason: reason), into: &effects)
  }

  /// What an ended child had not begun goes to the front of the queue, or back in a drain.
  private mutating func requeue(_ slot: Int, into effects: inout [WorkerEffect]) {
    let left = slots[slot].assigned.filter { !$0.isVoid }
    slots[slot].assigned = []
    if case .working = stage {
      queue.insert(contentsOf: left, at: 0)
    } else {
      for holding in left { giveBack(holding, into: &effects) }
    }
  }
}
