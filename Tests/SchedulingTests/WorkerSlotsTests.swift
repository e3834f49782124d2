import Scheduling
import SweepModel
import Testing

@Suite struct WorkerSlotsTests {
  @Test("a small lease is shared among the children")
  func sharing() {
    var bench = WorkerBench(slots: 3)
    bench.begin(slots: 3)
    bench.lease([units(0, 3)], serial: 1)
    #expect(bench.assigned == [UnitRuns(units(0)), UnitRuns(units(1)), UnitRuns(units(2))])
  }

  @Test("rows of several leases in one piece are posted lease by lease")
  func severalLeases() {
    var bench = WorkerBench()
    bench.begin()
    bench.lease([units(0)], serial: 1)
    bench.lease([units(1)], serial: 2, attempt: 1)
    bench.rows([units(0, 2)])
    #expect(bench.batches.map(\.serial) == [1, 2])
    #expect(bench.batches.map(\.attempt) == [0, 1])
    #expect(bench.batches.map(\.bytes.count) == [8, 8])
  }

  @Test("rows that were not asked for next replace the child; what it owes is not lost")
  func unexpected() {
    var bench = WorkerBench()
    bench.begin()
    bench.lease([units(0, 4)], serial: 1)
    bench.rows([units(0, 3)])
    // Two units were given: the third is nobody's, and nothing of the piece is taken.
    #expect(bench.batches.isEmpty && bench.kills == [0])
    var built: [UnitIndex] = []
    for case .buildFailedRow(_, let unit, _, .malformed, _) in bench.effects { built.append(unit) }
    #expect(built == [0])
    bench.handle(.childEnded(slot: 0, unit: 1, preempted, detail: ""))
    #expect(bench.returned.map(\.interrupted) == [UnitRuns(units(1))])
    #expect(bench.starts == [0])
    bench.handle(
      .failedRow(
        1, bytes: [UInt8](repeating: 0, count: 8),
        runs: [RowRun(units: units(0), firstRow: 0, isFinal: false)], reason: "bad"))
    #expect(bench.batches.map(\.reasons) == [[RowReason(unit: 0, text: "bad")]])
  }

  @Test("exactly the unit in progress is reported dead, the rest is done by the next child")
  func death() {
    var bench = WorkerBench()
    bench.begin()
    bench.lease([units(0, 2)], serial: 1)
    bench.handle(.childEnded(slot: 0, unit: 0, segfault, detail: "ouch"))
    #expect(bench.deaths.map(\.unit) == [0] && bench.deaths.map(\.detail) == ["ouch"])
    #expect(bench.starts == [0] && bench.machine.summary.queuedUnits == 1)
    bench.handle(.childReady(slot: 0))
    #expect(bench.assigned == [UnitRuns(units(1))])
  }

  @Test("three starts in a row without ready close the slot, and a worker without slots leaves")
  func startLimit() {
    var bench = WorkerBench(slots: 2)
    bench.begin(slots: 0)
    for slot in 0..<2 {
      for _ in 0..<2 {
        bench.handle(
          .childEnded(slot: slot, unit: nil, ChildEnd(cause: .exited(code: 1)), detail: "no"))
        #expect(bench.starts == [slot])
      }
      bench.handle(
        .childEnded(slot: slot, unit: nil, ChildEnd(cause: .exited(code: 1)), detail: "no"))
      #expect(bench.starts.isEmpty)
    }
    if case .noSlots = bench.outcome {} else { Issue.record("stays") }
    #expect(bench.sent.contains { if case .leaving = $0 { true } else { false } })
  }

  @Test("children that become ready and end without a word are not started for ever")
  func endsWithoutUnit() {
    var bench = WorkerBench()
    bench.begin()
    bench.lease([units(0)], serial: 1)
    var starts = 0
    while bench.outcome == nil && starts < 10 {
      bench.handle(
        .childEnded(slot: 0, unit: nil, ChildEnd(cause: .exited(code: 0)), detail: ""))
      if bench.outcome == nil { bench.handle(.childReady(slot: 0)) }
      starts += 1
    }
    #expect(starts == 3)
    // Kills from outside are no reason to give up.
    var killed = WorkerBench()
    killed.begin()
    for _ in 0..<10 {
      killed.handle(.childEnded(slot: 0, unit: nil, preempted, detail: ""))
      #expect(killed.starts == [0])
      killed.handle(.childReady(slot: 0))
    }
  }

  @Test("the rows of all that is given out fit the result window, but for one unit a slot")
  func window() {
    for window in [UInt32(8), 16, 40, 80] {
      var bench = WorkerBench(slots: 2)
      bench.begin(window: window, slots: 2)
      bench.lease([units(0, 1000)], serial: 1)
      var waiting: [[UnitRun]] = [[], []]
      func note(_ effects: [WorkerEffect]) {
        for case .assign(let slot, _, let given) in effects { waiting[slot] += given.runs }
      }
      note(bench.effects)
      // Nothing is acknowledged: the slots pause in the end.
      for step in 0..<200 {
        let slot = step % 2
        guard let run = waiting[slot].first else { continue }
        waiting[slot].removeFirst()
        bench.now = bench.now + .milliseconds(1)
        bench.rows([run], slot: slot)
        note(bench.effects)
      }
      #expect(waiting.allSatisfy { $0.isEmpty })
      #expect(bench.machine.summary.unacknowledgedBytes >= Int(window))
      #expect(bench.machine.summary.unacknowledgedBytes <= Int(window) + 16)
      bench.hear(.acknowledged(upTo: 1000))
      #expect(!bench.assigned.isEmpty)
    }
  }

  @Test("a recalled child's answer takes nothing away that it was given afterwards")
  func recallThenLease() {
    var bench = WorkerBench()
    bench.begin()
    bench.lease([units(0, 2)], serial: 1)
    bench.hear(.recall)
    bench.rows([units(0)])
    // The child has not answered yet; unit 1 is leased again meanwhile.
    bench.handle(.childReturned(slot: 0, UnitRuns(units(1))))
    #expect(bench.returned.map(\.units) == [UnitRuns(units(1))])
    bench.lease([units(1), units(5)], serial: 2)
    bench.handle(.childReturned(slot: 0, UnitRuns(units(1))))
    #expect(bench.returned.isEmpty)
    bench.rows([units(1)])
    #expect(bench.batches.map(\.serial) == [2])
  }

  @Test("a unit in progress under a lost lease answers the lease under which it comes again")
  func adoption() {
    var bench = WorkerBench()
    bench.begin()
    bench.lease([units(0, 2)], serial: 1)
    bench.reconnect()
    bench.welcome(epoch: 2)
    #expect(bench.recalls == [0])
    bench.hear(.piece(index: 0, bytes: [1, 2]))
    bench.hear(.piece(index: 1, bytes: [3]))
    bench.prepared()
    bench.lease([units(0, 2)], serial: 9, epoch: 2)
    // The child is at 0 and will drop 1: neither is given twice.
    #expect(bench.assigned.isEmpty)
    bench.handle(.childReturned(slot: 0, UnitRuns(units(1))))
    #expect(bench.returned.isEmpty && bench.assigned == [UnitRuns(units(1))])
    bench.rows([units(0)])
    #expect(bench.batches.map(\.serial) == [9] && bench.batches.map(\.epoch) == [2])
    bench.rows([units(1)])
    #expect(bench.batches.map(\.serial) == [9])
    #expect(bench.machine.summary.queuedUnits == 0)
  }

  @Test("units whose rows set out before their lease came are handed back behind their rows")
  func carried() {
    var bench = WorkerBench()
    bench.begin()
    bench.lease([units(0, 2)], serial: 1)
    bench.rows([units(0)])
    bench.rows([units(1)], isFinal: false)
    bench.reconnect()
    bench.welcome(epoch: 2)
    bench.hear(.piece(index: 0, bytes: [1, 2]))
    bench.hear(.piece(index: 1, bytes: [3]))
    bench.prepared()
    #expect(bench.batches.count == 2)
    // The failed row counts for nothing under a lost lease: that unit is computed again.
    bench.lease([units(0, 2)], serial: 9, epoch: 2)
    #expect(bench.returned.map(\.units) == [UnitRuns(units(0))])
    #expect(bench.assigned == [UnitRuns(units(1))])
  }

  @Test("a drain says so, hands back what was not begun, delivers and leaves")
  func drain() {
    var bench = WorkerBench()
    bench.begin()
    bench.lease([units(0, 5)], serial: 1)
    bench.handle(.drain)
    guard case .beat(let beat) = bench.sent.first else {
      Issue.record("the coordinator is not told first")
      return
    }
    #expect(beat.openSlots == 0)
    #expect(bench.returned.map(\.units) == [UnitRuns(units(2, 3))] && bench.recalls == [0])
    bench.handle(.childReturned(slot: 0, UnitRuns(units(1))))
    #expect(bench.returned.map(\.units) == [UnitRuns(units(1))])
    bench.lease([units(9)], serial: 2)
    #expect(bench.returned.map(\.units) == [UnitRuns(units(9))])
    bench.rows([units(0)])
    #expect(bench.outcome == nil)
    bench.hear(.acknowledged(upTo: 1))
    #expect(bench.outcome == .drained)
    #expect(bench.sent.contains(.leaving(reason: "drained")))
  }

  @Test("past its grace a drain stops the unit in progress and hands it back as interrupted")
  func drainGrace() {
    var bench = WorkerBench()
    bench.begin()
    bench.lease([units(0)], serial: 1)
    bench.handle(.drain)
    bench.wait(.seconds(5))
    #expect(bench.kills == [0])
    bench.handle(.childEnded(slot: 0, unit: 0, preempted, detail: ""))
    #expect(bench.returned.map(\.interrupted) == [UnitRuns(units(0))])
    #expect(bench.deaths.isEmpty && bench.outcome == .drained)
  }

  @Test("a drain without a connection gives the rows one chance more, then leaves")
  func drainAlone() {
    var bench = WorkerBench()
    bench.begin()
    bench.lease([units(0)], serial: 1)
    bench.rows([units(0)])
    bench.handle(.disconnected(reason: "reset"))
    bench.handle(.drain)
    #expect(bench.outcome == nil)
    for _ in 0..<30 where bench.outcome == nil { bench.wait(.milliseconds(500)) }
    #expect(bench.outcome == .drained && bench.now - Tick(nanoseconds: 0) >= .seconds(10))
  }
}
