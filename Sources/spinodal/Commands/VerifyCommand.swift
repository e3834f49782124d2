import ArgumentParser
import Reports
import RunFolder

/// `spinodal verify RUN`
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that a run is complete and intact.",
    discussion: """
      Reads every row. Exit code 0: every unit has a row, every checksum is good, and rows that a \
      unit has more than once are equal. Repeats and torn tails are what interruptions leave; they \
      are told and no fault. Else 1.
      """)

  @Argument(help: ArgumentHelp("The run directory.", valueName: "run"))
  var folder: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    let stored = try StoredRun(folder)
    let report: VerifyReport
    do {
      report = try Verify.verify(stored.contents())
    } catch let error as RunFolderError {
      throw CommandFailure.error("\(error)")
    }
    if !output.quiet || !report.isClean { try Console.output("\(report)\n") }
    if !report.isClean { throw ExitCode.error }
  }
}
