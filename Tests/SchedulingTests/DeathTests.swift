import Scheduling
import SweepModel
import Testing

@Suite struct DeathTests {
  @Test("a death is on disk before its unit is leased again, and the third sets the unit aside")
  func three() {
    var desk = CoordinatorBench(units: 1)
    desk.join(worker: 1, peer: 1)
    for attempt in Int16(0)..<3 {
      let lease = desk.leases.first
      #expect(lease?.attempt == attempt)
      guard let lease else { return }
      desk.death(1, of: lease, 0, segfault)
      #expect(desk.deaths.map(\.counted) == [true])
      #expect(desk.leases.isEmpty && desk.acknowledged.isEmpty)
      if attempt < 2 {
        #expect(desk.verdicts.isEmpty)
        desk.sync()
        #expect(desk.acknowledged == [UInt64(attempt) + 1])
      }
    }
    #expect(desk.verdicts.map(\.status) == [.died])
    #expect(desk.verdicts.first?.attempt == 2)
    desk.sync()
    #expect(desk.outcome == .complete(failedUnits: 1))
  }

  @Test("deaths of earlier epochs count, and a verdict that was not written is written")
  func earlierEpochs() {
    var desk = CoordinatorBench(deaths: [3: 2, 4: 3, 5: 1])
    #expect(desk.verdicts.map(\.unit) == [4])
    desk.join(worker: 1, peer: 1, slots: 4)
    #expect(desk.leases.first { $0.units.contains(3) }?.attempt == 2)
    #expect(desk.leases.first { $0.units.contains(5) }?.attempt == 1)
    #expect(desk.leases.filter { $0.units.contains(4) }.isEmpty)
    guard let lease = desk.leases.first(where: { $0.units.contains(3) }) else { return }
    desk.death(1, of: lease, 3, ChildEnd(cause: .timeLimit))
    #expect(desk.verdicts.map(\.status) == [.timeLimit])
  }

  @Test("kills from outside blame nobody; the twentieth in a row sets the unit aside")
  func interruptions() {
    var desk = CoordinatorBench(units: 1)
    desk.join(worker: 1, peer: 1)
    for count in 1...20 {
      guard let lease = desk.leases.first else {
        Issue.record("not leased again after \(count - 1)")
        return
      }
      #expect(lease.attempt == 0)
      if count % 2 == 0 {
        desk.giveBack(1, of: lease, [units(0)], interrupted: [units(0)])
      } else {
        desk.death(1, of: lease, 0, preempted)
        #expect(desk.deaths.map(\.counted) == [false])
        if count < 20 { desk.sync() }
      }
    }
    #expect(desk.verdicts.map(\.status) == [.killedFromOutside])
  }

  @Test("a death under a lease that no longer stands says nothing")
  func lateDeath() {
    var desk = CoordinatorBench(units: 2)
    desk.join(worker: 1, peer: 1)
    let lease = desk.leases[0]
    desk.giveBack(1, of: lease, [units(0)])
    let again = desk.leases[0]
    #expect(again.units == UnitRuns(units(0)))
    desk.death(1, of: lease, 0, segfault)
    #expect(desk.deaths.isEmpty && desk.acknowledged == [1])
    desk.death(
      1, of: Lease(epoch: 2, serial: again.serial, attempt: 0, units: again.units), 0, segfault)
    #expect(desk.deaths.isEmpty && desk.acknowledged == [2])
    #expect(desk.machine.counts.leased == 2)
  }

  @Test("if all of the first units fail the sweep stops, and one success prevents it")
  func failureLimit() {
    for succeeds in [false, true] {
      var policy = Policy()
      policy.failureLimit = 4
      var desk = CoordinatorBench(units: 40, policy: policy)
      desk.join(worker: 1, peer: 1, slots: 8)
      let lease = desk.leases[0]
      for unit in Int64(0)..<4 {
        desk.rows(1, of: lease, [units(unit)], isFinal: succeeds && unit == 2)
      }
      desk.sync()
      #expect((desk.outcome == .tooManyFailures) == !succeeds)
      #expect(desk.sent.contains(.finished) == !succeeds)
    }
  }

  @Test("the last units of a sweep may all fail")
  func allOfTheLast() {
    var desk = CoordinatorBench(units: 8)
    desk.join(worker: 1, peer: 1, slots: 8)
    desk.rows(1, of: desk.leases[0], [units(0, 8)], isFinal: false)
    desk.sync()
    #expect(desk.outcome == .complete(failedUnits: 8))
  }
}
