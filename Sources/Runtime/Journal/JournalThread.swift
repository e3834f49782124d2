import Host
import RunFolder
import Shards
import Synchronization

/// Runs the `Journal` value on real files in a thread of its own, so that the event loop never waits
/// for a disk. The loop hands entries in and is woken for what came of them.
package final class JournalThread: Sendable {
  /// What came of it since the last look.
  package struct News: Sendable {
    package var claimed: EpochNumber?
    package var durable: UInt64?
    package var stopped: JournalStop?
  }

  private struct Orders {
    var entries: [JournalEntry] = []
    var isStopAsked = false
  }

  private let orders = Mutex(Orders())
  private let news = Mutex(News())
  private let doorbell: Wakeup
  /// Readable when there is news.
  package let wakeup: Wakeup
  private let makeFiles: @Sendable () -> JournalFiles

  private static let watchIntervalMilliseconds: Int64 = 1000

  /// - Parameter files: called once, in the thread that then owns them.
  package init(files: @escaping @Sendable () -> JournalFiles) throws(SystemError) {
    doorbell = try Wakeup()
    wakeup = try Wakeup()
    makeFiles = files
  }

  /// Starts the thread, which first claims the next epoch.
  package func start(_ configuration: Journal.Configuration, takeOver: Bool) throws(SystemError)
    -> Thread
  {
    try Thread { [self] in run(configuration, takeOver: takeOver) }
  }

  package func append(_ entries: [JournalEntry]) {
    orders.withLock { $0.entries += entries }
    doorbell.signal()
  }

  /// Everything handed over so far becomes durable, then the thread ends.
  package func stop() {
    orders.withLock { $0.isStopAsked = true }
    doorbell.signal()
  }

  package func takeNews() -> News {
    wakeup.clear()
    return news.withLock { current in
      defer { current = News() }
      return current
    }
  }

  private func run(_ configuration: Journal.Configuration, takeOver: Bool) {
    var files = makeFiles()
    var journal = Journal(configuration)
    var effects: [JournalEffect] = []
    var nextWatch = now() + Self.watchIntervalMilliseconds
    journal.handle(.start(takeOver: takeOver), into: &effects)
    while true {
      var isOver = false
      while !effects.isEmpty {
        let current = effects
        effects.removeAll(keepingCapacity: true)
        for effect in current {
          switch effect {
          case .perform(let operation):
            let answer = files.perform(operation)
            // What came meanwhile joins the next group.
            takeOrders(into: &journal, &effects)
            // Also here: under load there is always a next operation, and never a pause.
            watchIfDue(&nextWatch, &journal, &effects)
            journal.handle(answer, into: &effects)
          case .claimed(let epoch): tell { $0.claimed = epoch }
          case .durable(let position): tell { $0.durable = position }
          case .stopped(let reason):
            tell { $0.stopped = reason }
            isOver = true
          }
        }
      }
      if isOver { return }
      takeOrders(into: &journal, &effects)
      watchIfDue(&nextWatch, &journal, &effects)
      if effects.isEmpty {
        doorbell.wait(milliseconds: Int32(max(1, nextWatch - now())))
        doorbell.clear()
      }
    }
  }

  private func watchIfDue(
    _ nextWatch: inout Int64, _ journal: inout Journal, _ effects: inout [JournalEffect]
  ) {
    guard now() >= nextWatch else { return }
    nextWatch = now() + Self.watchIntervalMilliseconds
    journal.handle(.watch, into: &effects)
  }

  private func takeOrders(into journal: inout Journal, _ effects: inout [JournalEffect]) {
    let taken = orders.withLock { orders in
      defer { orders = Orders() }
      return orders
    }
    for entry in taken.entries { journal.handle(.append(entry), into: &effects) }
    if taken.isStopAsked { journal.handle(.stop, into: &effects) }
  }

  private func tell(_ change: (inout News) -> Void) {
    news.withLock { change(&$0) }
    wakeup.signal()
  }

  private func now() -> Int64 { BootClock.now() / 1_000_000 }
}
