import Host
import RunFolder
import Runtime
import Scheduling
import SweepModel

/// How a run ended: its exit code, its last words, and the same as JSON.
package struct RunResult: Sendable {
  package struct Facts: Sendable {
    package var name: String
    package var folder: String
    package var startingEnded: Int64
    /// Nanoseconds since 1970.
    package var startedAt: Int64
    package var endedAt: Int64
    /// The first few.
    package var failedUnits: [FailedUnit]

    package init(
      name: String, folder: String, startingEnded: Int64, startedAt: Int64, endedAt: Int64,
      failedUnits: [FailedUnit]
    ) {
      self.name = name
      self.folder = folder
      self.startingEnded = startingEnded
      self.startedAt = startedAt
      self.endedAt = endedAt
      self.failedUnits = failedUnits
    }

    var elapsedSeconds: Double { Double(endedAt - startedAt) / 1e9 }
  }

  package static let shownFailures = 5

  package let code: ExitCode
  package let sentences: [Messages.Sentence]
  /// `complete`, `failed_units`, `drained`, `signalled`, `refused`, `too_many_failures`, `stopped`.
  package let outcome: String
  private let counts: CoordinatorCounts?
  private let facts: Facts

  package init(_ end: CoordinatorEnd, _ facts: Facts) {
    self.facts = facts
    if case .outcome(let ending, let counts) = end {
      self.counts = counts
      (code, outcome, sentences) = Self.ending(ending, facts, counts)
    } else {
      counts = nil
      (code, outcome, sentences) = Self.stop(end, facts)
    }
  }

  private typealias Ending = (ExitCode, String, [Messages.Sentence])

  private static func ending(
    _ outcome: Outcome, _ facts: Facts, _ counts: CoordinatorCounts
  ) -> Ending {
    switch outcome {
    case .complete(let failed):
      let words = completion(facts, counts, failed: failed)
      return failed > 0 ? (.unitsFailed, "failed_units", words) : (.complete, "complete", words)
    case .drained:
      let text =
        "stopped before the end: \(share(counts)) have ended, all of it is on disk. "
        + "The same command goes on."
      return (.drained, "drained", [Messages.Sentence(.note, text)])
    case .tooManyFailures:
      let text =
        "the sweep stopped, because every unit failed. Mend the cause and start the sweep afresh, "
        + "or let it go on with --max-failures 0."
      let words = failures(facts) + [Messages.Sentence(.error, text)]
      return (.error, "too_many_failures", words)
    case .journalStopped(let reason):
      let text = "\(facts.folder) takes no more rows: \(reason)"
      return (.error, "stopped", [Messages.Sentence(.error, text)])
    }
  }

  /// Ends that leave no counts.
  private static func stop(_ end: CoordinatorEnd, _ facts: Facts) -> Ending {
    switch end {
    case .outcome(let outcome, let counts): return ending(outcome, facts, counts)
    case .signalled(let signal):
      let text = "stopped at once by signal \(signal). The same command goes on."
      return (.signalled(signal), "signalled", [Messages.Sentence(.note, text)])
    case .refused(let reason):
      return (.error, "refused", [Messages.Sentence(.error, "\(facts.folder): \(reason)")])
    case .ownWorkerFailed(let reason):
      let text =
        "nothing can be computed here: \(reason)\nWhat has ended is on disk; the same command "
        + "goes on once that is mended."
      return (.error, "stopped", [Messages.Sentence(.error, text)])
    }
  }

  private static func share(_ counts: CoordinatorCounts) -> String {
    "\(Figure.grouped(counts.ended)) of \(Figure.count(counts.units, "unit"))"
  }

  private static func failures(_ facts: Facts) -> [Messages.Sentence] {
    facts.failedUnits.map { Messages.Sentence(.warning, $0.sentence) }
  }

  private static func completion(
    _ facts: Facts, _ counts: CoordinatorCounts, failed: Int64
  ) -> [Messages.Sentence] {
    var sentences = failures(facts)
    let computed = counts.ended - facts.startingEnded
    let pace =
      computed > 0 && facts.elapsedSeconds > 0
      ? " (\(Figure.rate(Double(computed) / facts.elapsedSeconds)))" : ""
    var text = "\(facts.folder) is complete: \(Figure.count(counts.units, "unit"))"
    if computed == 0 {
      text += ", all of which had ended before"
    } else {
      text += computed < counts.units ? ", \(Figure.grouped(computed)) of them now," : ""
      text += " in \(DurationWords.words(facts.elapsedSeconds))\(pace)"
    }
    if failed > 0 {
      let more = failed > Int64(facts.failedUnits.count) ? "; the reasons of all are in" : "; see"
      text +=
        ". \(Figure.grouped(failed)) of them failed or "
        + "\(failed == 1 ? "was" : "were") set aside\(more) \(facts.folder)/failures"
    }
    sentences.append(Messages.Sentence(failed > 0 ? .warning : .note, text))
    sentences.append(Messages.Sentence(.note, "next: \(nextCommand(facts))"))
    return sentences
  }

  private static func nextCommand(_ facts: Facts) -> String {
    "spinodal collect \(ShellText.quoted(facts.folder)) --to \(ShellText.quoted(facts.name + ".npy"))"
  }

  package var json: JSONValue {
    let elapsed = facts.elapsedSeconds
    let computed = counts.map { $0.ended - facts.startingEnded }
    return [
      "schema": 1, "outcome": .string(outcome), "exit_code": .integer(Int64(code.rawValue)),
      "message": .string(sentences.map(\.text).joined(separator: "\n")),
      "name": .string(facts.name), "folder": .string(facts.folder),
      "units": Self.number(counts?.units), "ended": Self.number(counts?.ended),
      "failed": Self.number(counts?.failed), "computed": Self.number(computed),
      "repeated_rows": Self.number(counts?.repeatedRows),
      "started": .string(WallClock.text(facts.startedAt)),
      "finished": .string(WallClock.text(facts.endedAt)), "elapsed_seconds": .real(elapsed),
      "units_per_second": computed.map { elapsed > 0 ? .real(Double($0) / elapsed) : nil } ?? nil,
      "failed_units": .array(facts.failedUnits.map(\.json)),
      "next": code == .complete || code == .unitsFailed
        ? .string(Self.nextCommand(facts)) : nil,
    ]
  }

  private static func number(_ number: Int64?) -> JSONValue {
    number.map { .integer($0) } ?? nil
  }

  /// What could not begin.
  static func json(_ failure: CommandFailure) -> JSONValue {
    [
      "schema": 1, "outcome": "error", "exit_code": .integer(Int64(failure.code.rawValue)),
      "message": .string(failure.description),
    ]
  }
}
