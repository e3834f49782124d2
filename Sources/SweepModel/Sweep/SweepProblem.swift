/// Something in a sweep that cannot be, told by what it is about; SweepFile adds the place in the file.
public struct SweepProblem: Error, Hashable, Sendable {
  public enum Subject: Hashable, Sendable {
    case sweep
    case solver
    /// A parameter's name, wherever it is given.
    case parameter(String)
    /// A name that neither the solver nor any expression knows.
    case unused(String)
    /// One value of an axis or of the listed points.
    case value(parameter: String, place: Int64)
    /// Bytes from the start of the expression.
    case derived(String, position: Int)
    case condition(position: Int)
    case level(String)
    case commonRandomNumbers(String)
  }

  public var subject: Subject
  public var message: String

  public init(_ subject: Subject, _ message: String) {
    self.subject = subject
    self.message = message
  }
}

extension SweepProblem: CustomStringConvertible {
  public var description: String {
    switch subject {
    case .sweep, .solver, .condition, .level, .commonRandomNumbers, .unused: message
    case .parameter(let name), .derived(let name, _), .value(let name, _): "\(name): \(message)"
    }
  }
}

/// Everything that is wrong with a sweep.
public struct SweepProblems: Error, Hashable, Sendable, CustomStringConvertible {
  public var problems: [SweepProblem]

  public init(_ problems: [SweepProblem]) { self.problems = problems }

  public var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}
