import Host
import RunFolder
import Runtime
import Scheduling
import Synchronization

/// Tells a user what a coordinator does. Called from its loop.
final class RunWatcher: Sendable {
  private let console: Console
  private let messages: Messages
  private let folder: RunFolder
  private let name: String
  private let goesOn: Bool
  private let startedAt = BootClock.now()
  private let state = Mutex(State())

  private struct State {
    var starting: CoordinatorCounts?
    var meter = RateMeter()
    var saidDraining = false
    var unitMessages = 0
  }

  /// Sentences about single units; the others stand in failures/.
  private static let unitMessageLimit = 10

  init(console: Console, messages: Messages, folder: RunFolder, name: String, goesOn: Bool) {
    self.console = console
    self.messages = messages
    self.folder = folder
    self.name = name
    self.goesOn = goesOn
  }

  /// What was done before this start; nil if it never came that far.
  var startingCounts: CoordinatorCounts? { state.withLock { $0.starting } }

  var observer: CoordinatorObserver {
    CoordinatorObserver(
      notice: { self.hear($0) }, remark: { self.console.say(.note, $0) },
      ready: { endpoints, accessFile in
        guard let accessFile else { return }
        let places = endpoints.map { "\($0)" }.filter { $0.hasPrefix("tcp") }
        self.console.say(
          .note,
          "listening at \(places.joined(separator: ", ")); workers join with\n"
            + "  spinodal worker --access \(accessFile)")
      },
      progress: { self.show($0) })
  }

  private func hear(_ notice: Notice) {
    let sentence = messages.sentence(notice)
    guard sentence.isAboutUnit else { return console.say(sentence.kind, sentence.text) }
    guard console.shows(sentence.kind) else { return }
    let count = state.withLock { state in
      state.unitMessages += 1
      return state.unitMessages
    }
    if count <= Self.unitMessageLimit || console.level == .verbose {
      console.say(sentence.kind, sentence.text)
    } else if count == Self.unitMessageLimit + 1 {
      console.say(.warning, "more of these are only written to \(folder.failuresFolder)")
    }
  }

  private func show(_ counts: CoordinatorCounts) {
    let now = BootClock.now()
    let (isFirst, saysDraining, rate) = state.withLock { state in
      let isFirst = state.starting == nil
      if isFirst { state.starting = counts }
      state.meter.add(ended: counts.ended, at: now)
      let saysDraining = counts.isDraining && !state.saidDraining
      if saysDraining { state.saidDraining = true }
      return (isFirst, saysDraining, state.meter.unitsPerSecond)
    }
    if isFirst { console.say(.note, firstSentence(counts)) }
    if saysDraining {
      console.say(
        .note, "stopping: units in progress may end, rows are written; Ctrl-C again stops at once")
    }
    console.show(
      Progress(
        ended: counts.ended, total: counts.units, failed: counts.failed, workers: counts.workers,
        elapsedSeconds: Double(now - startedAt) / 1e9, unitsPerSecond: rate,
        isDraining: counts.isDraining), at: now)
  }

  private func firstSentence(_ counts: CoordinatorCounts) -> String {
    let units = Figure.count(counts.units, "unit")
    guard goesOn else { return "\(name): \(units), rows go to \(folder.path)" }
    return "\(name): going on with \(folder.path), where \(Figure.grouped(counts.ended)) of "
      + "\(units) have ended"
  }
}
