import Host
import Scheduling
import Transport

/// Where workers come in: `run`'s own over ipc, others over TCP with CURVE.
final class Doors {
  private final class Door {
    var listener: Listener
    var place: Poller.Place?
    init(_ listener: consuming Listener) { self.listener = listener }
  }

  private var doors: [Door] = []
  /// Through which door a peer came; only for peers that sent something.
  private var doorOfPeer: [PeerID: Int] = [:]
  private let frame = Message()

  func open(_ listener: consuming Listener) { doors.append(Door(listener)) }

  var endpoints: [Endpoint] { doors.map { $0.listener.endpoint } }

  func add(to poller: inout Poller) {
    for door in doors { door.place = poller.add(door.listener) }
  }

  /// Lets workers in and reads what they sent.
  /// - Parameter limit: messages a door, so that the loop gets round.
  func serve(
    _ poller: borrowing Poller, limit: Int, event: (Listener.Event) -> Void,
    message: (PeerID, UnsafeRawBufferPointer) -> Void
  ) {
    for (number, door) in doors.enumerated() {
      guard let place = door.place, poller.isReady(place) else { continue }
      // Bounded: with too many open files these come as fast as they are read.
      for _ in 0..<limit {
        guard let next = door.listener.nextEvent() else { break }
        event(next)
      }
      for _ in 0..<limit {
        switch door.listener.receive(into: frame) {
        case .nothing: break
        case .foreign: continue
        case .message(let id):
          let peer = PeerID(high: id.high, low: id.low)
          if doors.count > 1 { doorOfPeer[peer] = number }
          frame.withBytes { message(peer, $0) }
          continue
        }
        break
      }
    }
  }

  func send(_ bytes: [UInt8], to peer: PeerID) -> SendResult {
    let door = doors.count > 1 ? doorOfPeer[peer] : 0
    guard let door else { return .unreachable }
    return doors[door].listener.send(bytes, to: RoutingID(high: peer.high, low: peer.low))
  }

  func forget(_ peer: PeerID) { doorOfPeer[peer] = nil }

  /// Waits until the workers have hung up, having read the last word: what a closing side has sent and
  /// the other has not read is lost.
  func settle(withinMilliseconds limit: Int64) {
    let deadline = BootClock.now() + limit * 1_000_000
    for door in doors {
      door.listener.settle(
        withinMilliseconds: max(0, (deadline - BootClock.now()) / 1_000_000))
    }
  }

  func close() {
    doors.removeAll()
    doorOfPeer.removeAll()
  }
}
