import Runtime
import Scheduling
import SweepModel
import Testing
import spinodal

/// Exit codes and last words for each way in which a run or a worker can end.
@Suite struct RunResultTests {
  private func counts(_ ended: Int64, failed: Int64 = 0) -> CoordinatorCounts {
    CoordinatorCounts(
      units: 10_000, ended: ended, failed: failed, leased: 0, workers: 1, slots: 2,
      repeatedRows: 0, isDraining: false)
  }

  private func facts(_ failed: [FailedUnit] = [], startingEnded: Int64 = 0) -> RunResult.Facts {
    RunResult.Facts(
      name: "fig2", folder: "runs/fig2", startingEnded: startingEnded,
      startedAt: 1_700_000_000_000_000_000, endedAt: 1_700_000_100_000_000_000,
      failedUnits: failed)
  }

  @Test("a complete run says so and names the next command")
  func complete() {
    let result = RunResult(.outcome(.complete(failedUnits: 0), counts(10_000)), facts())
    #expect(result.code == .complete)
    #expect(
      result.sentences.map(\.text) == [
        "runs/fig2 is complete: 10,000 units in 1 min 40 s (100.0 unit/s)",
        "next: spinodal collect runs/fig2 --to fig2.npy",
      ])
  }

  @Test("a continued run counts what it did itself")
  func continued() {
    let result = RunResult(
      .outcome(.complete(failedUnits: 0), counts(10_000)), facts(startingEnded: 9000))
    #expect(
      result.sentences[0].text
        == "runs/fig2 is complete: 10,000 units, 1,000 of them now, in 1 min 40 s (10.0 unit/s)")
    #expect(result.json["computed"] == 1000)
    let again = RunResult(
      .outcome(.complete(failedUnits: 0), counts(10_000)), facts(startingEnded: 10_000))
    #expect(
      again.sentences[0].text
        == "runs/fig2 is complete: 10,000 units, all of which had ended before")
  }

  @Test("failed units end with 3, each named with parameters and reason")
  func failures() {
    let failed = FailedUnit(
      unit: 17, parameters: "beta=0.5", status: .died,
      reason: "was ended by signal 11 (SEGV)")
    let result = RunResult(
      .outcome(.complete(failedUnits: 1), counts(10_000, failed: 1)), facts([failed]))
    #expect(result.code == .unitsFailed)
    let text = result.sentences.map(\.text)
    #expect(text[0] == "unit 17 (beta=0.5) was set aside: was ended by signal 11 (SEGV)")
    #expect(text[1].hasSuffix("1 of them failed or was set aside; see runs/fig2/failures"))
    #expect(result.json["failed_units"]?.array?.first?["unit"] == 17)
  }

  @Test("every other end has its code and says how to go on")
  func otherEnds() {
    let ends: [(end: CoordinatorEnd, code: ExitCode, outcome: String)] = [
      (.outcome(.drained, counts(6312)), .drained, "drained"),
      (.outcome(.tooManyFailures, counts(8, failed: 8)), .error, "too_many_failures"),
      (.outcome(.journalStopped(reason: "no space"), counts(5)), .error, "stopped"),
      (.signalled(2), ExitCode(rawValue: 130), "signalled"),
      (.signalled(15), ExitCode(rawValue: 143), "signalled"),
      (.refused(reason: "held by node7"), .error, "refused"),
      (.ownWorkerFailed(reason: "no program"), .error, "stopped"),
    ]
    for (end, code, outcome) in ends {
      let result = RunResult(end, facts())
      #expect(result.code == code)
      #expect(result.json["outcome"]?.string == outcome)
      #expect(result.json["exit_code"]?.integer == Int64(code.rawValue))
      #expect(!result.sentences.isEmpty)
    }
    let drained = RunResult(.outcome(.drained, counts(6312)), facts()).sentences[0].text
    #expect(drained.contains("6,312 of 10,000 units"))
    #expect(drained.hasSuffix("The same command goes on."))
  }

  @Test("the JSON has a schema, ISO times and float seconds")
  func json() throws {
    let json = RunResult(.outcome(.complete(failedUnits: 0), counts(10_000)), facts()).json
    #expect(json["schema"] == 1)
    #expect(json["started"] == "2023-11-14T22:13:20.000Z")
    #expect(json["elapsed_seconds"] == 100.0)
    #expect(try JSONValue(parsing: "\(json)") == json)
  }

  @Test("a worker's end has its code")
  func workers() {
    let ends: [(end: WorkerEnd, code: ExitCode)] = [
      (.outcome(.finished), .complete), (.outcome(.drained), .drained),
      (.outcome(.refused(.otherRun, reason: "another run")), .error),
      (.outcome(.unauthorised(reason: "unknown key")), .notAuthorised),
      (.outcome(.unreachable(reason: "nobody answered")), .unreachable),
      (.outcome(.noSlots(reason: "no program")), .error),
      (.signalled(2), ExitCode(rawValue: 130)),
    ]
    for (end, code) in ends {
      #expect(WorkerResult(end, accessPath: "access.json").code == code)
    }
  }
}
