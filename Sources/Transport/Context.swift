import CZeroMQ
import Synchronization

/// libzmq's context: its I/O thread and its inproc names. Every socket keeps its context alive, so it
/// ends after the last of them; ending waits at most as long as the sockets' linger.
///
/// It is the one object of this room that threads may share.
public final class Context: Sendable {
  nonisolated(unsafe) let handle: UnsafeMutableRawPointer
  private let monitors = Atomic<UInt64>(0)

  public init() throws(TransportFailure) {
    guard let handle = zmq_ctx_new() else {
      throw TransportFailure(attempt: "start libzmq", code: zmq_errno())
    }
    self.handle = handle
    precondition(zmq_has("curve") == 1, "this libzmq was built without CURVE; install another")
  }

  /// A name that no other monitor of this context has.
  func freshMonitorName() -> String {
    "monitor-\(monitors.add(1, ordering: .relaxed).newValue)"
  }

  deinit {
    must("end the libzmq context") { zmq_ctx_term(handle) }
  }
}
