import SweepModel

extension Coordinator {
  /// One ImportError must not cost ten thousand units: if all of the first units of an epoch failed,
  /// the sweep stops (promise 6).
  mutating func stopIfAllFail(into effects: inout [CoordinatorEffect]) {
    guard case .running = phase, !succeededHere, endedHere > 0 else { return }
    var slots: Int64 = 0
    for place in seats.indices where seats.isTaken(place) { slots += Int64(seats[place].slots) }
    let limit = policy.failureLimit ?? max(8, 2 * slots)
    guard endedHere >= limit, ended.count < facts.unitCount else { return }
    effects.append(.notice(.tooManyFailures(ended: endedHere)))
    phase = .ending(.tooManyFailures)
  }

  /// Ends when every unit has, or when a drain is over, but not before the journal has caught up.
  mutating func endIfOver(at now: Tick, into effects: inout [CoordinatorEffect]) {
    switch phase {
    case .running:
      if ended.count == facts.unitCount { phase = .ending(.complete(failedUnits: failed.count)) }
    case .draining(let until):
      if ended.count == facts.unitCount {
        phase = .ending(.complete(failedUnits: failed.count))
      } else if now >= until || !isAnythingLeased {
        phase = .ending(.drained)
      }
    case .ending, .ended: break
    }
    if case .ending(let outcome) = phase, position == durablePosition {
      end(outcome, into: &effects)
    }
  }

  private var isAnythingLeased: Bool {
    for place in seats.indices where seats.isTaken(place) && seats[place].leasedUnits > 0 {
      return true
    }
    return false
  }

  mutating func end(_ outcome: Outcome, into effects: inout [CoordinatorEffect]) {
    phase = .ended
    switch outcome {
    case .complete, .tooManyFailures:
      for place in seats.indices where seats.isTaken(place) && seats[place].isReachable {
        effects.append(.send(to: seats[place].peer, .finished))
      }
    // Workers outlive a coordinator that drains or fails: they wait for the next.
    case .drained, .journalStopped: break
    }
    effects.append(.finished(outcome))
  }
}

/// What status and progress show.
public struct CoordinatorCounts: Hashable, Sendable {
  /// Units of the run that `where` admits.
  public var units: Int64
  /// Those with a row.
  public var ended: Int64
  /// Those whose row is not final.
  public var failed: Int64
  public var leased: Int64
  public var workers: Int
  public var slots: Int
  public var repeatedRows: Int64
  public var isDraining: Bool

  public init(
    units: Int64, ended: Int64, failed: Int64, leased: Int64, workers: Int, slots: Int,
    repeatedRows: Int64, isDraining: Bool
  ) {
    self.units = units
    self.ended = ended
    self.failed = failed
    self.leased = leased
    self.workers = workers
    self.slots = slots
    self.repeatedRows = repeatedRows
    self.isDraining = isDraining
  }
}

extension Coordinator {
  public var counts: CoordinatorCounts {
    var leased: Int64 = 0
    var slots = 0
    for place in seats.indices where seats.isTaken(place) {
      leased += seats[place].leasedUnits
      slots += Int(seats[place].slots)
    }
    var isDraining = false
    if case .draining = phase { isDraining = true }
    return CoordinatorCounts(
      units: facts.unitCount - excludedUnits, ended: ended.count - excludedUnits,
      failed: failed.count, leased: leased, workers: seats.count, slots: slots,
      repeatedRows: repeatedRows, isDraining: isDraining)
  }

  /// Traps if the value contradicts itself; called after every event in debug builds and simulation.
  public func checkInvariants() {
    precondition(durablePosition <= position, "more is durable than was handed over")
    precondition(failed.count <= ended.count, "a failed unit has not ended")
    var held = UnitRuns()
    for place in seats.indices where seats.isTaken(place) {
      let seat = seats[place]
      var units: Int64 = 0
      for lease in seat.leases {
        lease.open.checkInvariants()
        precondition(!lease.open.isEmpty, "an answered lease is still open")
        precondition(lease.serial < nextSerial, "a serial from the future")
        for run in lease.open.runs {
          precondition(held.intersection(run).isEmpty, "a unit is leased twice")
          held.insert(run)
        }
        units += lease.open.count
      }
      precondition(units == seat.leasedUnits, "a worker's leased units are miscounted")
      precondition(seat.acknowledged <= seat.lastSequence, "acknowledged what never came")
    }
    for run in pool.returnedUnits.runs {
      precondition(held.intersection(run).isEmpty, "a unit is leased and in the pool")
    }
  }
}
