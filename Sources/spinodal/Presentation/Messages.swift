import Scheduling
import SweepModel

/// What the state machines tell, as sentences for people.
package struct Messages: Sendable {
  /// Parameters and replicates of a unit, `beta=0.5, replicate=3`; empty if unknown.
  private let describe: @Sendable (UnitIndex) -> String
  /// Counted deaths after which a unit is set aside.
  private let deathLimit: Int16
  /// Whether joining and leaving are news: not for the one worker of one's own.
  private let hasGuests: Bool

  package init(
    deathLimit: Int16, hasGuests: Bool, describe: @escaping @Sendable (UnitIndex) -> String
  ) {
    self.deathLimit = deathLimit
    self.hasGuests = hasGuests
    self.describe = describe
  }

  package struct Sentence: Hashable, Sendable {
    package var kind: Console.Kind
    package var text: String
    /// One of a kind that may come by the thousand.
    package var isAboutUnit: Bool

    package init(_ kind: Console.Kind, _ text: String, isAboutUnit: Bool = false) {
      self.kind = kind
      self.text = text
      self.isAboutUnit = isAboutUnit
    }
  }

  package func sentence(_ notice: Notice) -> Sentence {
    switch notice {
    case .workerJoined(let number, let host, let slots):
      return Sentence(
        hasGuests ? .note : .detail,
        "worker \(number) on \(host) joined with \(Figure.count(Int64(slots), "slot"))")
    case .workerLeft(let number, let host, let reason):
      return Sentence(
        hasGuests ? .note : .detail,
        "worker \(number) on \(host) left" + (reason.isEmpty ? "" : ": \(reason)"))
    case .workerLost(let number, let host, let units):
      let back =
        units > 0 ? "; its \(Figure.count(units, "unit")) will be computed by others" : ""
      return Sentence(.warning, "worker \(number) on \(host) fell silent\(back)")
    case .workerRefused(let host, let reason):
      return Sentence(.warning, "a worker on \(host) was not admitted: \(reason)")
    case .otherBuild(let number, let host, let build):
      return Sentence(
        .warning,
        "worker \(number) on \(host) is of another build (\(build), this one is \(Version.build)); "
          + "its rows are taken")
    case .peerMalformed(let reason):
      return Sentence(.warning, "a message that makes no sense was refused: \(reason)")
    case .unitDied(let unit, let attempt, let worker, let end, let counted):
      let next =
        counted
        ? "try \(attempt + 1) of \(deathLimit)"
        : "not the unit's doing; it will be tried again"
      return Sentence(
        counted ? .warning : .detail,
        "\(name(unit)): the solver process on worker \(worker) \(Blame.describe(end)) (\(next))",
        isAboutUnit: true)
    case .unitQuarantined(let verdict):
      // Its deaths were told one by one, and the last words name it again.
      return Sentence(
        .detail, "\(name(verdict.unit)) is set aside: \(verdict.reason)", isAboutUnit: true)
    case .tooManyFailures(let ended):
      return Sentence(
        .error,
        "the first \(Figure.count(ended, "unit")) that ended all failed; the sweep stops "
          + "(--max-failures N allows more)")
    }
  }

  /// `unit 17 (beta=0.5, replicate=3)`
  package func name(_ unit: UnitIndex) -> String {
    let values = describe(unit)
    return values.isEmpty ? "unit \(unit)" : "unit \(unit) (\(values))"
  }

  package static func sentence(_ notice: WorkerNotice) -> Sentence {
    switch notice {
    case .connected(let epoch, let number):
      Sentence(.note, "connected as worker \(number) (start \(epoch) of the coordinator)")
    case .connectionLost(let reason):
      Sentence(.warning, "no connection to the coordinator: \(reason); trying again")
    case .slotClosed(let slot, let reason):
      Sentence(.warning, "slot \(slot) is closed: \(reason)")
    case .draining:
      Sentence(
        .note, "handing back what is not begun, then stopping; the same signal again stops at once")
    }
  }
}
