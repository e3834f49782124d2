import Scheduling
import SweepModel
import Testing

/// Goal: no order of events leads one worker and its coordinator astray.
/// Method: every sequence of a few choices is tried from the start. The coordinator is the real one;
/// the worker is a model that says what an honest worker may say: it answers its oldest unit, loses its
/// connection, comes back with what it holds, hands back, reports deaths, falls silent.
@Suite struct SmallWorldTests {
  private enum Step: CaseIterable {
    case row
    case failedRow
    case death
    case giveBack
    case durable
    case reconnect
    case expire
    case interrupted
  }

  private struct Model {
    var desk: CoordinatorBench
    var peer: UInt64 = 1
    var held: [Lease] = []
    /// Unacknowledged messages: unit, lease, and what became of it.
    var outbox: [(lease: Lease, unit: UnitIndex, step: Step)] = []
    var acknowledged: UInt64 = 0
    var sent: UInt64 = 0
    var finalRows = UnitRuns()
    var durableFinal = UnitRuns()
    var isOver = false

    init() {
      var policy = Policy()
      policy.failureLimit = .max
      desk = CoordinatorBench(units: 3, policy: policy)
      desk.join(worker: 1, peer: 1)
      take()
    }

    /// What the last event brought this worker.
    mutating func take() {
      held += desk.leases
      for sequence in desk.acknowledged {
        #expect(sequence > acknowledged && sequence <= sent)
        for _ in acknowledged..<sequence {
          let gone = outbox.removeFirst()
          // Promise 1: acknowledged final rows are on disk.
          if gone.step == .row { #expect(durableFinal.contains(gone.unit)) }
        }
        acknowledged = sequence
      }
      if desk.outcome != nil { isOver = true }
    }

    mutating func next() -> (Lease, UnitIndex)? {
      while let lease = held.first {
        guard let run = lease.units.first else {
          held.removeFirst()
          continue
        }
        held[0].units.remove(units(run.first))
        return (lease, run.first)
      }
      return nil
    }

    mutating func send(_ lease: Lease, _ unit: UnitIndex, _ step: Step) {
      sent += 1
      switch step {
      case .row:
        desk.rows(peer, of: lease, [units(unit)])
        if desk.persistedRows == 1 {
          #expect(!finalRows.contains(unit), "a final row is written twice")
        }
        finalRows.insert(units(unit))
      case .failedRow: desk.rows(peer, of: lease, [units(unit)], isFinal: false)
      default: desk.death(peer, of: lease, unit, step == .death ? segfault : preempted)
      }
      take()
    }

    mutating func perform(_ step: Step) {
      guard !isOver else { return }
      switch step {
      case .row, .failedRow, .death:
        guard let (lease, unit) = next() else { return }
        outbox.append((lease, unit, step))
        send(lease, unit, step)
      case .giveBack, .interrupted:
        guard let (lease, unit) = next() else { return }
        desk.giveBack(
          peer, of: lease, [units(unit)], interrupted: step == .interrupted ? [units(unit)] : [])
        take()
      case .durable:
        durableFinal = finalRows
        desk.sync()
        take()
      case .reconnect, .expire:
        if step == .expire { _ = desk.pass(.seconds(17)) }
        reconnect()
      }
    }

    private mutating func reconnect() {
      peer += 1
      sent = 0
      acknowledged = 0
      var listed: [HeldLease] = []
      for lease in held where !lease.units.isEmpty {
        listed.append(HeldLease(epoch: lease.epoch, serial: lease.serial, units: lease.units))
      }
      for parcel in outbox {
        if let place = listed.firstIndex(where: { $0.serial == parcel.lease.serial }) {
          listed[place].units.insert(units(parcel.unit))
        } else {
          listed.append(
            HeldLease(
              epoch: parcel.lease.epoch, serial: parcel.lease.serial,
              units: UnitRuns(units(parcel.unit))))
        }
      }
      desk.say(peer, .hello(CoordinatorBench.hello(worker: 1, held: listed)))
      let standing = desk.welcome?.standing ?? []
      held.removeAll { !standing.contains($0.serial) }
      desk.say(peer, .ready(numericsClass: 1))
      take()
      let again = outbox
      for parcel in again where !isOver { send(parcel.lease, parcel.unit, parcel.step) }
    }

    /// From wherever it is, honest work must end the sweep.
    mutating func finish() {
      for _ in 0..<40 where !isOver {
        perform(.row)
        perform(.durable)
      }
      #expect(isOver)
      #expect(desk.machine.counts.ended == 3)
    }
  }

  private func explore(_ model: Model, depth: Int, from steps: [Step], _ count: inout Int) {
    var finished = model
    finished.finish()
    count += 1
    guard depth > 0, !model.isOver else { return }
    for step in steps {
      var next = model
      next.perform(step)
      explore(next, depth: depth - 1, from: steps, &count)
    }
  }

  @Test("every order of rows, deaths, syncs and lost connections ends the sweep")
  func everyOrder() {
    var count = 0
    explore(Model(), depth: 4, from: Step.allCases, &count)
    #expect(count > 3000)
  }

  @Test("every order of rows, syncs and lost connections, deeper")
  func deeper() {
    var count = 0
    explore(Model(), depth: 6, from: [.row, .durable, .reconnect, .expire], &count)
    #expect(count > 500)
  }
}
