import ArgumentParser

struct Theory: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Points of the cubic theory per second on one core, beside NumPy.")

  @Flag(help: "One JSON object, one key a figure.")
  var json = false
}
