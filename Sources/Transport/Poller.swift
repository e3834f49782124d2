import CZeroMQ
import Glibc

/// Waits for listeners, connections and plain descriptors at once. Its list is used again and again:
/// `removeAll` and new `add`s cost some nanoseconds and no allocation.
///
/// The list holds no sockets alive: one that is closed must be out of it before the next `wait`.
public struct Poller: ~Copyable {
  /// Where something stands in the list.
  public struct Place: Hashable, Sendable {
    var items: Range<Int>
  }

  public struct Interest: OptionSet, Sendable {
    public let rawValue: Int16
    public init(rawValue: Int16) { self.rawValue = rawValue }

    public static let reading = Interest(rawValue: Int16(ZMQ_POLLIN))
    public static let writing = Interest(rawValue: Int16(ZMQ_POLLOUT))
  }

  private var items: [zmq_pollitem_t] = []

  public init() {}

  public mutating func removeAll() { items.removeAll(keepingCapacity: true) }

  /// A descriptor is ready also when its other end hung up or it has an error.
  @discardableResult
  public mutating func add(descriptor: Int32, for interest: Interest = .reading) -> Place {
    append(zmq_pollitem_t(socket: nil, fd: descriptor, events: interest.rawValue, revents: 0))
  }

  /// Ready when a message, a peer to be authenticated or an event of the network is there.
  @discardableResult
  public mutating func add(_ listener: borrowing Listener) -> Place {
    var place = add(listener.router)
    place.items = place.items.lowerBound..<add(listener.monitor.reader).items.upperBound
    if let zap = listener.zapHandle {
      place.items = place.items.lowerBound..<append(item(zap, .reading)).items.upperBound
    }
    return place
  }

  /// Ready when a message or an event of the network is there, with `.writing` also when a send that
  /// would have blocked no longer does.
  @discardableResult
  public mutating func add(
    _ connection: borrowing Connection, for interest: Interest = .reading
  ) -> Place {
    var place = add(connection.dealer, for: interest)
    place.items = place.items.lowerBound..<add(connection.monitor.reader).items.upperBound
    return place
  }

  @discardableResult
  package mutating func add(_ socket: borrowing Socket, for interest: Interest = .reading) -> Place
  {
    socket.checkThread()
    return append(item(socket.handle, interest))
  }

  private func item(_ handle: UnsafeMutableRawPointer, _ interest: Interest) -> zmq_pollitem_t {
    zmq_pollitem_t(socket: handle, fd: -1, events: interest.rawValue, revents: 0)
  }

  private mutating func append(_ item: zmq_pollitem_t) -> Place {
    items.append(item)
    return Place(items: items.count - 1..<items.count)
  }

  /// Waits until something in the list is ready or the time is over; with 0 it only looks.
  /// - Parameter milliseconds: how long; nil only for a list in which something is sure to happen.
  /// - Returns: whether anything is ready.
  @discardableResult
  public mutating func wait(milliseconds: Int64?) -> Bool {
    let deadline = milliseconds.map { monotonicMilliseconds() + max(0, min($0, 1 << 40)) }
    return items.withUnsafeMutableBufferPointer { items in
      // A signal that interrupts the wait starts it again, with what is left of the time.
      let (count, error) = call {
        let left = deadline.map { max(0, $0 - monotonicMilliseconds()) } ?? -1
        return zmq_poll(items.baseAddress, Int32(items.count), Int(left))
      }
      if error != 0 { fatalError("poll: \(errorText(error))") }
      return count > 0
    }
  }

  /// After a `wait`: whether it found this ready.
  public func isReady(_ place: Place) -> Bool {
    place.items.contains { items[$0].revents != 0 }
  }
}
