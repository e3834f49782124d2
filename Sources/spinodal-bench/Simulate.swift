import ArgumentParser
import Glibc
import Simulation
import Synchronization

/// Whole sweeps in virtual time under seeded faults.
struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Sweeps in a simulated world of faults; each seed is a schedule that replays exactly.",
    discussion: """
      Schedules are counted once they had at least 500 units, 2,000 delivered events and 3 faults \
      that took effect; thinner ones are played too and others drawn in their place. Exit codes: 0 \
      every promise kept, 1 one was broken, 3 a sweep did not come to its end.
      """)

  @Option(help: "How many schedules.")
  var schedules = 100

  @Option(help: "The first schedule's seed; the n-th has this plus n. Drawn afresh if not given.")
  var seed: UInt64?

  @Option(help: "How many threads.")
  var threads = 2

  @Flag(help: "One JSON object.")
  var json = false

  @Flag(help: "Every event and effect of one schedule, on stderr.")
  var trace = false

  func validate() throws {
    guard schedules > 0, (1...64).contains(threads) else {
      throw ValidationError("at least one schedule, and 1 to 64 threads")
    }
  }

  func run() throws {
    let first = seed ?? UInt64.random(in: 0..<(1 << 48))
    let heading = "simulate: schedules from seed \(first)\n"
    say(heading)
    let plays = SimulatedPlays(first: first, wanted: schedules, isTraced: trace)
    plays.run(threads: trace ? 1 : threads)
    let total = plays.total.withLock { $0 }
    print(json ? total.json(first: first) : total.text(first: first))
    if total.broken > 0 { throw ExitCode(1) }
    if total.unfinished > 0 { throw ExitCode(3) }
  }
}

private func say(_ text: String) {
  let bytes = Array(text.utf8)
  _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}

/// What all schedules together were made of.
private struct SimulatedTotal: Sendable {
  var schedules = 0
  var thin = 0
  var events = 0
  var faults = 0
  var epochs = 0
  var repeatedRows: Int64 = 0
  var faultsByKind = [Int](repeating: 0, count: FaultKind.allCases.count)
  var broken = 0
  var unfinished = 0
  /// The first few, by seed.
  var failures: [(seed: UInt64, text: String)] = []

  var failed: Int { broken + unfinished }

  mutating func add(_ world: World) {
    let counts = world.counts
    if let violation = world.violation {
      if violation.property == .liveness { unfinished += 1 } else { broken += 1 }
      failures.append((world.seed, "\(violation.property.rawValue): \(violation.text)"))
      failures.sort { $0.seed < $1.seed }
      if failures.count > 10 { failures.removeLast() }
    }
    if world.isThick { schedules += 1 } else { thin += 1 }
    events += counts.deliveredEvents
    faults += counts.faults
    epochs += counts.epochs
    repeatedRows += counts.repeatedRows
    for kind in faultsByKind.indices { faultsByKind[kind] += counts.faultsByKind[kind] }
  }

  func text(first: UInt64) -> String {
    var lines = [
      "\(schedules) schedules from seed \(first), \(events) events, \(faults) faults, "
        + "\(epochs) coordinators, \(repeatedRows) repeated rows, \(failed) failures"
        + (thin > 0 ? " (and \(thin) thin schedules)" : "")
    ]
    for failure in failures {
      lines.append("seed \(failure.seed): \(failure.text)")
      lines.append("  spinodal-bench simulate --schedules 1 --seed \(failure.seed) --trace")
    }
    return lines.joined(separator: "\n")
  }

  func json(first: UInt64) -> String {
    let seeds = failures.map { "\($0.seed)" }.joined(separator: ", ")
    let kinds = FaultKind.allCases.map { "\"\($0)\": \(faultsByKind[$0.rawValue])" }
    return "{\"schema\": 1, \"seed\": \(first), \"schedules\": \(schedules), "
      + "\"thin_schedules\": \(thin), \"events\": \(events), \"faults\": \(faults), "
      + "\"faults_by_kind\": {\(kinds.joined(separator: ", "))}, \"epochs\": \(epochs), "
      + "\"repeated_rows\": \(repeatedRows), \"failures\": \(failed), "
      + "\"failing_seeds\": [\(seeds)]}"
  }
}

/// Plays schedules on several threads until enough were thick enough.
private final class SimulatedPlays: Sendable {
  let first: UInt64
  let wanted: Int
  let isTraced: Bool
  let next = Atomic<Int>(0)
  let total = Mutex(SimulatedTotal())

  init(first: UInt64, wanted: Int, isTraced: Bool) {
    self.first = first
    self.wanted = wanted
    self.isTraced = isTraced
  }

  func run(threads: Int) {
    SeedsInPlay.tellWhenTrapped()
    var started: [pthread_t] = []
    for place in 1..<max(2, threads) where place < threads {
      var thread = pthread_t()
      let work = Unmanaged.passRetained(PlayingThread(plays: self, place: place))
      let status = pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          let work = Unmanaged<PlayingThread>.fromOpaque(argument).takeRetainedValue()
          work.plays.play(on: work.place)
          return nil
        }, work.toOpaque())
      if status == 0 { started.append(thread) } else { work.release() }
    }
    play(on: 0)
    for thread in started { pthread_join(thread, nil) }
  }

  fileprivate func play(on place: Int) {
    while true {
      let isEnough = total.withLock {
        $0.schedules >= wanted || $0.schedules + $0.thin >= 3 * wanted
      }
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      // The first `wanted` seeds are always played, so that a seed alone replays its schedule.
      if index >= wanted && (isEnough || wanted == 1) { return }
      let seed = first &+ UInt64(index)
      SeedsInPlay.set(seed, place)
      var world = World(seed: seed)
      if isTraced { world.trace = { say($0 + "\n") } }
      world.play()
      total.withLock { $0.add(world) }
    }
  }
}

private final class PlayingThread: Sendable {
  let plays: SimulatedPlays
  let place: Int

  init(plays: SimulatedPlays, place: Int) {
    self.plays = plays
    self.place = place
  }
}

/// A trap ends the process: its handler can only write bytes that are ready.
private enum SeedsInPlay {
  private static let width = 40
  nonisolated(unsafe) private static let texts = UnsafeMutablePointer<UInt8>.allocate(
    capacity: 64 * 40)

  static func set(_ seed: UInt64, _ place: Int) {
    var text = Array("trapped in seed \(seed)".utf8)
    while text.count < width - 1 { text.append(UInt8(ascii: " ")) }
    text.append(UInt8(ascii: "\n"))
    for (offset, byte) in text.prefix(width).enumerated() {
      texts[place * width + offset] = byte
    }
  }

  static func tellWhenTrapped() {
    texts.initialize(repeating: 0, count: 64 * width)
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT] {
      signal(number) { number in
        for place in 0..<64 where SeedsInPlay.texts[place * 40] != 0 {
          _ = write(2, SeedsInPlay.texts + place * 40, 40)
        }
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }
}
