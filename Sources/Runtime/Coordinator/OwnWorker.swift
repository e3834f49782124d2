import Glibc
import Host
import Scheduling
import Transport

/// The worker that `run` brings along: a process of this program, over ipc in a folder that nobody else
/// may enter (loopback belongs to everyone on a login node). It ends with its coordinator and is started
/// again if something kills it.
final class OwnWorker {
  let endpoint: Endpoint
  private let folder: String
  private let program: String
  private let slots: UInt16
  private var process: ChildProcess?
  private var isDraining = false
  /// Deaths by a signal, soon after the start, in a row.
  private var earlyDeaths = 0
  private var startedAt: Int64 = 0

  private static let earlyDeathLimit = 10
  private static let earlyNanoseconds: Int64 = 1_000_000_000

  enum Status {
    case running
    /// It ended as it was told to.
    case ended
    /// It cannot do its work; what it said is on stderr.
    case failed(reason: String)
  }

  /// Makes the private folder; the process is started by `start`.
  init(program: String, slots: UInt16) throws {
    self.program = program
    self.slots = slots
    folder = try FileSystem.makeTemporaryDirectory(prefix: "spinodal-")
    endpoint = .ipc(path: folder + "/worker")
  }

  deinit {
    process = nil
    try? FileSystem.removeTree(folder)
  }

  var accessFile: String { folder + "/access.json" }

  func start() throws(SystemError) {
    var specification = ChildSpecification(
      executable: program,
      arguments: ["worker", "--access", accessFile, "--slots", "\(slots)", "--own"])
    // Ctrl-C is the coordinator's, which then drains this one.
    specification.ownGroup = true
    specification.deathSignal = SIGKILL
    process = try ChildProcess(specification)
    startedAt = BootClock.now()
  }

  /// Looks whether it ended; one that was killed from outside is started again.
  func check() throws(SystemError) -> Status {
    guard let process else { return .ended }
    guard let exit = process.reap() else { return .running }
    self.process = nil
    switch exit {
    case .exited(0), .exited(75): return .ended
    case .exited(let code): return .failed(reason: "the worker ended with exit code \(code)")
    case .killed(let signal):
      guard !isDraining else { return .ended }
      earlyDeaths = BootClock.now() - startedAt < Self.earlyNanoseconds ? earlyDeaths + 1 : 0
      guard earlyDeaths < Self.earlyDeathLimit else {
        return .failed(
          reason: "the worker was killed \(earlyDeaths) times in a row, last by signal \(signal)")
      }
      try start()
      return .running
    }
  }

  func drain() {
    isDraining = true
    process?.send(SIGTERM)
  }

  /// Waits for its end, which must be near; past the time it is killed.
  func finish(withinMilliseconds limit: Int64) {
    let deadline = BootClock.now() + limit * 1_000_000
    while let process, process.reap() == nil, BootClock.now() < deadline {
      BootClock.sleep(milliseconds: 2)
    }
    process = nil
  }
}
