import Scheduling
import SweepModel
import Testing

@Suite struct AdmissionTests {
  @Test("a worker that does not fit is refused with the reason, another build is only told")
  func refusals() {
    let changes: [(Refusal, (inout Hello) -> Void)] = [
      (.otherProtocol, { $0.protocolVersion += 1 }),
      (.otherRun, { $0.run.low += 1 }),
      (.solverMissing, { $0.solvers = [] }),
      (.solverMissing, { $0.solvers[0].name = "other" }),
      (.otherSolverVersion, { $0.solvers[0].version = 1 }),
      (.otherSegments, { $0.fingerprints = [[1]] }),
      (
        .otherSegments,
        { $0.fingerprints = [CoordinatorBench.fingerprint, CoordinatorBench.fingerprint] }
      ),
      (.malformed, { $0.slots = 0 }),
      (.malformed, { $0.slots = Limits.slots + 1 }),
    ]
    for (refusal, change) in changes {
      var desk = CoordinatorBench()
      var hello = CoordinatorBench.hello(worker: 1)
      change(&hello)
      desk.say(1, .hello(hello))
      #expect(desk.refusal == refusal)
      #expect(desk.machine.counts.workers == 0)
      desk.say(1, .ready(numericsClass: 1))
      #expect(desk.refusal == .unknownPeer)
    }
    var desk = CoordinatorBench()
    var hello = CoordinatorBench.hello(worker: 1)
    hello.build = "2"
    hello.fingerprints = [CoordinatorBench.fingerprint]
    desk.say(1, .hello(hello))
    #expect(desk.welcome?.number == 5)
    #expect(
      desk.effects.contains {
        if case .notice(.otherBuild(5, host: "host", build: "2")) = $0 { true } else { false }
      })
  }

  @Test("a second hello on one connection ends it")
  func secondHello() {
    var desk = CoordinatorBench()
    desk.join(worker: 1, peer: 1)
    let lease = desk.leases[0]
    desk.rows(1, of: lease, [units(0)])
    desk.say(1, .hello(CoordinatorBench.hello(worker: 1)))
    #expect(desk.refusal == .malformed)
    #expect(desk.machine.counts.workers == 0)
    // What it had sent is on its way to disk, and nobody is told of it.
    desk.sync()
    #expect(desk.acknowledged.isEmpty)
  }

  @Test("more workers than the limit are refused, those known are not")
  func full() {
    var desk = CoordinatorBench()
    for worker in 0..<UInt64(Limits.workers) {
      desk.effects = []
      desk.machine.handle(
        .message(from: CoordinatorBench.id(worker), .hello(CoordinatorBench.hello(worker: worker))),
        at: desk.now,
        into: &desk.effects)
      #expect(desk.refusal == nil)
    }
    desk.say(1 << 40, .hello(CoordinatorBench.hello(worker: 1 << 40)))
    #expect(desk.refusal == .full)
    desk.say(1 << 41, .hello(CoordinatorBench.hello(worker: 3)))
    #expect(desk.welcome != nil)
  }

  @Test(
    "bytes that are no message, a stranger's or a worker's, end the connection and nothing else")
  func malformed() {
    var desk = CoordinatorBench()
    desk.handle(.malformed(from: CoordinatorBench.id(9), reason: "no magic"))
    #expect(desk.refusal == .malformed)
    desk.join(worker: 1, peer: 1)
    #expect(!desk.leases.isEmpty)
    desk.handle(.malformed(from: CoordinatorBench.id(1), reason: "a row with a wrong checksum"))
    #expect(desk.refusal == .malformed)
    #expect(desk.machine.counts.workers == 0 && desk.machine.counts.leased == 0)
    desk.join(worker: 2, peer: 2)
    #expect(desk.leases.first?.units.contains(0) == true)
  }

  @Test("a gap in the numbers of a connection's batches ends it")
  func gap() {
    var desk = CoordinatorBench()
    desk.join(worker: 1, peer: 1)
    let lease = desk.leases[0]
    _ = desk.nextSequence(1)
    desk.rows(1, of: lease, [units(0)])
    #expect(desk.refusal == .malformed)
    #expect(desk.persistedRows == 0)
  }

  @Test("who is silent for the lease's time is given up, and a late beat begins again")
  func expiry() {
    var desk = CoordinatorBench()
    desk.join(worker: 1, peer: 1)
    let lease = desk.leases[0]
    desk.join(worker: 2, peer: 2)
    let all = desk.pass(.seconds(17), beatsOf: [2])
    #expect(
      all.contains {
        if case .notice(.workerLost(5, host: "host", unitsReturned: lease.units.count)) = $0 {
          true
        } else {
          false
        }
      })
    #expect(desk.machine.counts.workers == 1)
    desk.say(1, .beat(CoordinatorBench.beat()))
    #expect(desk.refusal == .unknownPeer)
    desk.join(
      worker: 1, peer: 3,
      held: [
        HeldLease(epoch: lease.epoch, serial: lease.serial, units: lease.units)
      ])
    #expect(desk.machine.counts.workers == 2)
  }

  @Test("a coordinator that was held up does not take that for its workers' silence")
  func heldUp() {
    var desk = CoordinatorBench(units: 100)
    desk.join(worker: 1, peer: 1)
    _ = desk.pass(.seconds(5), beatsOf: [1])
    // Half a minute on a hanging disk; the worker's beats wait in the socket meanwhile.
    desk.wait(.seconds(30))
    desk.handle(.tick)
    #expect(desk.machine.counts.workers == 1 && desk.machine.counts.leased > 0)
    // A worker that is really gone is given up a lease's time later.
    _ = desk.pass(.seconds(17), beatsOf: [])
    #expect(desk.machine.counts.workers == 0)
  }

  @Test("a lease never expires while beats arrive")
  func beats() {
    var desk = CoordinatorBench()
    desk.join(worker: 1, peer: 1)
    let leased = desk.machine.counts.leased
    _ = desk.pass(.seconds(120), beatsOf: [1])
    #expect(desk.machine.counts.leased == leased && desk.machine.counts.workers == 1)
  }

  @Test("what a hello does not list returns to the pool, what it lists stands")
  func reconcile() {
    var desk = CoordinatorBench(units: 4)
    desk.join(worker: 1, peer: 1, slots: 4)
    let lease = desk.leases[0]
    #expect(lease.units.count == 4)
    let other = HeldLease(epoch: lease.epoch - 1, serial: lease.serial, units: lease.units)
    let held = HeldLease(
      epoch: lease.epoch, serial: lease.serial, units: UnitRuns([units(1, 2)]))
    desk.say(2, .hello(CoordinatorBench.hello(worker: 1, slots: 4, held: [other, held])))
    #expect(desk.welcome?.standing == [lease.serial])
    #expect(desk.machine.counts.leased == 2)
    desk.say(2, .ready(numericsClass: 1))
    #expect(desk.leases.map(\.units) == [UnitRuns([units(0), units(3)])])
    // The old connection is nobody's any more.
    desk.say(1, .beat(CoordinatorBench.beat()))
    #expect(desk.refusal == .unknownPeer)
  }
}
