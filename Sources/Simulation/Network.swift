import Scheduling
import SweepModel

/// One connection of a worker's socket to a coordinator's: two queues of messages, each delivered in
/// order; messages are lost only at its end.
struct Connection: Sendable {
  let peer: PeerID
  let worker: Int
  let coordinator: Int
  /// On their way to the coordinator, and to the worker.
  var up = Queue<[UInt8]>()
  var down = Queue<[UInt8]>()
  /// When the last of them arrives.
  var upTime: Tick
  var downTime: Tick
  /// The worker has closed its socket, and when the coordinator's socket notices.
  var isClosedByWorker = false
  var noticedAt: Tick
  /// Nothing arrives any more, in either direction, and nobody is told.
  var isSilent = false
  /// The coordinator's side is gone; the worker will be told or not.
  var isClosedByCoordinator = false

  init(peer: PeerID, worker: Int, coordinator: Int, at now: Tick) {
    self.peer = peer
    self.worker = worker
    self.coordinator = coordinator
    upTime = now
    downTime = now
    noticedAt = now
  }

  var isUsable: Bool { !isClosedByWorker && !isClosedByCoordinator && !isSilent }
}

/// A worker's host cannot be reached for a while; what is sent waits.
struct Cut: Sendable {
  var worker: Int
  var until: Tick
}
