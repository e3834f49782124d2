import Host
import Runtime
import Scheduling

/// What `worker` does: finds the access file, works, and says how it ended.
struct WorkerRun {
  var accessPath: String
  var slots: UInt16
  /// For the file, and for the coordinator's answer.
  var wait: TickDuration
  /// Started by `run`, which speaks for it.
  var isOwn: Bool
  var console: Console

  /// - Throws: `CommandFailure`, or `ExitCode` once everything has been said.
  func run() throws {
    let source = AccessSource(accessPath)
    let access = try source.await(wait, console)
    var policy = Policy()
    policy.reconnectLimit = wait
    let node: WorkerNode
    let end: WorkerEnd
    do {
      node = try WorkerNode(
        WorkerConfiguration(
          access: access, readAccess: { source.changed() }, slots: slots, policy: policy,
          build: Version.build, program: try Machine.programPath(), endsAt: Self.slurmEnd(),
          notice: { hear($0) }))
      end = try node.run()
    } catch {
      throw CommandFailure.error("\(error)")
    }
    let result = WorkerResult(end, accessPath: source.path)
    if let sentence = result.sentence, !isOwn || sentence.kind == .error {
      console.say(sentence.kind, sentence.text)
    }
    if result.code != .complete { throw result.code }
  }

  private func hear(_ notice: WorkerNotice) {
    // The own worker's connection is the coordinator's affair.
    if isOwn, case .connectionLost = notice { return }
    let sentence = Messages.sentence(notice)
    console.say(sentence.kind, sentence.text)
  }

  /// When Slurm will end the job, by `BootClock`.
  private static func slurmEnd() -> Int64? {
    guard let end = SlurmEnvironment()?.jobEndTime, end > 0, end < 1 << 33 else { return nil }
    return BootClock.now() + (end * 1_000_000_000 - WallClock.now())
  }
}

/// How a worker ended, as exit code and words.
package struct WorkerResult: Sendable {
  package let code: ExitCode
  package let sentence: Messages.Sentence?

  package init(_ end: WorkerEnd, accessPath: String) {
    switch end {
    case .outcome(.finished):
      code = .complete
      sentence = Messages.Sentence(.note, "the sweep is over")
    case .outcome(.drained):
      code = .drained
      sentence = Messages.Sentence(.note, "stopped; everything held was delivered or handed back")
    case .outcome(.refused(_, let reason)):
      code = .error
      sentence = Messages.Sentence(.error, "the coordinator does not admit this worker: \(reason)")
    case .outcome(.unauthorised(let reason)):
      code = .notAuthorised
      sentence = Messages.Sentence(
        .error,
        "the key was refused: \(reason)\nCopy the run's current access.json to \(accessPath).")
    case .outcome(.unreachable(let reason)):
      code = .unreachable
      sentence = Messages.Sentence(
        .error,
        "no coordinator answered: \(reason)\nSee whether it runs and whether this machine reaches "
          + "an endpoint in \(accessPath); --wait DURATION waits longer.")
    case .outcome(.noSlots(let reason)):
      code = .error
      sentence = Messages.Sentence(.error, "no solver process can be started: \(reason)")
    case .signalled(let signal):
      code = .signalled(signal)
      sentence = Messages.Sentence(.note, "stopped at once by signal \(signal)")
    }
  }
}
