import SweepModel

extension Coordinator {
  /// Takes what is new of a batch: final rows of any unit without one, whatever became of the lease;
  /// failed rows only under their current lease (promise 5).
  mutating func take(
    _ batch: RowBatch, _ runs: [RowRun], from peer: PeerID, at now: Tick,
    into effects: inout [CoordinatorEffect]
  ) {
    guard let place = seats.place(of: peer), case .active = seats[place].phase else {
      effects.append(
        .send(
          to: peer, .refused(.unknownPeer, reason: "this connection has not said hello here")))
      return
    }
    guard batch.sequence == seats[place].lastSequence + 1 else {
      let reason = "batch \(batch.sequence) came after \(seats[place].lastSequence)"
      effects.append(.notice(.peerMalformed(reason: reason)))
      expel(peer, .malformed, reason: reason, into: &effects)
      return
    }
    seats[place].heard = now
    seats[place].isReachable = true
    seats[place].lastSequence = batch.sequence
    let index = batch.epoch == facts.epoch ? seats[place].lease(batch.serial) : nil
    var accepted = AcceptedRows()
    var answered: Int64 = 0
    for run in runs {
      if run.isFinal {
        accept(final: run, into: &accepted)
      } else if let index {
        accept(failed: run, of: seats[place].leases[index], into: &accepted)
      }
      if let index { answered += seats[place].leases[index].open.remove(run.units) }
    }
    persist(accepted, of: batch, into: &effects)
    if let index {
      seats[place].leasedUnits -= answered
      if seats[place].leases[index].open.isEmpty { seats[place].leases.remove(at: index) }
    }
    acknowledge(batch.sequence, to: place, into: &effects)
    stopIfAllFail(into: &effects)
    seats[place].window.record(answered: answered, open: seats[place].leasedUnits, at: now)
    offer(place, at: now, into: &effects)
  }

  private mutating func accept(final run: RowRun, into accepted: inout AcceptedRows) {
    let before = accepted.count
    if failed.isEmpty {
      ended.forEachAbsent(in: run.units) { accepted.add($0, of: run) }
    } else {
      for unit in run.units.first..<run.units.end
      where !ended.contains(unit) || failed.contains(unit) {
        accepted.add(UnitRun(first: unit, count: 1), of: run)
      }
      failed.remove(run.units)
    }
    endedHere += ended.insert(run.units)
    if accepted.count > before { succeededHere = true }
    repeatedRows += run.units.count - (accepted.count - before)
    forget(run.units)
  }

  private mutating func accept(
    failed run: RowRun, of lease: OpenLease, into accepted: inout AcceptedRows
  ) {
    var parts: [UnitRun] = []
    for part in lease.open.intersection(run.units) {
      ended.forEachAbsent(in: part) { parts.append($0) }
    }
    var units: Int64 = 0
    for part in parts {
      accepted.add(part, of: run)
      accepted.failedUnits.insert(part)
      endedHere += ended.insert(part)
      failed.insert(part)
      forget(part)
      units += part.count
    }
    repeatedRows += run.units.count - units
  }

  /// Book-keeping of units that have ended.
  private mutating func forget(_ units: UnitRun) {
    guard !deaths.isEmpty || !interruptions.isEmpty else { return }
    for unit in units.first..<units.end {
      deaths[unit] = nil
      interruptions[unit] = nil
    }
  }

  private mutating func persist(
    _ accepted: AcceptedRows, of batch: RowBatch, into effects: inout [CoordinatorEffect]
  ) {
    for rows in accepted.ranges {
      position += 1
      // Reasons of rows that are dropped are dropped with them.
      let reasons = batch.reasons.filter { accepted.failedUnits.contains($0.unit) }
      effects.append(
        .persistRows(
          batch.bytes,
          (rows.lowerBound * facts.rowByteCount)..<(rows.upperBound * facts.rowByteCount),
          reasons: reasons, at: position))
    }
  }

  /// Acknowledges once everything handed to the journal so far is on disk: that covers the batch's own
  /// rows and, for a row that is dropped, the one that made it superfluous.
  mutating func acknowledge(
    _ sequence: UInt64, to place: Int, into effects: inout [CoordinatorEffect]
  ) {
    if position == durablePosition {
      seats[place].acknowledgeable = sequence
      sendAcknowledgement(to: place, into: &effects)
    } else {
      acknowledgements.append(
        AwaitedAcknowledgement(
          position: position, place: place, peer: seats[place].peer, sequence: sequence))
    }
  }

  mutating func becameDurable(
    upTo reached: JournalPosition, at now: Tick, into effects: inout [CoordinatorEffect]
  ) {
    precondition(reached <= position, "the journal is ahead of what it was given")
    guard reached > durablePosition else { return }
    durablePosition = reached
    var touched: [Int] = []
    while let next = acknowledgements.first, next.position <= reached {
      acknowledgements.removeFirst()
      // The worker may have left or come back on another connection, which resends everything.
      guard seats.place(of: next.peer) == next.place else { continue }
      if seats[next.place].acknowledgeable == seats[next.place].acknowledged {
        touched.append(next.place)
      }
      seats[next.place].acknowledgeable = next.sequence
    }
    for place in touched { sendAcknowledgement(to: place, into: &effects) }
    var mayRetry = false
    while let next = awaitingRetry.first, next.position <= reached {
      awaitingRetry.removeFirst()
      pool.retry(next.retry.unit, attempt: next.retry.attempt)
      mayRetry = true
    }
    if mayRetry { offerAll(at: now, into: &effects) }
  }

  private mutating func sendAcknowledgement(
    to place: Int, into effects: inout [CoordinatorEffect]
  ) {
    seats[place].acknowledged = seats[place].acknowledgeable
    effects.append(
      .send(to: seats[place].peer, .acknowledged(upTo: seats[place].acknowledged)))
  }
}

/// Which rows of a batch are taken, as ranges of rows in the order of the batch.
struct AcceptedRows {
  private(set) var ranges: [Range<Int>] = []
  private(set) var count: Int64 = 0
  var failedUnits = UnitRuns()

  /// Takes the rows of `part` of a run.
  mutating func add(_ part: UnitRun, of run: RowRun) {
    let first = run.firstRow + Int(part.first - run.units.first)
    let rows = first..<(first + Int(part.count))
    if let last = ranges.last, last.upperBound == rows.lowerBound {
      ranges[ranges.count - 1] = last.lowerBound..<rows.upperBound
    } else {
      ranges.append(rows)
    }
    count += part.count
  }
}
