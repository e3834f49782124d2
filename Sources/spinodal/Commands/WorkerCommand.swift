import ArgumentParser
import Host
import Scheduling

/// `spinodal worker --access FILE`
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Compute units for a coordinator on this or another machine.",
    discussion: """
      The coordinator writes RUN/access.json; a copy of it is all that a worker needs, and whoever \
      can read it can join, so it must be readable by its owner only. The worker may be started \
      first: it waits for the file and for the coordinator. It ends when the sweep is complete, \
      with 0; with 75 after a signal, once it has handed back what it held; with 4 if nobody \
      answered, with 5 if its key was refused.

      Start one worker a machine (in Slurm: one a task), not one a unit.
      """)

  @Option(
    help: ArgumentHelp(
      "The access file, or the run directory that holds it; SPINODAL_ACCESS unless given.",
      valueName: "file"))
  var access: String?

  @Option(
    help: ArgumentHelp(
      "Units computed at a time; SPINODAL_SLOTS or what Slurm, the affinity mask and the control "
        + "group allow unless given.", valueName: "count"))
  var slots: String?

  @Option(
    help: ArgumentHelp(
      "How long to wait for the file and for an answer (10m).", valueName: "duration"))
  var wait: String?

  @OptionGroup var output: OutputOptions

  /// `run`'s own worker: its coordinator speaks for it.
  @Flag(help: .hidden)
  var own = false

  func run() throws {
    guard let access = Setting("access", flag: access)?.text else {
      throw CommandFailure.usage(
        "no access file is given",
        remedy: "Give --access RUN/access.json, or set SPINODAL_ACCESS.")
    }
    let slots =
      try Setting("slots", flag: slots)?.count(1...Int64(Limits.slots))
      ?? Int64(Processors.slots())
    let wait =
      try Setting("wait", flag: wait)?.duration(atLeast: .seconds(0))
      ?? TickDuration.seconds(600)
    try WorkerRun(
      accessPath: access, slots: UInt16(clamping: slots), wait: wait, isOwn: own,
      console: own ? Console(level: .quiet, noColour: output.noColour) : output.console
    ).run()
  }
}
