import Scheduling
import SweepModel
import Testing

@Suite struct RowsAndAcknowledgementTests {
  @Test("a batch is acknowledged when it is on disk and not before")
  func afterSync() {
    var desk = CoordinatorBench()
    desk.join(worker: 1, peer: 1)
    let lease = desk.leases[0]
    desk.rows(1, of: lease, [units(0)])
    let first = desk.position
    #expect(desk.persistedRows == 1 && desk.acknowledged.isEmpty)
    desk.rows(1, of: lease, [units(1)])
    #expect(desk.acknowledged.isEmpty)
    desk.handle(.durable(upTo: first))
    #expect(desk.acknowledged == [1])
    desk.sync()
    #expect(desk.acknowledged == [2])
  }

  @Test("several batches that become durable together are acknowledged once")
  func together() {
    var desk = CoordinatorBench()
    desk.join(worker: 1, peer: 1)
    let lease = desk.leases[0]
    desk.rows(1, of: lease, [units(0)])
    desk.rows(1, of: lease, [units(1)])
    desk.sync()
    #expect(desk.acknowledged == [2])
  }

  @Test("a repeated row waits for the first one's sync, and is acknowledged at once after it")
  func repeats() {
    var desk = CoordinatorBench()
    desk.join(worker: 1, peer: 1)
    let lease = desk.leases[0]
    desk.rows(1, of: lease, [units(0)])
    desk.join(worker: 2, peer: 2)
    desk.rows(2, of: lease, [units(0)])
    #expect(desk.persistedRows == 0 && desk.acknowledged.isEmpty)
    desk.sync()
    #expect(desk.acknowledged == [1, 1])
    desk.rows(2, of: lease, [units(0)])
    #expect(desk.persistedRows == 0 && desk.acknowledged == [2])
    #expect(desk.machine.counts.repeatedRows == 2)
  }

  @Test("a final row is taken whatever became of its lease, a failed one is not")
  func lateRows() {
    var desk = CoordinatorBench()
    desk.join(worker: 1, peer: 1)
    let old = Lease(epoch: 1, serial: 900, attempt: 0, units: UnitRuns(units(50, 4)))
    desk.rows(1, of: old, [units(50)])
    #expect(desk.persistedRows == 1)
    desk.sync()
    desk.rows(1, of: old, [units(51)], isFinal: false)
    #expect(desk.persistedRows == 0 && desk.acknowledged == [2])
    #expect(desk.machine.counts.ended == 1 && desk.machine.counts.failed == 0)
  }

  @Test("a failed row under its lease ends the unit until a final one comes")
  func failedThenFinal() {
    var desk = CoordinatorBench()
    desk.join(worker: 1, peer: 1)
    let lease = desk.leases[0]
    desk.rows(1, of: lease, [units(0)], isFinal: false)
    #expect(desk.persistedRows == 1 && desk.machine.counts.failed == 1)
    // Again, under the same lease: it is answered already.
    desk.rows(1, of: lease, [units(0)], isFinal: false)
    #expect(desk.persistedRows == 0)
    desk.rows(1, of: lease, [units(0)])
    #expect(desk.persistedRows == 1 && desk.machine.counts.failed == 0)
    #expect(desk.machine.counts.ended == 1)
  }

  @Test("units that recovery found failed take a late final row")
  func recoveredFailure() {
    var desk = CoordinatorBench(failed: [units(7)])
    desk.join(worker: 1, peer: 1)
    let old = Lease(epoch: 1, serial: 1, attempt: 0, units: UnitRuns(units(7)))
    desk.rows(1, of: old, [units(7)])
    #expect(desk.persistedRows == 1 && desk.machine.counts.failed == 0)
  }

  @Test("only the new rows of a batch are written")
  func partly() {
    var desk = CoordinatorBench(ended: [units(2), units(4, 2)])
    desk.join(worker: 1, peer: 1)
    let old = Lease(epoch: 1, serial: 1, attempt: 0, units: UnitRuns(units(0, 8)))
    desk.rows(1, of: old, [units(0, 8)])
    var ranges: [Range<Int>] = []
    for case .persistRows(_, let range, _, _) in desk.effects { ranges.append(range) }
    #expect(ranges == [0..<16, 24..<32, 48..<64])
    desk.sync()
    #expect(desk.acknowledged == [1])
  }

  @Test("acknowledgements for a connection that is gone are not sent to the next")
  func otherConnection() {
    var desk = CoordinatorBench()
    desk.join(worker: 1, peer: 1)
    let lease = desk.leases[0]
    desk.rows(1, of: lease, [units(0)])
    desk.join(worker: 1, peer: 2)
    desk.sync()
    #expect(desk.acknowledged.isEmpty)
    desk.rows(2, of: lease, [units(0)])
    #expect(desk.acknowledged == [1])
  }

  @Test("the sweep is complete when the last row is on disk, and the workers are told")
  func completion() {
    var desk = CoordinatorBench(units: 2)
    desk.join(worker: 1, peer: 1)
    let lease = desk.leases[0]
    desk.rows(1, of: lease, [units(0, 2)])
    #expect(desk.outcome == nil)
    desk.sync()
    #expect(desk.outcome == .complete(failedUnits: 0))
    #expect(desk.sent.contains(.finished))
    #expect(desk.machine.nextDeadline == nil)
  }

  @Test("a journal that stops ends the coordinator; workers keep what they have")
  func journalStops() {
    var desk = CoordinatorBench()
    desk.join(worker: 1, peer: 1)
    desk.rows(1, of: desk.leases[0], [units(0)])
    desk.handle(.journalStopped(reason: "disk full"))
    #expect(desk.outcome == .journalStopped(reason: "disk full"))
    #expect(desk.sent.isEmpty)
    desk.handle(.durable(upTo: 1))
    #expect(desk.effects.isEmpty)
  }

  @Test("a coordinator that starts on a complete run ends at once")
  func nothingToDo() {
    let desk = CoordinatorBench(units: 5, ended: [units(0, 5)])
    #expect(desk.outcome == .complete(failedUnits: 0))
  }
}
