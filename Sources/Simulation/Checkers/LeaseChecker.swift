import Scheduling
import Shards
import SweepModel

/// What a coordinator leases and believes, seen from outside: no unit is leased that has ended or whose
/// death is not on disk yet, attempts count its deaths, serials rise; failures and deaths are taken
/// under their current lease only (promises 5 and 6).
struct LeaseChecker: Sendable {
  private var epoch: EpochNumber = 0
  private var ended: UnitSet
  private var latestSerial: [LeaseSerial]
  private var attempts: [Int16]
  /// Where each unit's last death was handed to the journal, 0 if it never was.
  private var deathPosition: [JournalPosition]
  private var highestSerial: LeaseSerial = 0
  /// Units of which the event that is being handled may say that they failed.
  private var mayFail = UnitRuns()

  init(unitCount: Int64) {
    ended = UnitSet(unitCount: unitCount)
    latestSerial = [LeaseSerial](repeating: 0, count: Int(unitCount))
    attempts = [Int16](repeating: 0, count: Int(unitCount))
    deathPosition = [JournalPosition](repeating: 0, count: Int(unitCount))
  }

  mutating func begin(from start: StartingPoint, epoch: EpochNumber) {
    self.epoch = epoch
    ended = start.ended
    for unit in attempts.indices { attempts[unit] = start.deaths[Int64(unit)] ?? 0 }
  }

  /// What a worker really said, before anybody alters it.
  mutating func observe(_ event: CoordinatorEvent) {
    mayFail = UnitRuns()
    switch event {
    case .rows(_, let batch, let runs):
      guard batch.epoch == epoch else { return }
      for run in runs where !run.isFinal {
        for unit in run.units.first..<run.units.end
        where latestSerial[Int(unit)] == batch.serial {
          mayFail.insert(UnitRun(first: unit, count: 1))
        }
      }
    case .message(_, .death(let death)):
      guard death.epoch == epoch, latestSerial[Int(death.unit)] == death.serial else { return }
      mayFail.insert(UnitRun(first: death.unit, count: 1))
    default: break
    }
  }

  mutating func check(_ effect: CoordinatorEffect, rows: RowsChecker, solver: FakeSolver)
    -> String?
  {
    switch effect {
    case .send(_, .lease(let lease)): return check(lease, rows: rows)
    case .persistRows(let bytes, let range, _, _): return check(bytes, range, solver)
    case .persistDeath(let death, let position): return check(death, at: position)
    case .persistVerdict(let verdict, _):
      ended.insert(UnitRun(first: verdict.unit, count: 1))
      return nil
    default: return nil
    }
  }

  private mutating func check(_ lease: Lease, rows: RowsChecker) -> String? {
    guard lease.epoch == epoch else { return "a lease of epoch \(lease.epoch)" }
    guard lease.serial > highestSerial else { return "serial \(lease.serial) is used again" }
    highestSerial = lease.serial
    // Units going to and fro for nothing would show here.
    guard lease.serial < 10 * UInt64(latestSerial.count) + 1000 else {
      return "\(lease.serial) leases of \(latestSerial.count) units"
    }
    for run in lease.units.runs {
      if let present = ended.firstPresent(in: run) {
        return "units \(present) are leased and ended"
      }
      for unit in run.first..<run.end {
        let place = Int(unit)
        latestSerial[place] = lease.serial
        guard lease.attempt == attempts[place] else {
          return
            "unit \(unit) is leased as attempt \(lease.attempt) after \(attempts[place]) deaths"
        }
        let position = deathPosition[place]
        if position > 0, !rows.isDurable(line: position, of: epoch) {
          return "unit \(unit) is leased again before its death is on disk"
        }
      }
    }
    return nil
  }

  private mutating func check(
    _ bytes: [UInt8], _ range: Range<Int>, _ solver: FakeSolver
  ) -> String? {
    var runs: [RowRun] = []
    if let fault = solver.scanner.scan(bytes, range, into: &runs) {
      return "bad rows are handed to the journal: \(fault)"
    }
    for run in runs {
      if !run.isFinal && mayFail.intersection(run.units).first != run.units {
        return "a failure of units \(run.units) is taken that is not of their current lease"
      }
      ended.insert(run.units)
    }
    return nil
  }

  private mutating func check(_ death: DeathRecord, at position: JournalPosition) -> String? {
    guard mayFail.contains(death.unit) else {
      return "a death of unit \(death.unit) is taken that is not of its current lease"
    }
    deathPosition[Int(death.unit)] = position
    if death.counted { attempts[Int(death.unit)] += 1 }
    return nil
  }
}
