import Host
import RunFolder
import Runtime
import Scheduling
import SweepModel

/// A sweep from the file to the last words: what `run` and `serve` do.
struct SweepRun {
  private let request: SweepRequest
  private var console: Console { request.console }

  init(_ request: SweepRequest) { self.request = request }

  /// - Throws: `CommandFailure`, or `ExitCode` once everything has been said.
  func run() throws {
    do {
      let sweep = try LoadedSweep(readingFrom: request.sweepPath)
      if request.isDryRun { return try dryRun(sweep) }
      let folder = RunFolder(request.runPath ?? "runs/\(sweep.sweep.name)")
      let goesOn = try RunDirectory.prepare(folder, for: sweep)
      let result = try coordinate(sweep, folder, goesOn: goesOn)
      console.endProgress()
      for sentence in result.sentences { console.say(sentence.kind, sentence.text) }
      if request.wantsJSON { try Console.output("\(result.json)\n") }
      if result.code != .complete { throw result.code }
    } catch let failure as CommandFailure {
      console.endProgress()
      if request.wantsJSON { try Console.output("\(RunResult.json(failure))\n") }
      throw failure
    }
  }

  private func dryRun(_ sweep: LoadedSweep) throws(CommandFailure) {
    let plan: DryRun
    do {
      plan = try DryRun(sweep)
    } catch {
      throw .usage("\(sweep.path): \(error)")
    }
    try Console.output(request.wantsJSON ? "\(plan.json)\n" : plan.text)
  }

  private func coordinate(
    _ sweep: LoadedSweep, _ folder: RunFolder, goesOn: Bool
  ) throws(CommandFailure) -> RunResult {
    let grid = sweep.grid
    let messages = Messages(
      deathLimit: request.policy.deathLimit, hasGuests: request.listen != nil,
      describe: { grid.describe($0) })
    let watcher = RunWatcher(
      console: console, messages: messages, folder: folder, name: sweep.sweep.name, goesOn: goesOn)
    let started = WallClock.now()
    let report: CoordinatorReport
    do {
      report = try CoordinatorProcess.run(
        CoordinatorConfiguration(
          folder: folder.path, grid: grid, settings: RunSettings(limits: sweep.sweep.limits),
          policy: request.policy, build: Version.build,
          program: try Machine.programPath(), takeOver: request.takeOver,
          listen: request.listen, ownSlots: request.ownSlots, observer: watcher.observer))
    } catch {
      throw .error("\(error)")
    }
    var failed: [FailedUnit] = []
    if case .outcome(_, let counts) = report.end, counts.failed > 0 {
      failed = folder.failedUnits(of: grid, limit: RunResult.shownFailures)
    }
    return RunResult(
      report.end,
      RunResult.Facts(
        name: sweep.sweep.name, folder: folder.path,
        startingEnded: watcher.startingCounts?.ended ?? 0, startedAt: started,
        endedAt: WallClock.now(), failedUnits: failed))
  }
}
