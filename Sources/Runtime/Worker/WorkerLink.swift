import Scheduling
import Transport
import Wire

/// The worker's one connection: messages in and out as bytes, and what became of it.
final class WorkerLink {
  private let context: Context
  private var connection: Connection?
  private let frame = Message()
  private var buffer: [UInt8] = []
  /// What libzmq's queue did not take, in order.
  private var unsent: [[UInt8]] = []
  private var nextEndpoint = 0
  private var endpoint: Endpoint?
  /// Rises with each connection that is given up: whether two events are of the same one.
  private(set) var attempt = 0

  init(_ context: Context) { self.context = context }

  /// - Returns: why it cannot even be tried.
  func connect(_ access: WorkerAccess, as peer: PeerID) -> String? {
    close()
    guard !access.endpoints.isEmpty else { return "the access file names no endpoint" }
    let endpoint = access.endpoints[nextEndpoint % access.endpoints.count]
    nextEndpoint += 1
    self.endpoint = endpoint
    do throws(TransportFailure) {
      connection = try Connection(
        context, to: endpoint, as: RoutingID(high: peer.high, low: peer.low), keys: access.keys)
      return nil
    } catch {
      return "\(error)"
    }
  }

  func close() {
    attempt += 1
    connection = nil
    unsent.removeAll()
  }

  func add(to poller: inout Poller) -> Poller.Place? {
    let interest: Poller.Interest = unsent.isEmpty ? .reading : [.reading, .writing]
    switch connection {
    case .none: return nil
    case .some(let connection): return poller.add(connection, for: interest)
    }
  }

  func send(_ message: WorkerMessage) {
    buffer.removeAll(keepingCapacity: true)
    WireFormat.encode(message, into: &buffer)
    if !unsent.isEmpty || connection?.send(buffer) != .sent { unsent.append(buffer) }
  }

  /// Sends what had to wait, as far as it goes now.
  func flush() {
    var sent = 0
    while sent < unsent.count, connection?.send(unsent[sent]) == .sent { sent += 1 }
    if sent > 0 { unsent.removeFirst(sent) }
  }

  /// What became of the connection.
  func nextEvent() -> WorkerEvent? {
    while let event = connection?.nextEvent() {
      switch event {
      case .established: continue
      case .lost(let reason): return .disconnected(reason: describe(reason))
      case .unauthorised(let reason): return .unauthorised(reason: describe(reason))
      }
    }
    return nil
  }

  private func describe(_ reason: String) -> String {
    endpoint.map { "\($0): \(reason)" } ?? reason
  }

  /// The next message; one that makes no sense costs the connection.
  func receive() -> WorkerEvent? {
    switch connection?.receive(into: frame) {
    case nil, .nothing: return nil
    case .foreign: return .disconnected(reason: "the coordinator sent a foreign message")
    case .message:
      do throws(WireFailure) {
        return .message(
          try frame.withBytes { (bytes) throws(WireFailure) in
            try WireFormat.decodeCoordinatorMessage(bytes)
          })
      } catch {
        return .disconnected(reason: "the coordinator sent \(error)")
      }
    }
  }
}
