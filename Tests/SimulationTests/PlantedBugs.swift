import Scheduling
import Shards
import Simulation
import SweepModel

// Bugs that stand between the machines and their world: each is one that a coordinator could have.

/// Takes rows for durable as soon as they are handed to the journal.
struct AcknowledgesBeforeSync: Interference {
  mutating func alter(
    _ effects: inout [CoordinatorEffect], of epoch: Epoch
  ) -> [CoordinatorEvent] {
    var last: JournalPosition = 0
    for effect in effects {
      switch effect {
      case .persistRows(_, _, _, let position), .persistDeath(_, let position),
        .persistVerdict(_, let position):
        last = position
      default: break
      }
    }
    return last > 0 ? [.durable(upTo: last)] : []
  }
}

/// Does not see that a newer coordinator has started.
struct ForgetsTheEpoch: Interference {
  mutating func event(for event: JournalEvent, epoch: EpochNumber) -> JournalEvent {
    guard epoch > 0, case .epochs(let highest) = event else { return event }
    return .epochs(highest: min(highest, epoch))
  }
}

/// Loses what workers hand back.
struct DropsReturnedRuns: Interference {
  mutating func events(for event: CoordinatorEvent, epoch: Epoch) -> [CoordinatorEvent] {
    if case .message(_, .returned) = event { return [] }
    return [event]
  }
}

/// Believes a row whose checksum is wrong.
struct TrustsCorruptRows: Interference {
  mutating func alter(_ start: inout StartingPoint, corruptUnits: [UnitIndex]) {
    for unit in corruptUnits { start.ended.insert(UnitRun(first: unit, count: 1)) }
  }
}

/// Takes a kill from outside for the unit's doing.
struct CountsPreemptionAsCrash: Interference {
  mutating func events(for event: CoordinatorEvent, epoch: Epoch) -> [CoordinatorEvent] {
    guard case .message(let peer, .death(var death)) = event, case .killed = death.end.cause
    else { return [event] }
    death.end.cause = .exited(code: 1)
    return [.message(from: peer, .death(death))]
  }
}

/// Takes a failure under a lease that was lost for one under the present lease.
struct TakesLateFailures: Interference {
  private struct Held: Sendable {
    var epoch: Epoch
    var serial: LeaseSerial
    var attempt: Int16
  }

  private var latest: [UnitIndex: Held] = [:]

  mutating func alter(
    _ effects: inout [CoordinatorEffect], of epoch: Epoch
  ) -> [CoordinatorEvent] {
    for effect in effects {
      guard case .send(_, .lease(let lease)) = effect else { continue }
      for run in lease.units.runs {
        for unit in run.first..<run.end {
          latest[unit] = Held(epoch: lease.epoch, serial: lease.serial, attempt: lease.attempt)
        }
      }
    }
    return []
  }

  mutating func events(for event: CoordinatorEvent, epoch: Epoch) -> [CoordinatorEvent] {
    switch event {
    case .message(let peer, .death(var death)):
      guard let held = latest[death.unit] else { return [event] }
      death.epoch = held.epoch
      death.serial = held.serial
      death.attempt = held.attempt
      return [.message(from: peer, .death(death))]
    case .rows(let peer, var batch, let runs):
      guard let failed = runs.first(where: { !$0.isFinal }), let held = latest[failed.units.first]
      else { return [event] }
      batch.epoch = held.epoch
      batch.serial = held.serial
      return [.rows(from: peer, batch, runs: runs)]
    default: return [event]
    }
  }
}

/// Rests on what an earlier process wrote and did not sync.
struct TrustsThePageCache: Interference {
  var synchronisesRecovered: Bool { false }
}

/// A worker that overlooks the first unit of each longer lease.
struct OverlooksUnits: Interference {
  mutating func events(for event: WorkerEvent, worker: Int) -> [WorkerEvent] {
    if case .message(.lease(var lease)) = event, lease.units.count > 1 {
      _ = lease.units.takeFirst(1)
      return [.message(.lease(lease))]
    }
    return [event]
  }
}
