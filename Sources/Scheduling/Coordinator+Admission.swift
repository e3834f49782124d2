import SweepModel

extension Coordinator {
  mutating func admit(
    _ hello: Hello, as peer: PeerID, at now: Tick, into effects: inout [CoordinatorEffect]
  ) {
    if let (refusal, reason) = objection(to: hello) {
      effects.append(.notice(.workerRefused(host: hello.host, reason: reason)))
      expel(peer, refusal, reason: reason, into: &effects)
      return
    }
    // Each connection has one hello: what was acknowledged on it must not be counted anew.
    guard seats.place(of: peer) == nil else {
      let reason = "a second hello on one connection"
      effects.append(.notice(.peerMalformed(reason: reason)))
      expel(peer, .malformed, reason: reason, into: &effects)
      return
    }
    let place: Int
    var standing: [LeaseSerial] = []
    if let known = seats.place(ofWorker: hello.worker) {
      place = known
      effects.append(.disconnect(seats[place].peer))
      seats.move(place, to: peer)
      standing = reconcile(place, with: hello.held)
      seats[place].phase = .preparing
      seats[place].lastSequence = 0
      seats[place].acknowledged = 0
      seats[place].acknowledgeable = 0
      seats[place].isReachable = true
      seats[place].openSlots = seats[place].slots
      seats[place].heard = now
    } else {
      place = seats.add(
        Seat(
          identity: hello.worker, number: nextWorker, host: hello.host,
          processID: hello.processID, build: hello.build, slots: hello.slots,
          openSlots: hello.slots, peer: peer, heard: now,
          window: LeaseWindow(
            floor: Int64(hello.slots), limit: policy.leasedUnitsLimit,
            target: policy.leaseTarget, now: now)))
      nextWorker += 1
      effects.append(
        .notice(
          .workerJoined(seats[place].number, host: hello.host, slots: hello.slots)))
      if hello.build != facts.build {
        effects.append(
          .notice(.otherBuild(seats[place].number, host: hello.host, build: hello.build)))
      }
    }
    effects.append(
      .send(
        to: peer,
        .welcome(
          Welcome(
            epoch: facts.epoch, number: seats[place].number,
            descriptionByteCount: UInt64(facts.descriptionByteCount),
            pieceByteCount: UInt32(Limits.pieceByteCount), beatInterval: policy.beatInterval,
            leaseDuration: policy.leaseDuration, resultWindowByteCount: resultWindowByteCount,
            standing: standing))))
  }

  /// Why this worker cannot take part, if it cannot (promise 9). Another build is no reason.
  private func objection(to hello: Hello) -> (Refusal, String)? {
    guard hello.protocolVersion == Limits.protocolVersion else {
      return (
        .otherProtocol,
        "the worker speaks protocol \(hello.protocolVersion), this coordinator "
          + "\(Limits.protocolVersion): install the same release on both"
      )
    }
    guard hello.run == facts.run else {
      return (.otherRun, "the worker's access file is of another run")
    }
    guard let solver = hello.solvers.first(where: { $0.name == facts.solver.name }) else {
      return (.solverMissing, "the worker's program has no solver '\(facts.solver.name)'")
    }
    guard solver.version == facts.solver.version else {
      return (
        .otherSolverVersion,
        "the worker has version \(solver.version) of '\(solver.name)', the run was begun with "
          + "\(facts.solver.version): install the release that began it"
      )
    }
    guard hello.fingerprints.count <= facts.fingerprints.count,
      hello.fingerprints == Array(facts.fingerprints.prefix(hello.fingerprints.count))
    else { return (.otherSegments, "the worker holds the segments of another sweep") }
    guard hello.slots >= 1, hello.slots <= Limits.slots else {
      return (.malformed, "\(hello.slots) slots; 1 to \(Limits.slots) are possible")
    }
    guard seats.count < Limits.workers || seats.place(ofWorker: hello.worker) != nil else {
      return (.full, "\(Limits.workers) workers are here already")
    }
    return nil
  }

  /// A worker is back on a new connection and says what it still holds: what it does not list got lost
  /// on the way and returns to the pool.
  /// - Returns: the serials, of those it holds, that still stand.
  private mutating func reconcile(_ place: Int, with held: [HeldLease]) -> [LeaseSerial] {
    var standing: [LeaseSerial] = []
    var kept: [OpenLease] = []
    var units: Int64 = 0
    for var lease in seats[place].leases {
      var missing = lease.open
      if let still = held.first(where: { $0.epoch == facts.epoch && $0.serial == lease.serial }) {
        missing.subtract(still.units)
        lease.open.subtract(missing)
      } else {
        lease.open = UnitRuns()
      }
      giveBack(missing, attempt: lease.attempt)
      if !lease.open.isEmpty {
        standing.append(lease.serial)
        units += lease.open.count
        kept.append(lease)
      }
    }
    seats[place].leases = kept
    seats[place].leasedUnits = units
    seats[place].recalled = false
    return standing
  }

  mutating func becomeActive(
    _ place: Int, numericsClass: UInt64, at now: Tick, into effects: inout [CoordinatorEffect]
  ) {
    guard case .preparing = seats[place].phase else { return }
    seats[place].phase = .active
    let seat = seats[place]
    effects.append(
      .recordWorker(
        WorkerRecord(
          number: seat.number, identity: seat.identity, host: seat.host,
          processID: seat.processID, slots: seat.slots, build: seat.build,
          numericsClass: numericsClass)))
    offer(place, at: now, into: &effects)
  }

  /// Says why and forgets the peer; what it held returns to the pool.
  mutating func expel(
    _ peer: PeerID, _ refusal: Refusal, reason: String, into effects: inout [CoordinatorEffect]
  ) {
    effects.append(.send(to: peer, .refused(refusal, reason: reason)))
    effects.append(.disconnect(peer))
    if let place = seats.place(of: peer) { unseat(place) }
  }

  /// Takes the worker's seat away and returns what it held.
  mutating func unseat(_ place: Int) {
    for lease in seats[place].leases { giveBack(lease.open, attempt: lease.attempt) }
    seats.remove(place)
  }
}
