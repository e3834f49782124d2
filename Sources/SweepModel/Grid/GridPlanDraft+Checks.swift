/// The values of several parameters at one place of an axis.
private struct RepeatKey: Hashable {
  var bits: [UInt64]
}

extension GridPlanDraft {
  /// Names that mean something else.
  static let reservedNames =
    ["unit", "status", "attempt", "worker", "wall_seconds", "crc"]
    + ["pi", "and", "or", "not", "true", "false"] + Function.allCases.map(\.name)

  static func isName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, bytes.count <= 64 else { return false }
    func isLetter(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: "_")
        || byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
    }
    return isLetter(first)
      && bytes.allSatisfy {
        isLetter($0) || $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")
      }
  }

  /// - Returns: whether the rest can be looked at.
  mutating func checkNames() -> Bool {
    if sweep.solver != solver.name {
      report(.solver, "the sweep is for solver '\(sweep.solver)', not '\(solver.name)'")
    }
    if sweep.levels.isEmpty { report(.sweep, "a sweep needs at least one replicate level") }
    var isUnique = true
    var seen: Set<String> = []
    let derivedNames = sweep.derived.map(\.name)
    for name in sweep.columnNames {
      checkName(name, .parameter(name))
      if !seen.insert(name).inserted {
        isUnique = false
        report(
          .parameter(name),
          derivedNames.contains(name)
            ? "it is given twice: a derived name cannot have values as well"
            : "it is given twice")
      }
    }
    for level in sweep.levels {
      checkName(level.name, .level(level.name))
      if !seen.insert(level.name).inserted || parameter(named: level.name) != nil {
        report(.level(level.name), "'\(level.name)' is also a parameter")
      }
      if level.count < 1 {
        report(.level(level.name), "'\(level.name)' needs at least one replicate")
      }
    }
    return isUnique
  }

  private mutating func checkName(_ name: String, _ subject: SweepProblem.Subject) {
    if !Self.isName(name) {
      report(subject, "'\(name)' is no name: expected letters, digits and _ (at most 64)")
    } else if Self.reservedNames.contains(name) {
      report(subject, "'\(name)' is reserved; choose another name")
    }
  }

  /// Derived names with those that they use before them; reports cycles.
  mutating func orderedDerived() -> [Derived] {
    let names = sweep.derived.map(\.name)
    let uses = sweep.derived.map { item in
      item.expression.names.compactMap { names.firstIndex(of: $0) }
    }
    var isDone = [Bool](repeating: false, count: names.count)
    var order: [Derived] = []
    var progress = true
    while progress {
      progress = false
      for place in names.indices where !isDone[place] && uses[place].allSatisfy({ isDone[$0] }) {
        isDone[place] = true
        order.append(sweep.derived[place])
        progress = true
      }
    }
    if let start = isDone.firstIndex(of: false) {
      reportCycle(from: start, names: names, uses: uses, isDone: isDone)
    }
    return order
  }

  private mutating func reportCycle(from start: Int, names: [String], uses: [[Int]], isDone: [Bool])
  {
    // Everything that is left uses something that is left: a walk must come back.
    var walk: [Int] = [start]
    while let next = uses[walk[walk.count - 1]].first(where: { !isDone[$0] }) {
      if let back = walk.firstIndex(of: next) {
        let names = (walk[back...] + [next]).map { names[$0] }
        let item = sweep.derived[next]
        report(
          .derived(item.name, position: item.expression.position),
          "it depends on itself: \(names.joined(separator: " <- "))")
        return
      }
      walk.append(next)
    }
  }

  /// A name that neither the solver nor any expression knows is a slip of the pen.
  mutating func checkUses() {
    var used = Set(sweep.condition?.names ?? [])
    for item in sweep.derived { used.formUnion(item.expression.names.filter { $0 != item.name }) }
    let known = solver.parameters.map(\.name)
    for name in layout.auxiliaryNames where !used.contains(name) {
      if problems.contains(where: { $0.subject == .parameter(name) }) { continue }
      let hint = Suggestion.hint(for: name, among: known)
      report(
        .unused(name),
        "\(solver.name) has no parameter '\(name)', and no expression uses it\(hint)")
    }
  }

  mutating func checkCommonRandomNumbers() {
    let known = solver.parameters.filter(\.isIdentity).map(\.name)
    for (place, name) in sweep.commonRandomNumbers.enumerated() {
      if !known.contains(name) {
        report(
          .commonRandomNumbers(name),
          "common_random_numbers takes parameters of \(solver.name), and '\(name)' is none"
            + Suggestion.hint(for: name, among: known))
      } else if sweep.commonRandomNumbers[..<place].contains(name) {
        report(.commonRandomNumbers(name), "'\(name)' is listed twice")
      }
    }
  }

  /// Values that repeat along an axis would be the same point twice.
  mutating func checkRepeats(_ axis: Axis) {
    if axis.members.contains(where: {
      if case .progression = $0.values { true } else { false }
    }) {
      return
    }
    if axis.members.count == 1, case .reals(let values) = axis.members[0].values,
      Self.isClearlyMonotone(values)
    {
      return
    }
    var seenTuples: [RepeatKey: Int64] = [:]
    var seenValues: [UInt64: Int64] = [:]
    let keys = axis.members.map { member in
      (isReal: parameter(named: member.name)?.isIdentity == true, values: member.values)
    }
    for place in 0..<axis.count {
      var key: [UInt64] = []
      for (isIdentity, values) in keys {
        key.append(repeatKey(values, place, isIdentity: isIdentity))
      }
      let first: Int64?
      if key.count == 1 {
        first = seenValues.updateValue(place, forKey: key[0])
      } else {
        first = seenTuples.updateValue(place, forKey: RepeatKey(bits: key))
      }
      guard let first else { continue }
      let member = axis.members[0]
      let what =
        axis.members.count == 1
        ? "\(member.values[place])"
        : axis.members.map { "\($0.name)=\($0.values[place])" }.joined(separator: ", ")
      report(
        .value(parameter: member.name, place: place),
        "\(what) is given twice (values \(first + 1) and \(place + 1))")
      return
    }
  }

  /// Whether neighbours differ by more than rounding to 12 digits can close.
  private static func isClearlyMonotone(_ values: [Double]) -> Bool {
    guard values.count >= 2 else { return true }
    let isRising = values[1] > values[0]
    for place in 1..<values.count {
      let step = isRising ? values[place] - values[place - 1] : values[place - 1] - values[place]
      if !(step > 2e-11 * max(abs(values[place]), abs(values[place - 1]))) { return false }
    }
    return true
  }

  /// Equal for values that are one point: solver parameters count to 12 digits.
  private mutating func repeatKey(_ values: AxisValues, _ place: Int64, isIdentity: Bool) -> UInt64
  {
    switch values[place] {
    case .real(let value):
      (isIdentity ? SignificantDigits.rounded(value, to: 12) : value == 0 ? 0 : value).bitPattern
    case .integer(let value): UInt64(bitPattern: value)
    case .text(let value): program.texts.number(of: value)
    case .boolean(let value): value ? 1 : 0
    }
  }
}
