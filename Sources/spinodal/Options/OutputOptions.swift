import ArgumentParser

/// Options that every command has which talks while it works.
struct OutputOptions: ParsableArguments {
  @Flag(name: [.short, .long], help: "Warnings and errors only.")
  var quiet = false

  @Flag(name: [.short, .long], help: "Say more.")
  var verbose = false

  @Flag(
    name: .customLong("no-color"),
    help: "No colours; so does NO_COLOR in the environment.")
  var noColour = false

  func validate() throws {
    if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other") }
  }

  var console: Console {
    Console(level: quiet ? .quiet : verbose ? .verbose : .normal, noColour: noColour)
  }
}
