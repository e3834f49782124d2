import SweepModel

extension SweepReader {
  func parameter(named name: String) -> Parameter? {
    solver?.parameters.first { $0.name == name }
  }

  /// The value that a scalar stands for, in the type that the parameter is declared with; reports what
  /// is no such value.
  mutating func value(_ scalar: YAMLScalar, of name: String) -> Value? {
    if scalar.isEmpty {
      report("\(name) has no value here", scalar.place)
      return nil
    }
    let number = scalar.isQuoted ? nil : DecimalText(scalar.text)
    if let number, !number.real.isFinite {
      report("\(scalar.text) is too large for a number", scalar.place)
      return nil
    }
    switch parameter(named: name)?.kind {
    case .real:
      if let number { return .real(number.real == 0 ? 0 : number.real) }
      report(expected("a number", scalar, name), scalar.place)
    case .integer:
      if let integer = number?.integer { return .integer(integer) }
      if number != nil {
        report(
          "\(name) must be an integer, not \(scalar.text); "
            + "use a whole number, or round(...) under derive", scalar.place)
      } else {
        report(expected("an integer", scalar, name), scalar.place)
      }
    case .choice(let choices):
      // Numbers and true can be names of choices: what is typed counts.
      if choices.contains(scalar.text) { return .text(scalar.text) }
      let hint = Suggestion.hint(for: scalar.text, among: choices)
      report(
        "'\(scalar.text)' is no choice of \(name): expected one of "
          + choices.joined(separator: ", ") + hint, scalar.place)
    case nil:
      if let number { return .real(number.real == 0 ? 0 : number.real) }
      if !scalar.isQuoted && Self.isArithmetic(scalar.text) {
        report(expected("a value", scalar, name), scalar.place)
        return nil
      }
      return .text(scalar.text)
    }
    return nil
  }

  private func expected(_ what: String, _ scalar: YAMLScalar, _ name: String) -> String {
    if scalar.isQuoted { return "\(name) must be \(what), not the text '\(scalar.text)'" }
    if Self.isArithmetic(scalar.text) {
      return "'\(scalar.text)' looks like arithmetic: put it under derive"
        + (parameter(named: name) == nil ? ", or quote it" : "")
    }
    return "\(name) must be \(what), not '\(scalar.text)'"
  }

  /// Whether a text is an expression that does something: `8/700`, `pi`, `sqrt(2)`; but not a name.
  static func isArithmetic(_ text: String) -> Bool {
    guard let expression = try? Expression.parse(text) else { return false }
    switch expression.node {
    case .name, .text, .boolean: return false
    case .integer, .real, .negation, .not, .binary, .call: return true
    }
  }

  /// An axis's values of one type, in canonical form.
  mutating func axisValues(_ values: [Value], of name: String, at place: Place) -> AxisValues? {
    var reals: [Double] = []
    var integers: [Int64] = []
    var texts: [String] = []
    for value in values {
      switch value {
      case .real(let value): reals.append(value)
      case .integer(let value): integers.append(value)
      case .text(let value): texts.append(value)
      case .boolean(let value): texts.append(value ? "true" : "false")
      }
    }
    if reals.count == values.count { return AxisValues.of(reals) }
    if integers.count == values.count { return AxisValues.of(integers) }
    if texts.count == values.count { return .texts(texts) }
    report("\(name) mixes numbers and texts; quote all of its values or none", place)
    return nil
  }

  /// A whole number from `range`; reports what is none.
  mutating func wholeNumber(_ value: YAML, _ what: String, in range: ClosedRange<Int64>) -> Int64? {
    if case .scalar(let scalar) = value, !scalar.isQuoted,
      let number = DecimalText(scalar.text)?.integer, range.contains(number)
    {
      return number
    }
    let bounds =
      range.upperBound == .max
      ? (range.lowerBound == .min ? "" : " of at least \(range.lowerBound)")
      : " from \(range.lowerBound) to \(range.upperBound)"
    report("\(what) must be a whole number\(bounds), not \(value.kind)", value.place)
    return nil
  }

  /// A decimal number; reports what is none.
  mutating func decimal(_ value: YAML, _ what: String) -> DecimalText? {
    guard case .scalar(let scalar) = value else {
      report("\(what) must be a number, not \(value.kind)", value.place)
      return nil
    }
    if !scalar.isQuoted, let number = DecimalText(scalar.text), number.real.isFinite {
      return number
    }
    report(
      Self.isArithmetic(scalar.text)
        ? "'\(scalar.text)' looks like arithmetic: \(what) must be a plain number"
        : "\(what) must be a number, not \(value.kind)", value.place)
    return nil
  }
}
