import Host
import RunFolder
import Runtime
import Scheduling
import Synchronization

/// The access file on disk: waited for at first, read again when it changes, because a worker may be
/// there before its coordinator and outlive it.
final class AccessSource: Sendable {
  let path: String
  private let seen = Mutex<FileStatus?>(nil)

  /// - Parameter path: the file, or the run directory that holds it.
  init(_ path: String) {
    let isDirectory = (try? FileSystem.status(path))?.kind == .directory
    self.path = isDirectory ? RunFolder(path).accessFile : path
  }

  private static let pauseMilliseconds: Int64 = 250

  /// The access as soon as there is a file.
  /// - Throws: when the time is up (exit code 4), and at once if what is there cannot be used.
  func await(_ limit: TickDuration, _ console: Console) throws(CommandFailure) -> WorkerAccess {
    let deadline = BootClock.now() + limit.nanoseconds
    var hasSpoken = false
    while true {
      if FileSystem.exists(path) { return try read() }
      let left = deadline - BootClock.now()
      guard left > 0 else {
        throw CommandFailure(
          .unreachable, "there is no access file \(path)",
          remedy: "Start the coordinator (spinodal serve SWEEP), or copy its RUN/access.json here.")
      }
      if !hasSpoken {
        hasSpoken = true
        console.say(
          .note, "waiting for \(path), for \(DurationWords.words(limit.seconds)) at most")
      }
      BootClock.sleep(milliseconds: min(Self.pauseMilliseconds, left / 1_000_000 + 1))
    }
  }

  /// The access if the file is another one than the last that was read.
  func changed() -> WorkerAccess? {
    guard let now = try? FileSystem.status(path) else { return nil }
    let isNew = seen.withLock { $0 != now }
    return isNew ? try? read() : nil
  }

  private func read() throws(CommandFailure) -> WorkerAccess {
    do {
      let status = try FileSystem.status(path)
      let access = try WorkerAccess(readingFrom: path)
      seen.withLock { $0 = status }
      return access
    } catch {
      throw .error("\(error)")
    }
  }
}
