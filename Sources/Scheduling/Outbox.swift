import SweepModel

/// What the coordinator has not acknowledged: rows and deaths, in the order they came. Every connection
/// numbers them anew from 1 and begins by sending all of them.
struct Outbox: Sendable {
  struct Parcel: Sendable {
    enum Content: Sendable {
      case rows([UInt8], reasons: [RowReason])
      case death(UnitIndex, ChildEnd, detail: String)
    }

    var epoch: Epoch
    var serial: LeaseSerial
    var attempt: Int16
    var units: [UnitRun]
    /// Rows with a status below 100 and nothing else.
    var isFinal = true
    var content: Content

    var byteCount: Int {
      switch content {
      case .rows(let bytes, _): bytes.count
      case .death: 0
      }
    }
  }

  private(set) var parcels = Queue<Parcel>()
  private(set) var byteCount = 0
  /// The sequence number of the first parcel in the current connection.
  private var firstSequence: UInt64 = 1
  /// How many parcels at the front are older than the current connection.
  private var carriedCount = 0

  var isEmpty: Bool { parcels.isEmpty }

  /// - Returns: the message that carries it in the current connection.
  mutating func add(_ parcel: Parcel) -> WorkerMessage {
    parcels.append(parcel)
    byteCount += parcel.byteCount
    return message(parcel, sequence: firstSequence + UInt64(parcels.count - 1))
  }

  mutating func drop(upTo sequence: UInt64) {
    while firstSequence <= sequence, let parcel = parcels.first {
      byteCount -= parcel.byteCount
      parcels.removeFirst()
      firstSequence += 1
      if carriedCount > 0 { carriedCount -= 1 }
    }
  }

  /// A new connection counts from 1.
  mutating func renumber() {
    firstSequence = 1
    carriedCount = parcels.count
  }

  /// Which of these units have a final row here that is older than the current connection.
  func carried(of units: UnitRuns) -> UnitRuns {
    var found = UnitRuns()
    guard carriedCount > 0 else { return found }
    for parcel in parcels.all.prefix(carriedCount) where parcel.isFinal {
      for run in parcel.units {
        for part in units.intersection(run) { found.insert(part) }
      }
    }
    return found
  }

  var messages: [WorkerMessage] {
    var sequence = firstSequence
    return parcels.all.map { parcel in
      defer { sequence += 1 }
      return message(parcel, sequence: sequence)
    }
  }

  private func message(_ parcel: Parcel, sequence: UInt64) -> WorkerMessage {
    switch parcel.content {
    case .rows(let bytes, let reasons):
      .rows(
        RowBatch(
          epoch: parcel.epoch, serial: parcel.serial, attempt: parcel.attempt, sequence: sequence,
          bytes: bytes, reasons: reasons))
    case .death(let unit, let end, let detail):
      .death(
        Death(
          epoch: parcel.epoch, serial: parcel.serial, attempt: parcel.attempt, sequence: sequence,
          unit: unit, end: end, detail: detail))
    }
  }
}
