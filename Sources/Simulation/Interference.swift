import Scheduling
import Shards
import SweepModel

/// Stands between the machines and their world and may alter what passes. The plain world passes
/// everything on; tests plant their bugs here, so that no source knows of them.
public protocol Interference: Sendable {
  /// What a coordinator is told instead.
  mutating func events(for event: CoordinatorEvent, epoch: Epoch) -> [CoordinatorEvent]
  /// Changes what a coordinator wants done.
  /// - Returns: events that it gets at once.
  mutating func alter(
    _ effects: inout [CoordinatorEffect], of epoch: Epoch
  ) -> [CoordinatorEvent]
  /// What a journal is told instead.
  mutating func event(for event: JournalEvent, epoch: EpochNumber) -> JournalEvent
  /// Changes what recovery found; `corruptUnits` are those that corrupt rows name.
  mutating func alter(_ start: inout StartingPoint, corruptUnits: [UnitIndex])
  /// What a worker is told instead.
  mutating func events(for event: WorkerEvent, worker: Int) -> [WorkerEvent]
  /// Whether a starting coordinator makes durable what it recovers.
  var synchronisesRecovered: Bool { get }
}

extension Interference {
  public mutating func events(for event: CoordinatorEvent, epoch: Epoch) -> [CoordinatorEvent] {
    [event]
  }
  public mutating func alter(
    _ effects: inout [CoordinatorEffect], of epoch: Epoch
  ) -> [CoordinatorEvent] { [] }
  public mutating func event(for event: JournalEvent, epoch: EpochNumber) -> JournalEvent {
    event
  }
  public mutating func alter(_ start: inout StartingPoint, corruptUnits: [UnitIndex]) {}
  public mutating func events(for event: WorkerEvent, worker: Int) -> [WorkerEvent] { [event] }
  public var synchronisesRecovered: Bool { true }
}

/// None.
struct NoInterference: Interference {}
