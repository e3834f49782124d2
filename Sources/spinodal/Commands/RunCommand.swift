import ArgumentParser

/// `spinodal run SWEEP`
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Compute a sweep, or go on with it where it stopped.",
    discussion: """
      The coordinator runs here, with a worker on this machine's processors; with --listen, workers \
      elsewhere join. Rows lie in RUN/shards as they arrive. The first Ctrl-C stops in good order \
      (exit code 75), the second at once; the same command goes on either way.

      Flags win over SPINODAL_SLOTS, SPINODAL_OUT, SPINODAL_LISTEN, SPINODAL_LEASE and \
      SPINODAL_MAX_FAILURES in the environment.
      """)

  @Option(
    help: ArgumentHelp(
      "Units computed at a time on this machine; its processors unless given.",
      valueName: "count"))
  var slots: String?

  @OptionGroup var sweep: SweepOptions

  func run() throws { try SweepRun(sweep.request(slots: slots)).run() }
}
