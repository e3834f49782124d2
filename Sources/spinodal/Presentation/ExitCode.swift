/// What the program's exit code says. Scripts rely on the numbers.
package struct ExitCode: RawRepresentable, Hashable, Sendable {
  package let rawValue: Int32

  package init(rawValue: Int32) { self.rawValue = rawValue }

  package static let complete = ExitCode(rawValue: 0)
  package static let error = ExitCode(rawValue: 1)
  /// A mistake in the command line, in the environment or in a sweep file.
  package static let usage = ExitCode(rawValue: 2)
  /// The sweep is finished, but some units failed or are set aside.
  package static let unitsFailed = ExitCode(rawValue: 3)
  package static let unreachable = ExitCode(rawValue: 4)
  package static let notAuthorised = ExitCode(rawValue: 5)
  /// Stopped in good order before the end (`EX_TEMPFAIL`): run it again.
  package static let drained = ExitCode(rawValue: 75)

  /// As a shell reports a program that a signal ended.
  package static func signalled(_ signal: Int32) -> ExitCode { ExitCode(rawValue: 128 + signal) }
}

/// Why a command cannot go on, in words for its user: what, where, and what to do next.
package struct CommandFailure: Error, Hashable, Sendable, CustomStringConvertible {
  package var code: ExitCode
  /// One line, or several if there are several mistakes.
  package var message: String
  /// The next step, as a whole sentence; may be empty.
  package var remedy: String

  package init(_ code: ExitCode, _ message: String, remedy: String = "") {
    self.code = code
    self.message = message
    self.remedy = remedy
  }

  package static func usage(_ message: String, remedy: String = "") -> CommandFailure {
    CommandFailure(.usage, message, remedy: remedy)
  }

  package static func error(_ message: String, remedy: String = "") -> CommandFailure {
    CommandFailure(.error, message, remedy: remedy)
  }

  package var description: String { remedy.isEmpty ? message : message + "\n" + remedy }
}
