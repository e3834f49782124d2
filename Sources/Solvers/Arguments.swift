import SweepModel

/// The values of a solver's parameters at one point, in the order of the solver's `parameters`.
public struct Arguments: Sendable {
  private enum Source: Sendable {
    case point(Point)
    case values([Value])
  }

  private let source: Source

  /// The parameters of a unit of a grid, which has checked them. Its `refusal` must be nil.
  public init(_ point: Point) { source = .point(point) }

  /// Values of any origin, still to be checked.
  public init(_ values: [Value]) { source = .values(values) }

  /// The value of a numeric parameter; NaN where it is no number, which `refusal` has excluded.
  public func real(_ place: Int) -> Double {
    switch source {
    case .point(let point): point.value(place).real ?? .nan
    case .values(let values): values[place].real ?? .nan
    }
  }

  /// The value of an integer parameter. Integers may arrive as reals (88.0).
  public func integer(_ place: Int) -> Int64 {
    switch source {
    case .point(let point): return point.integer(place)
    case .values(let values):
      switch values[place] {
      case .integer(let value): return value
      case .real(let value): return Int64(exactly: value) ?? 0
      case .text, .boolean: return 0
      }
    }
  }

  /// The value of a choice.
  public func text(_ place: Int) -> String {
    switch source {
    case .point(let point): "\(point.value(place))"
    case .values(let values): "\(values[place])"
    }
  }

  /// The first value that its parameter does not accept, as a failure with status 101. A grid has looked
  /// already.
  func refusal(by parameters: [Parameter]) -> SolverFailure? {
    guard case .values(let values) = source else { return nil }
    guard values.count == parameters.count else {
      return .error("got \(values.count) arguments, wants \(parameters.count)")
    }
    for (parameter, value) in zip(parameters, values) where !parameter.accepts(value) {
      return .refused(parameter.name, "\(value) is refused: wants \(parameter.expectation)")
    }
    return nil
  }
}

extension Parameter {
  /// Whether `value` is of the parameter's kind and within its range. NaN never is.
  func accepts(_ value: Value) -> Bool {
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
  var expectation: String {
    switch kind {
    case .real: range == .any ? "\(range)" : "a number \(range)"
    case .integer: range == .any ? "an integer" : "an integer \(range)"
    case .choice(let names): "one of \(names.joined(separator: ", "))"
    }
  }
}
