import Scheduling
import SweepModel
import Testing

@Suite struct WorkerLinkTests {
  @Test("hello, pieces one by one, then ready and the children")
  func begin() {
    var bench = WorkerBench(slots: 2)
    #expect(bench.hello?.held.isEmpty == true)
    bench.welcome()
    #expect(bench.sent == [.request(piece: 0)])
    bench.hear(.piece(index: 1, bytes: [9]))
    #expect(bench.effects.isEmpty)
    bench.hear(.piece(index: 0, bytes: [1, 2]))
    #expect(bench.sent == [.request(piece: 1)])
    bench.hear(.piece(index: 1, bytes: [3]))
    var description: [UInt8] = []
    for case .prepare(let bytes) in bench.effects { description = bytes }
    #expect(description == [1, 2, 3])
    bench.prepared()
    #expect(bench.isReadySent && bench.starts == [0, 1])
  }

  @Test(
    "a description that is read after its connection was lost does not make the next one active")
  func preparedLate() {
    var bench = WorkerBench()
    bench.welcome()
    bench.hear(.piece(index: 0, bytes: [1, 2]))
    bench.hear(.piece(index: 1, bytes: [3]))
    bench.reconnect()
    #expect(bench.hello != nil)
    bench.prepared()
    #expect(!bench.isReadySent)
    // The same epoch: nothing need be read again.
    bench.welcome()
    #expect(bench.isReadySent && bench.starts == [0])
  }

  @Test("a description of another epoch is read again")
  func otherEpoch() {
    var bench = WorkerBench()
    bench.begin()
    bench.reconnect()
    bench.welcome(epoch: 2)
    #expect(!bench.isReadySent && bench.sent == [.request(piece: 0)])
  }

  @Test("an impossible description ends the worker")
  func impossible() {
    var bench = WorkerBench()
    bench.hear(
      .welcome(
        Welcome(
          epoch: 1, number: 0, descriptionByteCount: UInt64(Limits.descriptionByteCount) + 1,
          pieceByteCount: 1, beatInterval: .seconds(1), leaseDuration: .seconds(15),
          resultWindowByteCount: 1, standing: [])))
    if case .refused(.malformed, _) = bench.outcome {} else { Issue.record("goes on") }
    var longer = WorkerBench()
    longer.welcome()
    longer.hear(.piece(index: 0, bytes: [1, 2, 3, 4]))
    if case .refused(.malformed, _) = longer.outcome {} else { Issue.record("goes on") }
  }

  @Test("each attempt has a fresh id, and the pauses grow to their bound")
  func backOff() {
    var policy = Policy()
    policy.reconnectFirst = .milliseconds(100)
    policy.reconnectLast = .seconds(2)
    var bench = WorkerBench(policy: policy)
    var ids: [PeerID] = []
    var pauses: [TickDuration] = []
    for _ in 0..<12 {
      for case .connect(let id) in bench.effects {
        #expect(!ids.contains(id))
        #expect(id.high >> 63 == 1 && id.high & 0x80 != 0)
        ids.append(id)
      }
      bench.handle(.disconnected(reason: "refused"))
      guard let deadline = bench.machine.nextDeadline else { return }
      pauses.append(deadline - bench.now)
      bench.now = deadline
      bench.handle(.tick)
    }
    #expect(ids.count == 12)
    #expect(pauses[0] <= .milliseconds(100) && pauses[0] >= .milliseconds(50))
    #expect(pauses.allSatisfy { $0 <= .seconds(2) })
    #expect(pauses.suffix(4).allSatisfy { $0 >= .seconds(1) })
  }

  @Test("silence for the lease's time gives the connection up; its unit goes on")
  func silence() {
    var bench = WorkerBench()
    bench.begin()
    bench.lease([units(0, 3)], serial: 1)
    #expect(bench.assigned == [UnitRuns(units(0)), UnitRuns(units(1))])
    var beats = 0
    for _ in 0..<14 {
      bench.wait(.seconds(1))
      beats += bench.sent.count { if case .beat = $0 { true } else { false } }
    }
    #expect(beats == 14)
    bench.wait(.seconds(1))
    #expect(
      bench.effects.contains { if case .disconnect = $0 { true } else { false } })
    bench.rows([units(0)])
    #expect(bench.batches.isEmpty && bench.machine.summary.unacknowledgedBytes == 8)
    bench.wait(.seconds(20))
    #expect(
      bench.hello?.held == [HeldLease(epoch: 1, serial: 1, units: UnitRuns(units(0, 3)))])
    bench.welcome(standing: [1])
    #expect(bench.batches.map(\.sequence) == [1])
  }

  @Test("unacknowledged rows are sent again in order, numbered anew")
  func resends() {
    var bench = WorkerBench()
    bench.begin()
    bench.lease([units(0, 9)], serial: 1)
    for unit in Int64(0)..<4 { bench.rows([units(unit)]) }
    #expect(bench.batches.map(\.sequence) == [4])
    bench.hear(.acknowledged(upTo: 2))
    bench.reconnect()
    bench.welcome(standing: [1])
    #expect(bench.batches.map(\.sequence) == [1, 2])
    bench.hear(.acknowledged(upTo: 2))
    #expect(bench.machine.summary.unacknowledgedBytes == 0)
  }

  @Test("what was handed back between hello and ready is handed back once the connection stands")
  func returnsWhileGreeting() {
    var bench = WorkerBench()
    bench.begin()
    bench.lease([units(0, 2)], serial: 1)
    bench.hear(.recall)
    #expect(bench.recalls == [0])
    bench.reconnect()
    #expect(bench.hello?.held.first?.units.count == 2)
    bench.handle(.childReturned(slot: 0, UnitRuns(units(1))))
    #expect(bench.returned.isEmpty)
    bench.welcome(standing: [1])
    #expect(bench.returned.map(\.units) == [UnitRuns(units(1))])
  }

  @Test("a connection that nobody knows is begun anew, other refusals end the worker")
  func refusals() {
    for code in UInt16(1)...9 {
      var bench = WorkerBench()
      bench.begin()
      bench.hear(.refused(Refusal(rawValue: code), reason: "because"))
      if code == Refusal.unknownPeer.rawValue {
        #expect(bench.outcome == nil && bench.machine.nextDeadline != nil)
      } else {
        #expect(bench.outcome == .refused(Refusal(rawValue: code), reason: "because"))
        #expect(bench.kills == [0] && bench.machine.nextDeadline == nil)
      }
    }
  }

  @Test("a worker that may wait only so long for its coordinator ends")
  func unreachable() {
    var policy = Policy()
    policy.reconnectLimit = .seconds(30)
    var bench = WorkerBench(policy: policy)
    for _ in 0..<200 where bench.outcome == nil {
      bench.handle(.disconnected(reason: "refused"))
      if bench.outcome == nil, let deadline = bench.machine.nextDeadline {
        bench.now = deadline
        bench.handle(.tick)
      }
    }
    if case .unreachable = bench.outcome {} else { Issue.record("waits for ever") }
    #expect(bench.now - Tick(nanoseconds: 0) > .seconds(30))
  }

  @Test("the end of the sweep ends the worker and its children")
  func finished() {
    var bench = WorkerBench(slots: 2)
    bench.begin(slots: 2)
    bench.hear(.finished)
    #expect(bench.outcome == .finished && bench.kills == [0, 1])
    bench.handle(.childReady(slot: 0))
    #expect(bench.effects.isEmpty)
  }
}
