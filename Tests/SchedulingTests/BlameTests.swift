import Scheduling
import SweepModel
import Testing

/// Promise 6, over every way in which a child can end.
@Suite struct BlameTests {
  private let outside: Set<Int32> = [1, 2, 10, 12, 15, 24]

  @Test("a signal counts unless it is one that is sent from outside")
  func signals() {
    for signal in Int32(1)...64 {
      for memory in [false, true] {
        let end = ChildEnd(cause: .killed(signal: signal), outOfMemoryKillSeen: memory)
        let expected = signal == 9 ? memory : !outside.contains(signal)
        #expect(Blame.counts(end) == expected, "signal \(signal), memory \(memory)")
        #expect(Blame.status(end) == .died)
      }
    }
  }

  @Test("an exit code counts unless it is 75, and 0 without a row counts too")
  func codes() {
    for code in Int32(0)...255 {
      #expect(Blame.counts(ChildEnd(cause: .exited(code: code))) == (code != 75), "code \(code)")
    }
    #expect(
      Blame.describe(ChildEnd(cause: .exited(code: 0))) == "ended without a result (exit code 0)")
  }

  @Test("time limits count, with a status of their own")
  func limits() {
    for cause in [ChildEnd.Cause.timeLimit, .stalled] {
      #expect(Blame.counts(ChildEnd(cause: cause)))
      #expect(Blame.status(ChildEnd(cause: cause)) == .timeLimit)
    }
  }

  @Test("nothing counts against a unit that got on since its last death")
  func progress() {
    for cause in [ChildEnd.Cause.timeLimit, .exited(code: 1), .killed(signal: 11)] {
      var end = ChildEnd(cause: cause, outOfMemoryKillSeen: true)
      end.progressed = true
      #expect(!Blame.counts(end))
    }
  }
}
