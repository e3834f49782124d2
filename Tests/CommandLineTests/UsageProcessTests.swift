import Host
import SweepModel
import TestSupport
import Testing

/// Exit codes and streams of everything that needs no run.
@Suite struct UsageProcessTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(
    "a mistake in the command line ends with 2, with words on stderr and nothing on stdout",
    arguments: [
      ["--frobnicate"], ["rum", "sweep.yaml"], ["run"], ["run", "missing.yaml"],
      ["run", "a.yaml", "--slots", "many"], ["run", "a.yaml", "--slots", "0"],
      ["run", "a.yaml", "--lease", "90"], ["run", "a.yaml", "--listen", "node7"],
      ["run", "a.yaml", "-q", "-v"], ["worker"], ["worker", "--access", "f", "--slots", "0"],
      ["collect", "runs/a"], ["collect", "runs/a", "--to", "table.txt"], ["solvers", "cubic"],
      ["solver-child"],
    ])
  func usage(arguments: [String]) throws {
    let result = try Command(arguments, in: folder).finish()
    #expect(result.exit == .exited(code: 2))
    #expect(result.output.isEmpty)
    #expect(!result.messages.isEmpty)
    #expect(!folder.exists("runs"))
  }

  @Test("the nearest command is named")
  func nearest() throws {
    let result = try Command.run("colect", in: folder)
    #expect(
      result.messages.hasPrefix("error: there is no command 'colect'; did you mean 'collect'?"))
  }

  @Test(
    "help and versions go to stdout and end with 0",
    arguments: [[], ["--help"], ["run", "--help"], ["help", "collect"], ["--version"]])
  func help(arguments: [String]) throws {
    let result = try Command(arguments, in: folder).finish()
    #expect(result.exit == .exited(code: 0))
    #expect(!result.output.isEmpty)
    #expect(result.messages.isEmpty)
  }

  @Test("solvers are listed and described, for people and as JSON")
  func solvers() throws {
    let list = try Command.run("solvers", in: folder)
    #expect(list.output.contains("cubic-theory") && list.output.contains("null"))
    let described = try Command.run("solvers", "cubic-theory", in: folder)
    #expect(described.output.contains("sigma2 ") && described.output.contains("droplet_fraction"))
    let json = try #require(try Command.run("solvers", "cubic-theory", "--json", in: folder).json)
    #expect(json["schema"] == 1)
    #expect(json["columns"]?.array?.contains { $0["name"] == "q_star" } == true)
    let all = try #require(try Command.run("solvers", "--json", in: folder).json)
    #expect(all["solvers"]?.array?.contains { $0["name"] == "null" } == true)
  }

  @Test("a dry run shows axes, counts, first and last points, and makes nothing")
  func dryRun() throws {
    try folder.write(
      "grid.yaml",
      """
      name: grid
      solver: cubic-theory
      parameters:
        sigma2: {linspace: [0.1, 0.4, 61]}
        epsilon: [-0.3, -0.2]
      where: sigma2 < 0.35
      replicates: 3
      """)
    let result = try Command.run("run", "grid.yaml", "--dry-run", in: folder)
    #expect(result.exit == .exited(code: 0))
    for word in ["sigma2", "61", "366", "0.345", "replicate"] {
      #expect(result.output.contains(word))
    }
    let json = try #require(
      try Command.run("run", "grid.yaml", "--dry-run", "--json", in: folder).json)
    #expect(json["grid_units"] == 366)
    #expect(json["units"] == 300)
    #expect(json["first_points"]?.array?.first?["sigma2"]?.real == 0.1)
    #expect(try FileSystem.list(folder.path) == ["grid.yaml"])
  }

  @Test("every mistake in a sweep file is listed with its place, and nothing is made")
  func mistakes() throws {
    try folder.write(
      "bad.yaml",
      """
      name: bad
      solver: cubic-theory
      parameters:
        sigma3: [0.1, 0.2]
        epsilon: many
        sigma2: -4
      derive: {n: round(3000*epsilon)}
      """)
    let result = try Command.run("run", "bad.yaml", in: folder)
    #expect(result.exit == .exited(code: 2))
    for place in ["bad.yaml:4:3:", "bad.yaml:5:12:", "bad.yaml:6:11:"] {
      #expect(result.messages.contains(place))
    }
    #expect(result.messages.contains("did you mean 'sigma2'?"))
    #expect(try FileSystem.list(folder.path) == ["bad.yaml"])
  }

  @Test("with --json a failure is one JSON value, too")
  func failureAsJSON() throws {
    let result = try Command.run("run", "missing.yaml", "--json", in: folder)
    #expect(result.exit == .exited(code: 2))
    #expect(result.json?["schema"] == 1)
    #expect(result.json?["exit_code"] == 2)
    #expect(result.json?["message"]?.string?.contains("missing.yaml") == true)
  }

  @Test("a directory that is no run is refused with a remedy", arguments: ["status", "verify"])
  func noRun(command: String) throws {
    let result = try Command.run(command, "nowhere", in: folder)
    #expect(result.exit == .exited(code: 1))
    #expect(result.messages.hasPrefix("error: nowhere: "))
  }
}
