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
  /// systemd, if it started us.
  private let manager = ServiceManager()
  private let state = Mutex(State())

  private struct State {
    var starting: CoordinatorCounts?
    var meter = RateMeter()
    var saidDraining = false
    var unitMessages = 0
    var remarks = 0
    var lastRemark: Int64 = 0
    var statusDue: Int64 = 0
  }

  /// Sentences about single units; the others stand in failures/.
  private static let unitMessageLimit = 10
  /// Remarks that are told as they come; a stranger who keeps knocking gets one a minute after that.
  private static let remarkLimit = 20
  private static let remarkNanoseconds: Int64 = 60_000_000_000
  private static let statusNanoseconds: Int64 = 1_000_000_000

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
      notice: { self.hear($0) }, remark: { self.remark($0) },
      ready: { address in
        self.manager.ready()
        guard let accessFile = address.accessFile else { return }
        let places = address.endpoints.map { "\($0)" }.filter { $0.hasPrefix("tcp") }
        self.console.say(
          .note,
          "listening at \(places.joined(separator: ", ")), room for "
            + "\(Figure.count(Int64(address.workerLimit), "worker")); they join with\n"
            + "  spinodal worker --access \(accessFile)")
      },
      progress: { self.show($0) })
  }

  private func remark(_ text: String) {
    let now = BootClock.now()
    let isTold = state.withLock { state in
      state.remarks += 1
      guard state.remarks <= Self.remarkLimit || now - state.lastRemark >= Self.remarkNanoseconds
      else { return false }
      state.lastRemark = now
      return true
    }
    if isTold || console.level == .verbose { console.say(.warning, text) }
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
    let progress = Progress(
      ended: counts.ended, total: counts.units, failed: counts.failed, workers: counts.workers,
      elapsedSeconds: Double(now - startedAt) / 1e9, unitsPerSecond: rate,
      isDraining: counts.isDraining)
    console.show(progress, at: now)
    report(progress, at: now)
  }

  /// To systemd: this is called from the event loop, so it shows that the loop goes round.
  private func report(_ progress: Progress, at now: Int64) {
    manager.alive()
    let isDue = state.withLock { state in
      guard now >= state.statusDue else { return false }
      state.statusDue = now + Self.statusNanoseconds
      return true
    }
    if isDue { manager.status(progress.plainLine) }
    if progress.isDraining || progress.ended >= progress.total { manager.stopping() }
  }

  private func firstSentence(_ counts: CoordinatorCounts) -> String {
    let units = Figure.count(counts.units, "unit")
    guard goesOn else { return "\(name): \(units), rows go to \(folder.path)" }
    return "\(name): going on with \(folder.path), where \(Figure.grouped(counts.ended)) of "
      + "\(units) have ended"
  }
}
