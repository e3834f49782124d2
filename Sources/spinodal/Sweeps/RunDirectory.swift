import Host
import RunFolder
import SweepModel

/// The run directory of a sweep: the one that is there, or a new one.
enum RunDirectory {
  /// Opens or makes it. Nothing is written before the sweep is known to be the run's.
  /// - Returns: whether a run was there, which goes on.
  static func prepare(_ folder: RunFolder, for sweep: LoadedSweep) throws(CommandFailure) -> Bool {
    let existed = folder.exists
    let schema: RunSchema
    do {
      schema =
        existed
        ? try folder.open()
        : try folder.create(
          newSchema(for: sweep), sweep: sweep.bytes, companions: sweep.companions)
    } catch {
      throw .error("\(error)")
    }
    // Also after `create`: another process may have been faster, with another sweep.
    try check(schema, of: folder, against: sweep)
    return existed
  }

  private static func newSchema(for sweep: LoadedSweep) -> RunSchema {
    let solver = sweep.grid.solver
    return RunSchema(
      runHigh: Machine.randomWord(), runLow: Machine.randomWord(), name: sweep.sweep.name,
      solver: solver.name, solverVersion: solver.version,
      fingerprint: sweep.segment.fingerprint.bytes, layout: sweep.grid.layout,
      provenance: [
        JSONMember("build", .string(Version.build)),
        JSONMember("host", .string(Machine.hostName())),
        JSONMember("time", .string(WallClock.text(WallClock.now()))),
      ])
  }

  private static func check(
    _ schema: RunSchema, of folder: RunFolder, against sweep: LoadedSweep
  ) throws(CommandFailure) {
    let solver = sweep.grid.solver
    if schema.fingerprint != sweep.segment.fingerprint.bytes {
      throw .usage(
        "\(folder.path) holds another sweep than \(sweep.path):\n"
          + differences(folder, sweep).map { "  \($0)" }.joined(separator: "\n"),
        remedy: "Undo the change to go on with that run, or start another with --out DIRECTORY.")
    }
    if schema.solverVersion != solver.version {
      throw .usage(
        "\(folder.path) was computed with \(solver.name) version \(schema.solverVersion), "
          + "this build has version \(solver.version), whose results differ",
        remedy: "Go on with the build that began it, or start another run with --out DIRECTORY.")
    }
    if schema.layout != sweep.grid.layout {
      throw .usage(
        "the columns of \(folder.path) are not those of this build",
        remedy: "Go on with the build that began it, or start another run with --out DIRECTORY.")
    }
  }

  private static func differences(_ folder: RunFolder, _ sweep: LoadedSweep) -> [String] {
    guard let stored = try? LoadedSweep(storedIn: folder) else {
      return ["its sweep file \(folder.sweepFile()) cannot be read"]
    }
    let found = SweepText.differences(stored: stored.sweep, given: sweep.sweep)
    return found.isEmpty ? ["the two differ in a way that has no name"] : found
  }
}
