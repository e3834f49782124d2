import Solvers
import SweepModel
import Synchronization
import Testing

@Suite struct NullTests {
  @Test(
    "it misbehaves at the unit it was told to, and at no other",
    arguments: [
      ("crash_unit", Misbehaviour.crash), ("hang_unit", .hang), ("exit_unit", .exit),
      ("malformed_unit", .malformedRow),
    ])
  func misbehaves(parameter: String, how: Misbehaviour) throws {
    let trial = try SolverTrial(Null.self)
    let arguments = trial.arguments([parameter: .integer(17)])
    #expect(try trial.run(unit: 17, arguments).misbehaviour == how)
    for unit in [0, 16, 18] as [UnitIndex] {
      #expect(try trial.run(unit: unit, arguments).misbehaviour == nil)
    }
  }

  @Test("a fault elsewhere leaves the draw as it was")
  func faultsAreNoIdentity() throws {
    let trial = try SolverTrial(Null.self)
    let healthy = try trial.run(unit: 3, trial.arguments())
    let faulty = try trial.run(unit: 3, trial.arguments(["crash_unit": .integer(4)]))
    #expect(healthy.row == faulty.row)
    for parameter in Null.parameters where parameter.name.hasSuffix("_unit") {
      #expect(!parameter.isIdentity, "\(parameter.name)")
    }
  }

  @Test("NaN is a remark and an error is a failure")
  func remarkAndFailure() throws {
    let trial = try SolverTrial(Null.self)
    let outcome = try trial.run(unit: 5, trial.arguments(["nan_unit": .integer(5)]))
    #expect(outcome.status == .notFinite)
    #expect(try trial.real("draw", in: outcome).isNaN)
    #expect(throws: SolverFailure.error("unit 5 was told to fail")) {
      try trial.run(unit: 5, trial.arguments(["error_unit": .integer(5)]))
    }
  }

  /// A clock that moves by 10 microseconds whenever it is read, and as told by sleep.
  private final class Ticker: Sendable {
    let time = Mutex<UInt64>(0)
    let slept = Mutex<UInt64>(0)

    var clock: SolverClock {
      SolverClock(
        now: {
          self.time.withLock {
            $0 += 10_000
            return $0
          }
        },
        sleep: { until in
          self.time.withLock { time in
            guard until > time else { return }
            self.slept.withLock { $0 += until - time }
            time = until
          }
        })
    }
  }

  @Test("it spends the time it owes, in slices", arguments: [0, 1, 2_500], [0, 3, 40])
  func spendsTime(busyMicroseconds: Int64, sleepMilliseconds: Int64) throws {
    let trial = try SolverTrial(Null.self)
    let ticker = Ticker()
    let arguments = trial.arguments([
      "busy_microseconds": .integer(busyMicroseconds),
      "sleep_milliseconds": .integer(sleepMilliseconds),
    ])
    _ = try trial.run(arguments, clock: ticker.clock)
    let total = ticker.time.withLock { $0 }
    let slept = ticker.slept.withLock { $0 }
    let owed = UInt64(1000 * busyMicroseconds + 1_000_000 * sleepMilliseconds)
    #expect(total >= owed)
    // Each slice of a millisecond reads the clock a few times.
    #expect(total <= owed + 100_000 * (2 + owed / 1_000_000))
    #expect(slept <= UInt64(1_000_000 * sleepMilliseconds))
    #expect(sleepMilliseconds == 0 || 10 * slept >= UInt64(9_000_000 * sleepMilliseconds))
  }
}
