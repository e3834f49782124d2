import ArgumentParser
import Reports
import RunFolder

/// `spinodal collect RUN --to FILE.npy|FILE.csv`
struct CollectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collect",
    abstract: "Write the table of a run: every unit once, sorted.",
    discussion: """
      FILE ends in .npy (a structured array, for numpy.load) or .csv. The file's bytes depend on the \
      results alone, so equal sweeps give equal files. Failed units are there too, with NaN and \
      their status; how many there are is said on stderr.
      """)

  @Argument(help: ArgumentHelp("The run directory.", valueName: "run"))
  var folder: String

  @Option(
    name: .customLong("to"), help: ArgumentHelp("FILE.npy or FILE.csv.", valueName: "file"))
  var file: String

  @Flag(help: "Also attempt, worker and wall_seconds, which differ from run to run.")
  var bookkeeping = false

  @Flag(help: "Of an unfinished run, the rows that there are.")
  var partial = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    let console = output.console
    guard let format = TableFormat(path: file) else {
      throw CommandFailure.usage(
        "--to \(file): the name must end in .npy or .csv",
        remedy: "spinodal collect \(ShellText.quoted(folder)) --to table.npy")
    }
    let stored = try StoredRun(folder)
    var options = CollectOptions(format: format)
    options.withBookkeeping = bookkeeping
    options.isPartial = partial
    let report: CollectReport
    do {
      report = try Collect.collect(stored.contents(), to: file, options)
    } catch let error as RunFolderError {
      throw CommandFailure.error("\(error)")
    }
    for remark in report.remarks {
      console.say(remark.isHarmless ? .detail : .warning, "\(remark)")
    }
    guard report.isWritten else {
      let units = stored.sweep.grid.unitCount
      throw CommandFailure.error(
        "\(stored.folder.path) is unfinished: \(report.missing) (of \(Figure.grouped(units)))",
        remedy: "Go on with it (the same `spinodal run` again), or collect what there is with "
          + "--partial.")
    }
    if report.failedCount > 0 {
      let runs = report.firstFailed.map(\.description).joined(separator: ", ")
      let named = report.firstFailed.reduce(0) { $0 + $1.count }
      console.say(
        .warning,
        "\(Figure.count(report.failedCount, "row")) of failed or quarantined units, with NaN: "
          + (report.failedCount == 1 ? "unit " : "units ") + runs
          + (named < report.failedCount ? ", ..." : "")
          + "; reasons are in \(stored.folder.failuresFolder)")
    }
    console.say(.note, "\(Figure.count(report.rowCount, "row")) to \(file)")
  }
}
