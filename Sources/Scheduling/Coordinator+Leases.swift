import SweepModel

extension Coordinator {
  /// Tops the worker up to its window, once at least half of it is free.
  mutating func offer(_ place: Int, at now: Tick, into effects: inout [CoordinatorEffect]) {
    guard case .running = phase, case .active = seats[place].phase, seats[place].isReachable,
      seats[place].openSlots > 0
    else { return }
    let size = windowSize(of: place)
    guard seats[place].leasedUnits * 2 <= size || seats[place].leasedUnits < seats[place].slots
    else { return }
    if seats[place].leasedUnits == 0 { seats[place].window.resume(at: now) }
    while seats[place].leasedUnits < size,
      let (attempt, units) = pool.take(limit: size - seats[place].leasedUnits, ended: ended)
    {
      let serial = nextSerial
      nextSerial += 1
      seats[place].leases.append(OpenLease(serial: serial, attempt: attempt, open: units))
      seats[place].leasedUnits += units.count
      seats[place].recalled = false
      effects.append(
        .send(
          to: seats[place].peer,
          .lease(Lease(epoch: facts.epoch, serial: serial, attempt: attempt, units: units))))
    }
  }

  /// The worker's window, narrowed towards the end so that the last units are shared evenly.
  private func windowSize(of place: Int) -> Int64 {
    let open = facts.unitCount - ended.count
    let share = (open + 2 * Int64(seats.count) - 1) / (2 * Int64(seats.count))
    return max(Int64(seats[place].slots), min(seats[place].window.size, share))
  }

  /// Units came back to the pool: whoever has room may take them.
  mutating func offerAll(at now: Tick, into effects: inout [CoordinatorEffect]) {
    for place in seats.indices where seats.isTaken(place) {
      offer(place, at: now, into: &effects)
    }
  }

  /// Returns units to the pool, each to the queue of its attempt.
  mutating func giveBack(_ units: UnitRuns, attempt: Int16) {
    guard attempt > 0 else {
      pool.giveBack(units)
      return
    }
    for run in units.runs {
      for unit in run.first..<run.end { pool.retry(unit, attempt: attempt) }
    }
  }

  /// A worker hands units back without blame.
  mutating func takeBack(
    _ handed: LeaseReturn, from place: Int, at now: Tick,
    into effects: inout [CoordinatorEffect]
  ) {
    // Only what is open under a current lease: a late return must not undo a newer lease.
    guard handed.epoch == facts.epoch, let index = seats[place].lease(handed.serial) else { return }
    var returned = UnitRuns()
    for run in handed.units.runs {
      for part in seats[place].leases[index].open.intersection(run) { returned.insert(part) }
    }
    let attempt = seats[place].leases[index].attempt
    close(returned, of: index, at: place)
    var again = returned
    for run in handed.interrupted.runs {
      for part in returned.intersection(run) {
        for unit in part.first..<part.end where !ended.contains(unit) {
          if isWornOut(unit, attempt: attempt, into: &effects) {
            again.remove(UnitRun(first: unit, count: 1))
          }
        }
      }
    }
    giveBack(again, attempt: attempt)
    offerAll(at: now, into: &effects)
  }

  /// Takes answered units out of a lease.
  mutating func close(_ units: UnitRuns, of index: Int, at place: Int) {
    for run in units.runs {
      seats[place].leasedUnits -= seats[place].leases[index].open.remove(run)
    }
    if seats[place].leases[index].open.isEmpty { seats[place].leases.remove(at: index) }
  }

  /// Nothing is left to lease and somebody is idle: take unstarted units from a worker whose units
  /// turned out longer than its rate promised.
  mutating func recallForTheIdle(at now: Tick, into effects: inout [CoordinatorEffect]) {
    guard case .running = phase else { return }
    offerAll(at: now, into: &effects)
    var isAnyoneIdle = false
    for place in seats.indices where seats.isTaken(place) {
      guard case .active = seats[place].phase else { continue }
      if seats[place].leasedUnits < seats[place].openSlots { isAnyoneIdle = true }
    }
    guard isAnyoneIdle else { return }
    for place in seats.indices where seats.isTaken(place) {
      let seat = seats[place]
      guard seat.leasedUnits > seat.slots, seat.isReachable, !seat.recalled,
        seat.window.isOverdue(open: seat.leasedUnits, at: now)
      else { continue }
      seats[place].recalled = true
      effects.append(.send(to: seat.peer, .recall))
    }
  }
}
