import CHost
import Glibc

/// The process's environment variables. Never changed, since other threads may read them.
public enum Environment {
  /// nil if it is not set; an empty one is set.
  public static subscript(name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// "NAME=value", as the system has them.
  public static var all: [String] {
    var found: [String] = []
    var next = environ
    while let entry = next.pointee {
      found.append(String(cString: entry))
      next += 1
    }
    return found
  }
}

/// What Slurm tells its tasks.
public struct SlurmEnvironment: Hashable, Sendable {
  public var jobID: String
  public var processNumber: Int?
  public var processorsPerTask: Int?
  /// Seconds since 1970 at which the job will be ended.
  public var jobEndTime: Int64?
  /// How often the job was requeued.
  public var restartCount: Int
  public var nodeName: String?

  /// nil outside a job.
  /// - Parameter value: a variable's value; the environment's unless a test says otherwise.
  public init?(_ value: (String) -> String? = { Environment[$0] }) {
    guard let job = value("SLURM_JOB_ID"), !job.isEmpty else { return nil }
    jobID = job
    processNumber = value("SLURM_PROCID").flatMap { Int($0) }
    processorsPerTask = value("SLURM_CPUS_PER_TASK").flatMap { Int($0) }
    jobEndTime = value("SLURM_JOB_END_TIME").flatMap { Int64($0) }
    restartCount = value("SLURM_RESTART_COUNT").flatMap { Int($0) } ?? 0
    nodeName = value("SLURMD_NODENAME")
  }
}

/// systemd's protocol for services of `Type=notify`; every call does nothing outside one.
public struct ServiceManager: Sendable {
  private let socket: String?
  /// Nanoseconds within which `alive` must come again; nil if no one watches.
  public let watchdogInterval: Int64?

  public init(_ value: (String) -> String? = { Environment[$0] }) {
    socket = value("NOTIFY_SOCKET").flatMap { $0.isEmpty ? nil : $0 }
    // With WATCHDOG_PID of another process the watch is not on us.
    let watched = value("WATCHDOG_PID").flatMap { Int32($0) }.map { $0 == getpid() } ?? true
    watchdogInterval =
      watched
      ? value("WATCHDOG_USEC").flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 &* 1000 : nil } : nil
  }

  /// The service is up.
  public func ready() { send("READY=1") }
  public func stopping() { send("STOPPING=1") }
  /// The event loop goes round; call it at least twice an interval.
  public func alive() { if watchdogInterval != nil { send("WATCHDOG=1") } }
  /// One line for `systemctl status`.
  public func status(_ line: String) {
    send("STATUS=" + line.map { $0.isNewline ? " " : String($0) }.joined())
  }

  private func send(_ text: String) {
    guard let socket else { return }
    // Nobody to tell if it fails, and no reason to stop working.
    _ = text.withCString { chost_notify(socket, $0, text.utf8.count) }
  }
}
