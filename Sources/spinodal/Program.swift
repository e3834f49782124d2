import ArgumentParser
import SweepModel

/// The program behind `main`: arguments in, exit code out.
package enum Program {
  /// Parses and runs. Help and versions go to stdout and end with 0, mistakes to stderr with 2.
  package static func run(_ arguments: [String]) -> ExitCode {
    do {
      try checkCommand(arguments)
      var command = try Spinodal.parseAsRoot(arguments)
      try command.run()
      return .complete
    } catch let code as ExitCode {
      // The command has said what there is to say.
      return code
    } catch let failure as CommandFailure {
      return report(failure)
    } catch {
      return report(parsing: error)
    }
  }

  private static func report(_ failure: CommandFailure) -> ExitCode {
    Console(level: .quiet, noColour: false).say(.error, failure.description)
    return failure.code
  }

  /// What ArgumentParser throws: a mistake, or a request for help or the version.
  private static func report(parsing error: any Error) -> ExitCode {
    let text = Spinodal.fullMessage(for: error)
    switch Spinodal.exitCode(for: error) {
    case .success:
      do throws(CommandFailure) {
        try Console.output(text + "\n")
        return .complete
      } catch {
        return report(error)
      }
    case .validationFailure:
      let parserPrefix = "Error: "
      let isPrefixed = text.hasPrefix(parserPrefix)
      return report(.usage(isPrefixed ? String(text.dropFirst(parserPrefix.count)) : text))
    default: return report(.error("\(error)"))
    }
  }
}

extension ExitCode: Error {}

extension Program {
  /// The names of all subcommands.
  package static let commandNames = Spinodal.configuration.subcommands.compactMap {
    $0.configuration.commandName
  }

  /// The help of a subcommand, or of the root.
  package static func help(_ name: String? = nil, columns: Int) -> String {
    guard
      let command = Spinodal.configuration.subcommands.first(where: {
        $0.configuration.commandName == name
      })
    else { return Spinodal.helpMessage(columns: columns) }
    return Spinodal.helpMessage(for: command, columns: columns)
  }

  /// A first word that is no command. ArgumentParser would call it an unexpected argument.
  private static func checkCommand(_ arguments: [String]) throws(CommandFailure) {
    guard let word = arguments.first, !word.hasPrefix("-"), word != "help",
      !commandNames.contains(word)
    else { return }
    throw .usage(
      "there is no command '\(word)'\(Suggestion.hint(for: word, among: commandNames))",
      remedy: "Commands: \(commandNames.joined(separator: ", ")). See 'spinodal --help'.")
  }
}
