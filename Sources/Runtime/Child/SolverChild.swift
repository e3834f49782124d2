import Glibc
import Host

/// The process that solves: reads batches of units from one pipe, writes rows to another, and knows
/// neither ZeroMQ nor the coordinator. It ends when its pipe closes.
public enum SolverChild {
  /// The hidden subcommand that makes this program a solver child.
  public static let commandName = "solver-child"

  /// Runs until the pipe closes.
  /// - Returns: the process's exit code.
  public static func run() -> Int32 {
    for descriptor in [
      ChildHandle.ordersDescriptor, ChildHandle.answersDescriptor, ChildHandle.pageDescriptor,
    ] where fcntl(descriptor, F_GETFD) < 0 {
      message("\(commandName) is started by a worker, not by hand")
      return 2
    }
    do {
      try ChildLoop.run(
        orders: Descriptor(owning: ChildHandle.ordersDescriptor),
        answers: Descriptor(owning: ChildHandle.answersDescriptor),
        page: ProgressPage(inherited: Descriptor(owning: ChildHandle.pageDescriptor)))
      return 0
    } catch {
      message("\(error)")
      return 1
    }
  }

  private static func message(_ text: String) {
    let line = Array("spinodal: \(text)\n".utf8)
    _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  }
}

/// Why a solver child cannot go on; its worker finds it on stderr.
struct ChildFailure: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
