import ArgumentParser

@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spinodal-bench",
    abstract: "Measures spinodal, beside what others would use.",
    subcommands: [Theory.self, Dispatch.self, Simulate.self])
}
