import Glibc
import Host
import SweepModel
import TestSupport
import Testing

/// The real program, started in a folder of its own with an environment that says nothing of the
/// machine. Every wait has a deadline.
final class Command {
  struct Late: Error, CustomStringConvertible {
    var description: String
  }

  struct Result {
    var exit: ChildExit
    var output: String
    var messages: String

    var json: JSONValue? { try? JSONValue(parsing: output) }
  }

  /// What ends a wait that would never end; long, because the machine may be busy.
  static let deadlineSeconds: Int64 = 120

  let process: ChildProcess
  private let files: TemporaryFolder
  private let arguments: [String]

  /// The program that was built together with the tests.
  static func program() throws -> String {
    FileSystem.parentDirectory(try Machine.programPath()) + "/spinodal"
  }

  /// - Parameters:
  ///   - terminal: descriptor that becomes stdin and stderr instead of a file.
  init(
    _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:],
    terminal: Int32? = nil
  ) throws {
    self.arguments = arguments
    files = try TemporaryFolder()
    var wanted = ChildSpecification(executable: try Self.program(), arguments: arguments)
    wanted.environment =
      ["PATH=\(Environment["PATH"] ?? "/usr/bin:/bin")", "TMPDIR=/tmp", "LANG=C.UTF-8"]
      + environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    wanted.workingDirectory = folder.path
    wanted.ownGroup = true
    let output = try FileSystem.open(files.path + "/output", .replace)
    let messages = try FileSystem.open(files.path + "/messages", .replace)
    wanted.descriptors = [(output.raw, 1), (terminal ?? messages.raw, 2)]
    if let terminal { wanted.descriptors.append((terminal, 0)) }
    process = try ChildProcess(wanted)
  }

  var messages: String { text("messages") }

  private func text(_ name: String) -> String {
    let bytes = (try? FileSystem.readFile(files.path + "/" + name)) ?? []
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Waits for its end; one that does not end is killed.
  func finish() throws -> Result {
    let deadline = BootClock.now() + Self.deadlineSeconds * 1_000_000_000
    while process.reap() == nil {
      guard BootClock.now() < deadline else {
        process.send(SIGKILL)
        throw Late(
          description: "spinodal \(arguments.joined(separator: " ")) did not end; it said:\n"
            + messages)
      }
      BootClock.sleep(milliseconds: 5)
    }
    return Result(
      exit: process.wait(), output: text("output"), messages: messages)
  }

  /// Waits until something holds, while the process runs.
  func wait(_ what: String, until condition: () throws -> Bool) throws {
    let deadline = BootClock.now() + Self.deadlineSeconds * 1_000_000_000
    while try !condition() {
      guard BootClock.now() < deadline, process.reap() == nil else {
        throw Late(description: "\(what) did not come; the program said:\n\(messages)")
      }
      BootClock.sleep(milliseconds: 5)
    }
  }

  static func run(
    _ arguments: String..., in folder: TemporaryFolder, environment: [String: String] = [:]
  ) throws -> Result {
    try Command(arguments, in: folder, environment: environment).finish()
  }
}

extension TemporaryFolder {
  func write(_ name: String, _ text: String) throws {
    try FileSystem.replaceFile(path + "/" + name, with: Array(text.utf8))
  }

  func exists(_ name: String) -> Bool { FileSystem.exists(path + "/" + name) }

  func bytes(_ name: String) throws -> [UInt8] { try FileSystem.readFile(path + "/" + name) }

  /// A sweep of the solver `null`.
  func writeNullSweep(
    _ name: String, units: Int, _ more: [String: String] = [:], limits: String = ""
  )
    throws
  {
    var lines = [
      "name: \(name)", "solver: \"null\"", "parameters:", "  index: {range: [0, \(units)]}",
    ]
    lines += more.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
    if !limits.isEmpty { lines.append("limits: \(limits)") }
    try write("\(name).yaml", lines.joined(separator: "\n") + "\n")
  }

  /// What a run's shards have on disk, headers included.
  func shardBytes(_ run: String) -> Int64 {
    let names = (try? FileSystem.list("\(path)/\(run)/shards")) ?? []
    return names.reduce(0) {
      $0 + ((try? FileSystem.status("\(path)/\(run)/shards/\($1)"))?.byteCount ?? 0)
    }
  }

  /// How many units workers hold, by the run's own status.
  func leased(_ run: String) -> Int64 {
    guard let bytes = try? bytes("\(run)/status.json"), let json = try? JSONValue(parsing: bytes)
    else { return 0 }
    return json["leased"]?.integer ?? 0
  }
}
