import SweepModel

extension Coordinator {
  /// A unit ended its child, or its child was killed from outside. The record goes to disk first; only
  /// then is the unit leased again (promise 6).
  mutating func record(
    _ death: Death, from place: Int, at now: Tick, into effects: inout [CoordinatorEffect]
  ) {
    guard death.sequence == seats[place].lastSequence + 1 else {
      let reason = "death \(death.sequence) came after \(seats[place].lastSequence)"
      effects.append(.notice(.peerMalformed(reason: reason)))
      expel(seats[place].peer, .malformed, reason: reason, into: &effects)
      return
    }
    seats[place].lastSequence = death.sequence
    defer { if seats.isTaken(place) { offer(place, at: now, into: &effects) } }
    // A death under a lease that no longer stands says nothing about the unit's present try.
    guard death.epoch == facts.epoch, let index = seats[place].lease(death.serial),
      seats[place].leases[index].attempt == death.attempt,
      seats[place].leases[index].open.contains(death.unit)
    else {
      acknowledge(death.sequence, to: place, into: &effects)
      return
    }
    close(UnitRuns(UnitRun(first: death.unit, count: 1)), of: index, at: place)
    guard !ended.contains(death.unit) else {
      acknowledge(death.sequence, to: place, into: &effects)
      return
    }
    let counted = Blame.counts(death.end)
    let number = seats[place].number
    position += 1
    effects.append(
      .persistDeath(
        DeathRecord(
          unit: death.unit, attempt: death.attempt, worker: number, end: death.end,
          counted: counted, detail: death.detail), at: position))
    effects.append(
      .notice(
        .unitDied(
          death.unit, attempt: death.attempt, worker: number, death.end, counted: counted)))
    if counted {
      settle(counted: death, into: &effects)
    } else if !isWornOut(death.unit, attempt: death.attempt, into: &effects) {
      retryOnceDurable(UnitPool.Retry(unit: death.unit, attempt: death.attempt))
    }
    acknowledge(death.sequence, to: place, into: &effects)
    stopIfAllFail(into: &effects)
  }

  private mutating func settle(counted death: Death, into effects: inout [CoordinatorEffect]) {
    let count = death.attempt + 1
    deaths[death.unit] = count
    guard count >= policy.deathLimit else {
      retryOnceDurable(UnitPool.Retry(unit: death.unit, attempt: count))
      return
    }
    var reason = "\(Blame.describe(death.end)) on each of \(count) tries"
    if !death.detail.isEmpty { reason += "; last: " + death.detail }
    quarantine(
      Verdict(
        unit: death.unit, attempt: death.attempt, status: Blame.status(death.end),
        reason: reason), into: &effects)
  }

  private mutating func retryOnceDurable(_ retry: UnitPool.Retry) {
    awaitingRetry.append(AwaitedRetry(position: position, retry: retry))
  }

  /// Counts an interruption without blame.
  /// - Returns: whether it was one too many; then the unit's row is written.
  mutating func isWornOut(
    _ unit: UnitIndex, attempt: Int16, into effects: inout [CoordinatorEffect]
  ) -> Bool {
    let count = interruptions[unit, default: 0] + 1
    interruptions[unit] = count
    guard count >= policy.interruptionLimit else { return false }
    quarantine(
      Verdict(
        unit: unit, attempt: attempt, status: .killedFromOutside,
        reason: "was interrupted from outside \(count) times without progress"), into: &effects)
    return true
  }

  /// Ends a unit with a row of the coordinator's own.
  mutating func quarantine(_ verdict: Verdict, into effects: inout [CoordinatorEffect]) {
    let run = UnitRun(first: verdict.unit, count: 1)
    endedHere += ended.insert(run)
    failed.insert(run)
    deaths[verdict.unit] = nil
    interruptions[verdict.unit] = nil
    position += 1
    effects.append(.persistVerdict(verdict, at: position))
    effects.append(.notice(.unitQuarantined(verdict)))
  }
}
