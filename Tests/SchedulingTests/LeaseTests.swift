import Scheduling
import SweepModel
import Testing

@Suite struct LeaseTests {
  @Test("a window begins with one unit a slot and grows at most eightfold an answer")
  func growth() {
    var desk = CoordinatorBench(units: 1_000_000)
    desk.join(worker: 1, peer: 1, slots: 4)
    var open = desk.leases
    #expect(open.map(\.units.count) == [4])
    var size: Int64 = 4
    for _ in 0..<6 {
      desk.wait(.milliseconds(1))
      var taken: [Lease] = []
      for lease in open {
        desk.rows(1, of: lease, lease.units.runs)
        taken += desk.leases
      }
      open = taken
      #expect(desk.machine.counts.leased <= size * 8)
      #expect(desk.machine.counts.leased > size)
      size = desk.machine.counts.leased
    }
  }

  @Test("slow units keep the window at one a slot")
  func slow() {
    var desk = CoordinatorBench(units: 1000)
    desk.join(worker: 1, peer: 1, slots: 2)
    var open = desk.leases
    for _ in 0..<20 {
      desk.wait(.seconds(3))
      let first = open.removeFirst()
      guard let run = first.units.first else { return }
      desk.rows(1, of: first, [units(run.first)])
      var rest = first.units
      rest.remove(units(run.first))
      if !rest.isEmpty {
        open.insert(Lease(epoch: 3, serial: first.serial, attempt: 0, units: rest), at: 0)
      }
      open += desk.leases
      #expect(desk.machine.counts.leased <= 2)
    }
  }

  @Test("the leased units of one worker stay within the limit")
  func limit() {
    var policy = Policy()
    policy.leasedUnitsLimit = 50
    var desk = CoordinatorBench(units: 100_000, policy: policy)
    desk.join(worker: 1, peer: 1)
    var open = desk.leases
    for _ in 0..<50 {
      desk.wait(TickDuration(nanoseconds: 30_000))
      let lease = open.removeFirst()
      desk.rows(1, of: lease, lease.units.runs)
      open += desk.leases
      #expect(desk.machine.counts.leased <= 50)
    }
  }

  @Test("handed-back units are leased again at once, to whoever has room")
  func returns() {
    var desk = CoordinatorBench(units: 4)
    desk.join(worker: 1, peer: 1, slots: 4)
    let lease = desk.leases[0]
    desk.join(worker: 2, peer: 2, slots: 4)
    #expect(desk.leases.isEmpty)
    desk.say(1, .beat(CoordinatorBench.beat(openSlots: 0)))
    desk.giveBack(1, of: lease, [units(1, 3)])
    #expect(desk.leases.map(\.units) == [UnitRuns(units(1, 3))])
    // Again: it is not theirs any more.
    desk.giveBack(1, of: lease, [units(1, 3)])
    #expect(desk.leases.isEmpty && desk.machine.counts.leased == 4)
  }

  @Test("a worker without open slots gets no lease until it has some")
  func draining() {
    var desk = CoordinatorBench(units: 10)
    desk.join(worker: 1, peer: 1)
    let lease = desk.leases[0]
    desk.say(1, .beat(CoordinatorBench.beat(openSlots: 0)))
    desk.giveBack(1, of: lease, lease.units.runs)
    #expect(desk.leases.isEmpty)
    #expect(
      desk.pass(.seconds(3), beatsOf: []).allSatisfy { effect in
        if case .send(_, .lease) = effect { false } else { true }
      })
    desk.say(1, .beat(CoordinatorBench.beat(openSlots: 1)))
    _ = desk.pass(.seconds(2), beatsOf: [1])
    #expect(desk.machine.counts.leased > 0)
  }

  @Test("when somebody is idle and another has too much, it is asked to hand back, once")
  func recall() {
    var desk = CoordinatorBench(units: 20_000)
    desk.join(worker: 1, peer: 1, slots: 1)
    // Quick units first: the window grows until all that is left is out.
    var open = desk.leases
    while let lease = open.first {
      open.removeFirst()
      desk.wait(.milliseconds(1))
      guard desk.machine.counts.ended < 15_000 else { break }
      desk.rows(1, of: lease, lease.units.runs)
      open += desk.leases
    }
    let before = desk.machine.counts.leased
    #expect(before > 100)
    desk.join(worker: 2, peer: 2, slots: 1)
    var others = desk.leases
    // The second one works off what is left in the pool; the first one's units became slow.
    for _ in 0..<1000 {
      guard let lease = others.first else { break }
      others.removeFirst()
      desk.wait(.milliseconds(1))
      desk.rows(2, of: lease, lease.units.runs)
      others += desk.leases
    }
    let later = desk.pass(.seconds(10), beatsOf: [1, 2])
    let recalls = later.filter {
      if case .send(CoordinatorBench.id(1), .recall) = $0 { true } else { false }
    }
    #expect(recalls.count == 1)
  }

  @Test("a drain leases nothing more and ends when the leases have, or after its grace")
  func drain() {
    var desk = CoordinatorBench(units: 10)
    desk.join(worker: 1, peer: 1)
    let lease = desk.leases[0]
    desk.handle(.drain)
    #expect(desk.outcome == nil)
    desk.rows(1, of: lease, lease.units.runs)
    #expect(desk.leases.isEmpty && desk.outcome == nil)
    desk.sync()
    #expect(desk.outcome == .drained)
    #expect(!desk.sent.contains(.finished))

    var other = CoordinatorBench(units: 10)
    other.join(worker: 1, peer: 1)
    other.handle(.drain)
    #expect(other.machine.nextDeadline ?? other.now <= other.now + .seconds(5))
    let effects = other.pass(.seconds(6), beatsOf: [1])
    #expect(effects.contains { if case .finished(.drained) = $0 { true } else { false } })
  }

  @Test("units are leased once, whatever the pattern of what has ended")
  func everyUnitOnce() {
    var seed: UInt64 = 1
    for _ in 0..<20 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1
      var ended: [UnitRun] = []
      var place: Int64 = 0
      while place < 3000 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1
        let step = Int64(seed >> 60) + 1
        if seed >> 59 & 1 == 0 {
          ended.append(UnitRun(first: place, count: min(step, 3000 - place)))
        }
        place += step
      }
      var desk = CoordinatorBench(units: 3000, ended: ended)
      var leased = UnitRuns(ended)
      desk.join(worker: 1, peer: 1, slots: 3)
      var open = desk.leases
      while let lease = open.first {
        open.removeFirst()
        for run in lease.units.runs {
          #expect(leased.intersection(run).isEmpty)
          leased.insert(run)
        }
        desk.wait(.milliseconds(1))
        desk.rows(1, of: lease, lease.units.runs)
        open += desk.leases
      }
      desk.sync()
      #expect(leased.count == 3000)
    }
  }
}
