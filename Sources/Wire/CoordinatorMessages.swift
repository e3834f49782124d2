import Scheduling
import SweepModel

extension Writer {
  mutating func coordinator(_ message: CoordinatorMessage) {
    switch message {
    case .welcome(let welcome): self.welcome(welcome)
    case .piece(let index, let piece):
      header(.piece)
      integer(index)
      blob(piece[...], limit: Limits.pieceByteCount)
    case .refused(let refusal, let reason):
      // In every version:
      header(.refused)
      integer(refusal.rawValue)
      text(reason, limit: Limits.reasonByteCount)
    case .lease(let lease):
      header(.lease)
      integer(lease.epoch)
      integer(lease.serial)
      integer(lease.attempt)
      runs(lease.units)
    case .acknowledged(let sequence):
      header(.acknowledged)
      integer(sequence)
    case .beat(let beat):
      header(.coordinatorBeat)
      integer(beat.resultWindowByteCount)
    case .recall: header(.recall)
    case .finished: header(.finished)
    }
  }

  private mutating func welcome(_ welcome: Welcome) {
    header(.welcome)
    integer(welcome.epoch)
    integer(welcome.number)
    integer(welcome.descriptionByteCount)
    integer(welcome.pieceByteCount)
    duration(welcome.beatInterval)
    duration(welcome.leaseDuration)
    integer(welcome.resultWindowByteCount)
    count(welcome.standing.count, limit: Limits.heldLeases, "standing leases")
    for serial in welcome.standing { integer(serial) }
  }
}

extension Reader {
  mutating func coordinatorMessage(_ kind: Kind) throws(WireFailure) -> CoordinatorMessage {
    switch kind {
    case .welcome: .welcome(try welcome())
    case .piece:
      .piece(
        index: try integer("piece"), bytes: try blob("piece", limit: Limits.pieceByteCount))
    case .refused:
      .refused(
        Refusal(rawValue: try integer("refusal")),
        reason: try text("reason", limit: Limits.reasonByteCount))
    case .lease:
      .lease(
        Lease(
          epoch: try integer("epoch"), serial: try integer("serial"),
          attempt: try integer("attempt", in: 0...Int16.max),
          units: try runs("leased units", unitLimit: Limits.leasedUnits)))
    case .acknowledged: .acknowledged(upTo: try integer("sequence"))
    case .coordinatorBeat:
      .beat(CoordinatorBeat(resultWindowByteCount: try integer("result window")))
    case .recall: .recall
    case .finished: .finished
    case .hello, .request, .ready, .declined, .rows, .returned, .death, .workerBeat, .leaving:
      throw .wrongDirection(kind: kind.rawValue)
    }
  }

  private mutating func welcome() throws(WireFailure) -> Welcome {
    var welcome = Welcome(
      epoch: try integer("epoch"), number: try integer("worker number", in: 0...Int32.max),
      descriptionByteCount: try integer(
        "description length", in: 0...UInt64(Limits.descriptionByteCount)),
      pieceByteCount: try integer("piece length", in: 0...UInt32(Limits.pieceByteCount)),
      beatInterval: try duration("beat interval"), leaseDuration: try duration("lease duration"),
      resultWindowByteCount: try integer("result window"), standing: [])
    let count = try count("standing leases", limit: Limits.heldLeases, elementByteCount: 8)
    welcome.standing.reserveCapacity(count)
    for _ in 0..<count { welcome.standing.append(try integer("serial")) }
    return welcome
  }
}
