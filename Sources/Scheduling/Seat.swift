import SweepModel

/// What the coordinator knows of one admitted worker.
struct Seat: Sendable {
  enum Phase: Sendable {
    /// Reading the run description.
    case preparing
    case active
  }

  let identity: WorkerIdentity
  let number: WorkerNumber
  var host: String
  var processID: Int32
  var build: String
  var slots: UInt16
  /// Slots that take work, by its last beat: none in a drain.
  var openSlots: UInt16
  var peer: PeerID
  var phase = Phase.preparing
  /// A send found no such peer: silent until it says hello again or expires.
  var isReachable = true
  var heard: Tick
  /// Sequence number of the last batch or death of this connection.
  var lastSequence: UInt64 = 0
  /// The highest of them that is ready to be acknowledged, and the highest that was.
  var acknowledgeable: UInt64 = 0
  var acknowledged: UInt64 = 0
  /// Open leases, in the order of their serials.
  var leases: [OpenLease] = []
  /// The sum of the open leases' units.
  var leasedUnits: Int64 = 0
  var window: LeaseWindow
  var recalled = false

  func lease(_ serial: LeaseSerial) -> Int? {
    leases.firstIndex { $0.serial == serial }
  }
}

struct OpenLease: Sendable {
  let serial: LeaseSerial
  let attempt: Int16
  /// Units not answered yet.
  var open: UnitRuns
}

/// The seats by place, with what finds them: places are reused, lookups only go through the two maps,
/// and visits go by place, so that no order depends on hashing.
struct Seats: Sendable {
  private var places: [Seat?] = []
  private var free: [Int] = []
  private var byPeer: [PeerID: Int] = [:]
  private var byIdentity: [WorkerIdentity: Int] = [:]

  var count: Int { places.count - free.count }
  /// Every place that may be taken.
  var indices: Range<Int> { places.indices }

  func place(of peer: PeerID) -> Int? { byPeer[peer] }
  func place(ofWorker identity: WorkerIdentity) -> Int? { byIdentity[identity] }
  func isTaken(_ place: Int) -> Bool { places[place] != nil }

  subscript(place: Int) -> Seat {
    get {
      guard let seat = places[place] else { preconditionFailure("seat \(place) is empty") }
      return seat
    }
    _modify {
      guard var seat = places[place] else { preconditionFailure("seat \(place) is empty") }
      // Moved out and back, so that the arrays inside are changed in place.
      places[place] = nil
      defer { places[place] = seat }
      yield &seat
    }
  }

  mutating func add(_ seat: Seat) -> Int {
    let place: Int
    if let reused = free.popLast() {
      place = reused
      places[place] = seat
    } else {
      place = places.count
      places.append(seat)
    }
    byPeer[seat.peer] = place
    byIdentity[seat.identity] = place
    return place
  }

  mutating func remove(_ place: Int) {
    let seat = self[place]
    byPeer[seat.peer] = nil
    byIdentity[seat.identity] = nil
    places[place] = nil
    free.append(place)
  }

  /// The worker is back on another connection.
  mutating func move(_ place: Int, to peer: PeerID) {
    byPeer[self[place].peer] = nil
    self[place].peer = peer
    byPeer[peer] = place
  }
}
