import Scheduling
import SweepModel

extension Writer {
  mutating func worker(_ message: WorkerMessage) {
    switch message {
    case .hello(let hello): self.hello(hello)
    case .request(let piece):
      header(.request)
      integer(piece)
    case .ready(let numericsClass):
      header(.ready)
      integer(numericsClass)
    case .declined(let reason):
      header(.declined)
      text(reason, limit: Limits.reasonByteCount)
    case .rows(let batch): rows(batch)
    case .returned(let handed):
      header(.returned)
      integer(handed.epoch)
      integer(handed.serial)
      runs(handed.units)
      runs(handed.interrupted)
    case .death(let death): self.death(death)
    case .beat(let beat):
      header(.workerBeat)
      integer(beat.busySlots)
      integer(beat.openSlots)
      seconds(beat.remainingSeconds)
    case .leaving(let reason):
      header(.leaving)
      text(reason, limit: Limits.reasonByteCount)
    }
  }

  private mutating func hello(_ hello: Hello) {
    header(.hello, version: hello.protocolVersion)
    // In every version:
    identity(hello.run)
    identity(hello.worker)
    text(hello.build, limit: Limits.nameByteCount)
    text(hello.host, limit: Limits.nameByteCount)
    integer(hello.processID)
    // In this one:
    integer(hello.slots)
    seconds(hello.remainingSeconds)
    count(hello.solvers.count, limit: Limits.solvers, "solvers")
    for solver in hello.solvers {
      text(solver.name, limit: Limits.nameByteCount)
      integer(solver.version)
    }
    count(hello.fingerprints.count, limit: Limits.fingerprints, "fingerprints")
    for fingerprint in hello.fingerprints {
      precondition(
        fingerprint.count == Bounds.fingerprintByteCount, "a fingerprint has 32 bytes (SHA-256)")
      bytes.append(contentsOf: fingerprint)
    }
    count(hello.held.count, limit: Limits.heldLeases, "held leases")
    for lease in hello.held {
      integer(lease.epoch)
      integer(lease.serial)
      runs(lease.units)
    }
  }

  private mutating func rows(_ batch: RowBatch) {
    let start = bytes.count
    bytes.reserveCapacity(start + Bounds.rowsOverheadByteCount + batch.bytes.count)
    header(.rows)
    integer(batch.epoch)
    integer(batch.serial)
    integer(batch.attempt)
    integer(batch.sequence)
    blob(batch.bytes[...], limit: Bounds.rowsByteCount)
    reasons(batch.reasons, ofMessageAt: start)
  }

  /// As many as fit: the rows are the truth, and a reason that is left out costs only its words.
  private mutating func reasons(_ reasons: [RowReason], ofMessageAt start: Int) {
    let place = bytes.count
    integer(UInt32(0))
    var count: UInt32 = 0
    var room = Limits.messageByteCount - (bytes.count - start)
    for reason in reasons.prefix(Limits.reasons) {
      room -= Bounds.reasonOverheadByteCount + min(reason.text.utf8.count, Limits.reasonByteCount)
      if room < 0 { break }
      integer(reason.unit)
      text(reason.text, limit: Limits.reasonByteCount)
      count += 1
    }
    withUnsafeBytes(of: count.littleEndian) { bytes.replaceSubrange(place..<place + 4, with: $0) }
  }

  private mutating func death(_ death: Death) {
    header(.death)
    integer(death.epoch)
    integer(death.serial)
    integer(death.attempt)
    integer(death.sequence)
    integer(death.unit)
    switch death.end.cause {
    case .exited(let code): cause(0, code)
    case .killed(let signal): cause(1, signal)
    case .timeLimit: cause(2, 0)
    case .stalled: cause(3, 0)
    }
    integer(
      UInt8(death.end.outOfMemoryKillSeen ? 1 : 0) | UInt8(death.end.progressed ? 2 : 0))
    text(death.detail, limit: Limits.reasonByteCount)
  }

  private mutating func cause(_ tag: UInt8, _ number: Int32) {
    integer(tag)
    integer(number)
  }
}

extension Reader {
  /// The part of a hello that all versions share, and, in this one, the rest.
  mutating func hello(version: UInt16) throws(WireFailure) -> Hello {
    var hello = Hello(
      protocolVersion: version, run: try identity("run"), worker: try identity("worker"),
      build: try text("build", limit: Limits.nameByteCount),
      host: try text("host", limit: Limits.nameByteCount), processID: try integer("process"),
      slots: 0, solvers: [], fingerprints: [], held: [], remainingSeconds: -1)
    guard version == Limits.protocolVersion else { return hello }
    hello.slots = try integer("slots")
    hello.remainingSeconds = try seconds("remaining seconds")
    let solvers = try count("solvers", limit: Limits.solvers, elementByteCount: 6)
    for _ in 0..<solvers {
      hello.solvers.append(
        SolverVersion(
          name: try text("solver", limit: Limits.nameByteCount),
          version: try integer("solver version")))
    }
    let fingerprints = try count(
      "fingerprints", limit: Limits.fingerprints, elementByteCount: Bounds.fingerprintByteCount)
    for _ in 0..<fingerprints {
      hello.fingerprints.append(try bytes(Bounds.fingerprintByteCount, "fingerprint"))
    }
    let leases = try count("held leases", limit: Limits.heldLeases, elementByteCount: 16)
    for _ in 0..<leases {
      hello.held.append(
        HeldLease(
          epoch: try integer("epoch"), serial: try integer("serial"),
          units: try runs("held units", unitLimit: Limits.leasedUnits)))
    }
    try end()
    return hello
  }

  mutating func workerMessage(_ kind: Kind) throws(WireFailure) -> WorkerMessage {
    switch kind {
    case .hello: .hello(try hello(version: Limits.protocolVersion))
    case .request: .request(piece: try integer("piece"))
    case .ready: .ready(numericsClass: try integer("numerics class"))
    case .declined: .declined(reason: try text("reason", limit: Limits.reasonByteCount))
    case .rows:
      .rows(
        RowBatch(
          epoch: try integer("epoch"), serial: try integer("serial"),
          attempt: try integer("attempt", in: 0...Int16.max),
          sequence: try integer("sequence", in: 1...UInt64.max),
          bytes: try blob("rows", limit: Bounds.rowsByteCount), reasons: try reasons()))
    case .returned:
      .returned(
        LeaseReturn(
          epoch: try integer("epoch"), serial: try integer("serial"),
          units: try runs("returned units", unitLimit: Limits.leasedUnits),
          interrupted: try runs("interrupted units", unitLimit: Limits.leasedUnits)))
    case .death: .death(try death())
    case .workerBeat:
      .beat(
        WorkerBeat(
          busySlots: try integer("busy slots", in: 0...Limits.slots),
          openSlots: try integer("open slots", in: 0...Limits.slots),
          remainingSeconds: try seconds("remaining seconds")))
    case .leaving: .leaving(reason: try text("reason", limit: Limits.reasonByteCount))
    case .welcome, .piece, .refused, .lease, .acknowledged, .coordinatorBeat, .recall, .finished:
      throw .wrongDirection(kind: kind.rawValue)
    }
  }

  private mutating func reasons() throws(WireFailure) -> [RowReason] {
    let count = try count(
      "reasons", limit: Limits.reasons, elementByteCount: Bounds.reasonOverheadByteCount)
    var reasons: [RowReason] = []
    reasons.reserveCapacity(count)
    for _ in 0..<count {
      reasons.append(
        RowReason(
          unit: try integer("unit", in: 0...Bounds.units - 1),
          text: try text("reason", limit: Limits.reasonByteCount)))
    }
    return reasons
  }

  private mutating func death() throws(WireFailure) -> Death {
    Death(
      epoch: try integer("epoch"), serial: try integer("serial"),
      attempt: try integer("attempt", in: 0...Int16.max),
      sequence: try integer("sequence", in: 1...UInt64.max),
      unit: try integer("unit", in: 0...Bounds.units - 1), end: try childEnd(),
      detail: try text("detail", limit: Limits.reasonByteCount))
  }

  private mutating func childEnd() throws(WireFailure) -> ChildEnd {
    let tag: UInt8 = try integer("cause")
    let number: Int32 = try integer("cause")
    let cause: ChildEnd.Cause
    switch (tag, number) {
    case (0, _): cause = .exited(code: number)
    case (1, _): cause = .killed(signal: number)
    case (2, 0): cause = .timeLimit
    case (3, 0): cause = .stalled
    default: throw .badValue(field: "cause")
    }
    let flags: UInt8 = try integer("flags")
    guard flags < 4 else { throw .badValue(field: "flags") }
    return ChildEnd(
      cause: cause, outOfMemoryKillSeen: flags & 1 != 0, progressed: flags & 2 != 0)
  }
}
