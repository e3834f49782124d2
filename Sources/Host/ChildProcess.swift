import CHost
import Glibc

/// How a child ended.
public enum ChildExit: Hashable, Sendable {
  case exited(code: Int32)
  case killed(signal: Int32)
}

/// What a child is to be started with. It inherits nothing that does not stand here.
public struct ChildSpecification: Sendable {
  public enum Stream: Hashable, Sendable {
    /// /dev/null.
    case null
    /// The parent's own.
    case inherited
    /// A pipe whose read end is `ChildProcess.standardError`.
    case pipe
  }

  /// A path; see `FileSystem.findProgram` for a bare name.
  public var executable: String
  /// Without the program's name.
  public var arguments: [String]
  /// "NAME=value"; nil for the parent's.
  public var environment: [String]?
  /// Our open descriptors and the numbers they get in the child: unique, from 0 up, at most 12.
  /// Input is /dev/null unless 0 stands here; 1 is a copy of 2 unless it stands here.
  public var descriptors: [(source: Int32, target: Int32)] = []
  public var standardError = Stream.inherited
  /// nil for the parent's.
  public var workingDirectory: String?
  /// A group of its own, so that a terminal's Ctrl-C and a kill of the parent's group do not reach it.
  public var ownGroup = false
  /// Sent by the kernel when the *thread* that started the child ends. 0: none.
  public var deathSignal: Int32 = 0
  /// Signals that the program starts with ignored, and HUP if it is ignored here; all others have
  /// their default.
  public var ignoredSignals: [Int32] = []

  public init(executable: String, arguments: [String] = []) {
    self.executable = executable
    self.arguments = arguments
  }
}

/// A child of this process, from its start until it is reaped. Not for several threads: its death
/// signal, if any, comes when the thread ends that made it.
///
/// Letting go of one that was not reaped kills it.
public final class ChildProcess {
  public let processID: Int32
  /// The last of what it wrote to stderr, if a pipe was asked for.
  public let errorTail: OutputTail?
  /// How it ended, once that was asked for and known.
  public private(set) var exit: ChildExit?
  private let ownGroup: Bool

  public init(_ wanted: ChildSpecification) throws(SystemError) {
    precondition(wanted.descriptors.count <= 12, "too many descriptors for a child")
    let null = try FileSystem.open("/dev/null", .readWrite)
    let errorEnd: Descriptor
    switch wanted.standardError {
    case .null:
      errorEnd = try FileSystem.open("/dev/null", .readWrite)
      errorTail = nil
    case .inherited:
      errorEnd = try ChildProcess.duplicate(2)
      errorTail = nil
    case .pipe:
      let pipe = try Pipe()
      try pipe.readEnd.setNonblocking(true)
      errorEnd = pipe.writeEnd
      errorTail = OutputTail(pipe.readEnd)
    }
    var descriptors = wanted.descriptors
    for (source, target) in [(null.raw, 0), (errorEnd.raw, 1), (errorEnd.raw, 2)]
      as [(Int32, Int32)]
    where !descriptors.contains(where: { $0.target == target }) {
      descriptors.append((source, target))
    }
    ownGroup = wanted.ownGroup
    processID = try ChildProcess.spawn(wanted, descriptors)
    // The ends that are the child's now are open until here.
    _ = consume null
    _ = consume errorEnd
  }

  deinit {
    guard exit == nil else { return }
    send(SIGKILL)
    _ = wait()
  }

  /// How it ended; nil if it still runs. Its pipes may hold bytes to be read after its end.
  public func reap() -> ChildExit? { collect(blocking: false) }

  /// Waits for its end. Only for a child that is about to end: one that was sent KILL.
  @discardableResult public func wait() -> ChildExit { collect(blocking: true) ?? .exited(code: 0) }

  /// Sends it a signal, and its group with it if it has one of its own. Nothing once it was reaped:
  /// its number may be another's.
  public func send(_ signal: Int32) {
    guard exit == nil else { return }
    // Once, not twice: to a worker the second TERM means at once.
    if ownGroup, kill(-processID, signal) == 0 { return }
    kill(processID, signal)
  }

  private func collect(blocking: Bool) -> ChildExit? {
    if let exit { return exit }
    var code: Int32 = 0
    var status: Int32 = 0
    let answer = chost_reap(processID, blocking ? 1 : 0, &code, &status)
    if answer == 0 { return nil }
    precondition(answer == 1, "child \(processID) was reaped elsewhere")
    exit = code == Int32(CLD_EXITED) ? .exited(code: status) : .killed(signal: status)
    return exit
  }

  private static func duplicate(_ raw: Int32) throws(SystemError) -> Descriptor {
    // A closed stderr is no reason not to start children.
    guard fcntl(raw, F_GETFD) >= 0 else { return try FileSystem.open("/dev/null", .readWrite) }
    return Descriptor(owning: try attemptCHost("duplicate") { chost_duplicate(raw) })
  }

  private static func spawn(
    _ wanted: ChildSpecification, _ descriptors: [(source: Int32, target: Int32)]
  ) throws(SystemError) -> Int32 {
    // nohup's promise holds for the children too.
    let ignoredSignals =
      wanted.ignoredSignals + (chost_signal_is_ignored(SIGHUP) == 1 ? [SIGHUP] : [])
    let arguments = CStrings([wanted.executable] + wanted.arguments)
    let environment = CStrings(wanted.environment ?? Environment.all)
    let sources = descriptors.map(\.source)
    let targets = descriptors.map(\.target)
    let directory = wanted.workingDirectory.map { strdup($0) } ?? nil
    defer { free(directory) }
    return try attemptCHost("start", wanted.executable) {
      sources.withUnsafeBufferPointer { sources in
        targets.withUnsafeBufferPointer { targets in
          ignoredSignals.withUnsafeBufferPointer { ignored in
            var order = chost_spawn(
              path: arguments.pointers[0], arguments: arguments.pointers,
              environment: environment.pointers, directory: directory,
              sources: sources.baseAddress, targets: targets.baseAddress,
              descriptor_count: sources.count, ignored: ignored.baseAddress,
              ignored_count: ignored.count, own_group: wanted.ownGroup ? 1 : 0,
              death_signal: wanted.deathSignal)
            return chost_start(&order)
          }
        }
      }
    }
  }
}

/// A null-terminated array of C strings.
private final class CStrings {
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ strings: [String]) {
    count = strings.count
    pointers = .allocate(capacity: count + 1)
    for (index, string) in strings.enumerated() { pointers[index] = strdup(string) }
    pointers[count] = nil
  }

  deinit {
    for index in 0..<count { free(pointers[index]) }
    pointers.deallocate()
  }
}
