import Host
import TestSupport
import Testing

/// A disk that is full, played by a limit on the size of files: a write beyond it fails or is short.
@Suite struct FullDiskTests {
  private static let sweep = """
    name: full
    solver: "null"
    parameters:
      index: {range: [0, 150]}
      busy_microseconds: 0
      sleep_milliseconds: 0
      crash_unit: -1
      hang_unit: -1
      exit_unit: -1
      nan_unit: -1
      malformed_unit: -1
      error_unit: -1
    levels: {a_level_with_a_long_name: 2, another_level_with_a_long_name: 2}
    """

  /// Starts a coordinator under a limit, and a worker without: it is the run's disk that is full.
  /// - Parameter fileLimit: in units of 1,024 bytes.
  private static func serve(
    _ sweep: String, _ folder: String, fileLimit: Int
  ) throws -> (exit: ChildExit, errors: String) {
    let program = FileSystem.parentDirectory(try Machine.programPath()) + "/spinodal"
    let worker = try ChildProcess(
      ChildSpecification(
        executable: program,
        arguments: ["worker", "--access", folder + "/access.json", "--slots", "2", "-q"]))
    let served = try spinodal(
      ["serve", sweep, "--out", folder, "--listen", "tcp://127.0.0.1:0"], fileLimit: fileLimit)
    worker.send(9)
    worker.wait()
    return served
  }

  /// - Parameter fileLimit: in units of 1,024 bytes; nil for none.
  private static func spinodal(
    _ arguments: [String], fileLimit: Int? = nil
  ) throws -> (exit: ChildExit, errors: String) {
    let program = FileSystem.parentDirectory(try Machine.programPath()) + "/spinodal"
    let temporary = try TemporaryFolder()
    let errors = try FileSystem.open(temporary.path + "/errors", .replace)
    let limit = fileLimit.map { "trap '' XFSZ; ulimit -f \($0); " } ?? ""
    var specification = ChildSpecification(
      executable: "/bin/bash",
      arguments: ["-c", limit + "exec \"$0\" \"$@\"", program] + arguments)
    specification.descriptors = [(errors.raw, 2)]
    let exit = try ChildProcess(specification).wait()
    let text = try FileSystem.readFile(temporary.path + "/errors")
    return (exit, String(decoding: text, as: UTF8.self))
  }

  @Test(
    "a full disk half-acknowledges nothing, says so, and the same command goes on later",
    .timeLimit(.minutes(5)), arguments: [1, 2, 4])
  func fullDisk(fileLimit: Int) throws {
    let temporary = try TemporaryFolder()
    let sweep = temporary.path + "/full.yaml"
    try FileSystem.replaceFile(sweep, with: Array(Self.sweep.utf8))
    func run(_ name: String) throws -> (exit: ChildExit, errors: String) {
      try Self.spinodal(["run", sweep, "--out", temporary.path + "/" + name, "--slots", "2"])
    }
    func table(_ name: String) throws -> [UInt8] {
      let file = temporary.path + "/\(name).npy"
      let (exit, errors) = try Self.spinodal(
        ["collect", temporary.path + "/" + name, "--to", file])
      #expect(exit == .exited(code: 0), "\(errors)")
      return try FileSystem.readFile(file)
    }
    let undisturbed = try run("whole")
    #expect(undisturbed.exit == .exited(code: 0), "\(undisturbed.errors)")

    // A run that was created, and whose disk then ran full.
    for folder in ["epochs", "shards", "failures", "workers", "control"] {
      try FileSystem.makeDirectories(temporary.path + "/full/" + folder)
    }
    for file in ["schema.json", "sweep.yaml"] {
      try FileSystem.replaceFile(
        temporary.path + "/full/" + file,
        with: FileSystem.readFile(temporary.path + "/whole/" + file))
    }
    let limited = try Self.serve(sweep, temporary.path + "/full", fileLimit: fileLimit)
    // With some room the groups may happen to be small enough; with room for a few rows they are not.
    if fileLimit == 1 || limited.exit != .exited(code: 0) {
      #expect(limited.exit == .exited(code: 1), "\(limited.errors)")
      #expect(limited.errors.contains("could not write to shards/"), "\(limited.errors)")
      #expect(limited.errors.contains("give the same command again"), "\(limited.errors)")
    }
    let continued = try run("full")
    #expect(continued.exit == .exited(code: 0), "\(continued.errors)")
    let verified = try Self.spinodal(["verify", temporary.path + "/full"])
    #expect(verified.exit == .exited(code: 0), "\(verified.errors)")
    #expect(try table("full") == table("whole"))
  }
}
