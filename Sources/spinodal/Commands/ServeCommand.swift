import ArgumentParser

/// `spinodal serve SWEEP`: `run --slots 0 --listen`
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Coordinate a sweep for workers on other machines; compute nothing here.",
    discussion: """
      The same as `run --slots 0 --listen tcp://*:0`. Workers join with the file RUN/access.json: \
      `spinodal worker --access FILE`. Whoever can read that file can join.
      """)

  @OptionGroup var sweep: SweepOptions

  func run() throws {
    try SweepRun(sweep.request(slots: "0", defaultListen: "tcp://*:0")).run()
  }
}
