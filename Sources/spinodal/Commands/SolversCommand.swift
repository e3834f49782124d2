import ArgumentParser
import Solvers
import SweepModel

/// `spinodal solvers [NAME] [--json]`
struct SolversCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solvers",
    abstract: "List the solvers, or describe one: its parameters and columns.",
    discussion: """
      A sweep file names one of them under `solver:` and gives values to its parameters; what it \
      does not give has the default shown here.
      """)

  @Argument(help: "A solver's name.")
  var name: String?

  @Flag(help: "One JSON value on stdout.")
  var json = false

  func run() throws {
    let all = Registry.interfaces
    guard let name else {
      try Console.output(json ? "\(SolverText.json(all))\n" : SolverText.list(all))
      return
    }
    guard let solver = all.first(where: { $0.name == name }) else {
      throw CommandFailure.usage(
        "there is no solver '\(name)'\(Suggestion.hint(for: name, among: all.map(\.name)))",
        remedy: "These are: \(all.map(\.name).joined(separator: ", ")).")
    }
    try Console.output(
      json ? "\(try SolverText.json(solver))\n" : try SolverText.description(of: solver))
  }
}
