import ArgumentParser
import Host
import Reports
import RunFolder

/// `spinodal status RUN [--json]`
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Say how far a run is.",
    discussion: """
      Reads RUN only, so it works over a shared file system and after the coordinator's end; then \
      it says how old the news is.
      """)

  @Argument(help: ArgumentHelp("The run directory.", valueName: "run"))
  var folder: String

  @Flag(help: "One JSON value on stdout.")
  var json = false

  func run() throws {
    do {
      let report = try StatusReport(RunFolder(folder), now: WallClock.now())
      try Console.output(json ? "\(report.json)\n" : "\(report)\n")
    } catch let error as RunFolderError {
      throw CommandFailure.error("\(error)")
    }
  }
}
