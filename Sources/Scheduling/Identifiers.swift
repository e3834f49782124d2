/// A moment on the clock that the event loop passes in: nanoseconds of CLOCK_BOOTTIME.
public struct Tick: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  @inlinable public static func < (left: Tick, right: Tick) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
  public static func + (tick: Tick, duration: TickDuration) -> Tick {
    Tick(nanoseconds: tick.nanoseconds + duration.nanoseconds)
  }
  public static func - (left: Tick, right: Tick) -> TickDuration {
    TickDuration(nanoseconds: left.nanoseconds - right.nanoseconds)
  }
}

public struct TickDuration: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static func milliseconds(_ count: Int64) -> TickDuration {
    TickDuration(nanoseconds: count * 1_000_000)
  }
  public static func seconds(_ count: Int64) -> TickDuration { milliseconds(count * 1000) }

  public var seconds: Double { Double(nanoseconds) / 1e9 }

  public static func < (left: TickDuration, right: TickDuration) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
  public static func * (duration: TickDuration, factor: Int64) -> TickDuration {
    TickDuration(nanoseconds: duration.nanoseconds * factor)
  }
}

/// 128 random bits.
public struct Identity128: Hashable, Comparable, Sendable {
  public var high: UInt64
  public var low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  public static func < (left: Identity128, right: Identity128) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

/// One connection: the fresh routing id of one DEALER socket. A worker that reconnects is a new peer.
public typealias PeerID = Identity128
/// One worker process, for as long as it lives; stands in its hello.
public typealias WorkerIdentity = Identity128
/// One run directory; made once, stands in access.json and every hello.
public typealias RunIdentity = Identity128

/// The number of a coordinator's start; rises with each (promise 11).
public typealias Epoch = UInt32
/// The number of a lease within an epoch; never used twice.
public typealias LeaseSerial = UInt64
/// Counts what was handed to the journal, rows and deaths alike, from 1 within an epoch.
public typealias JournalPosition = UInt64
/// A worker's number in this run, as the `worker` column has it.
public typealias WorkerNumber = Int32
