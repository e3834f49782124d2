import SweepModel

/// The values of a solver's parameters at one point, in the order of the solver's `parameters`.
public struct Arguments: Sendable {
  public let values: [Value]

  public init(_ values: [Value]) { self.values = values }

  /// The value of a numeric parameter; NaN where it is no number, which `refusal` has excluded.
  @inlinable public func real(_ place: Int) -> Double { values[place].real ?? .nan }

  /// The value of an integer parameter. Integers may arrive as reals (88.0).
  @inlinable public func integer(_ place: Int) -> Int64 {
    switch values[place] {
    case .integer(let value): value
    case .real(let value): Int64(exactly: value) ?? 0
    case .text, .boolean: 0
    }
  }

  /// The first value that its parameter does not accept, as a failure with status 101.
  public func refusal(by parameters: [Parameter]) -> SolverFailure? {
    guard values.count == parameters.count else {
      return .error("got \(values.count) arguments, wants \(parameters.count)")
    }
    for place in 0..<values.count where !parameters[place].accepts(values[place]) {
      let parameter = parameters[place]
      return .refused(
        parameter.name, "\(values[place]) is refused: wants \(parameter.expectation)")
    }
    return nil
  }
}

extension Parameter {
  /// Whether `value` is of the parameter's kind and within its range. NaN never is.
  public func accepts(_ value: Value) -> Bool {
    switch (kind, value) {
    case (.real, .real(let number)): range.contains(number)
    case (.real, .integer(let number)): range.contains(Double(number))
    case (.integer, .integer(let number)): range.contains(Double(number))
    case (.integer, .real(let number)):
      Int64(exactly: number) != nil && range.contains(number)
    case (.choice(let names), .text(let name)): names.contains(name)
    default: false
    }
  }

  /// What the parameter accepts, in words.
  public var expectation: String {
    switch kind {
    case .real: range == .any ? "\(range)" : "a number \(range)"
    case .integer: range == .any ? "an integer" : "an integer \(range)"
    case .choice(let names): "one of \(names.joined(separator: ", "))"
    }
  }
}
