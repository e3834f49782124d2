import SweepModel

extension SweepReader {
  mutating func readDerived(_ value: YAML) {
    guard case .mapping(let pairs, _) = value else {
      report("derive takes a mapping of names to expressions, not \(value.kind)", value.place)
      return
    }
    var isCut = false
    for (key, value) in pairs {
      // The other part of an expression that a comma has cut is no name of its own.
      if isCut, case .scalar(let rest) = value, rest.isEmpty { continue }
      isCut = false
      if case .scalar(let scalar) = value { isCut = Self.isCutAtComma(scalar) }
      if let other = places[key.text] {
        report(
          "'\(key.text)' already has values (line \(other.line)); a derived name cannot", key.place)
        continue
      }
      places[key.text] = key.place
      guard case .scalar(let scalar) = value, !scalar.isEmpty else {
        report("expected an expression for \(key.text), not \(value.kind)", value.place)
        damage(key.text)
        continue
      }
      derivedTexts[key.text] = scalar
      if let expression = parse(scalar) {
        sweep.derived.append(Derived(name: key.text, expression: expression))
      } else {
        damage(key.text)
      }
    }
  }

  mutating func readCondition(_ value: YAML) {
    guard case .scalar(let scalar) = value, !scalar.isEmpty else {
      report("where takes a condition such as \"a < b and c > 0\", not \(value.kind)", value.place)
      return
    }
    conditionText = scalar
    sweep.condition = parse(scalar)
  }

  private mutating func parse(_ scalar: YAMLScalar) -> Expression? {
    do {
      return try Expression.parse(scalar.text)
    } catch {
      damagedExpressions.append(scalar.text)
      var message = error.message
      if Self.isCutAtComma(scalar) {
        message += " (inside { } an expression with a comma must be quoted)"
      }
      report(message, scalar.place(ofByte: error.position))
      return nil
    }
  }

  /// Whether it may be the first part of `min(a, b)` inside braces, where YAML ends a value at a comma.
  private static func isCutAtComma(_ scalar: YAMLScalar) -> Bool {
    let opened = scalar.text.utf8.filter { $0 == UInt8(ascii: "(") }.count
    let closed = scalar.text.utf8.filter { $0 == UInt8(ascii: ")") }.count
    return !scalar.isQuoted && opened > closed
  }

  private mutating func damage(_ name: String) {
    damaged.insert(name)
    if parameter(named: name) == nil {
      sweep.scalars.append(Scalar(name: name, value: .real(1)))
    }
  }
}
