import SweepModel

extension SweepReader {
  private static let rules = ["linspace", "geomspace", "logspace", "range", "values"]
  private static let spanKeys = ["min", "max", "num", "scale"]

  mutating func readParameters(_ value: YAML) {
    guard case .mapping(let pairs, _) = value else {
      report("expected a mapping of parameters to values, not \(value.kind)", value.place)
      return
    }
    for (key, value) in pairs {
      if places[key.text] != nil {
        report("'\(key.text)' is also a parameter of points", key.place)
        continue
      }
      places[key.text] = key.place
      readParameter(key.text, value)
    }
  }

  private mutating func readParameter(_ name: String, _ value: YAML) {
    let before = mistakes.count
    switch value {
    case .scalar(let scalar):
      if let found = self.value(scalar, of: name) {
        valuePlaces[name] = [scalar.place]
        sweep.scalars.append(Scalar(name: name, value: found))
      }
    case .sequence(let items, let place): readList(name, items, place)
    case .mapping(let pairs, let place): readRule(name, pairs, place)
    }
    guard mistakes.count > before else { return }
    damaged.insert(name)
    // So that expressions that use the name are still looked at.
    if parameter(named: name) == nil && !sweep.columnNames.contains(name) {
      sweep.scalars.append(Scalar(name: name, value: .real(1)))
    }
  }

  private mutating func readList(_ name: String, _ items: [YAML], _ place: Place) {
    guard !items.isEmpty else {
      report("\(name) has an empty list", place)
      return
    }
    var values: [Value] = []
    var itemPlaces: [Place] = []
    for item in items {
      guard case .scalar(let scalar) = item else {
        report("expected a value of \(name), not \(item.kind)", item.place)
        continue
      }
      if let found = value(scalar, of: name) { values.append(found) }
      itemPlaces.append(scalar.place)
    }
    guard values.count == items.count, let axis = axisValues(values, of: name, at: place) else {
      return
    }
    valuePlaces[name] = itemPlaces
    sweep.axes.append(Axis(name, axis))
  }

  private mutating func readRule(
    _ name: String, _ pairs: [(key: YAMLScalar, value: YAML)], _ place: Place
  ) {
    let known = Self.rules + Self.spanKeys
    for (key, _) in pairs where !known.contains(key.text) {
      let hint = Suggestion.hint(for: key.text, among: known)
      report(
        "unknown form of values '\(key.text)'\(hint.isEmpty ? "; expected a value, a list, or one of linspace, geomspace, logspace, range, values, min/max/num" : hint)",
        key.place)
      return
    }
    guard let first = pairs.first else {
      report("\(name) has no values", place)
      return
    }
    if pairs.contains(where: { Self.spanKeys.contains($0.key.text) }) {
      if let rule = pairs.first(where: { Self.rules.contains($0.key.text) }) {
        report("'\(rule.key.text)' cannot stand beside min, max and num", rule.key.place)
      } else {
        readSpan(name, pairs, place)
      }
      return
    }
    guard pairs.count == 1 else {
      report(
        "one rule only: '\(pairs[1].key.text)' stands beside '\(first.key.text)'",
        pairs[1].key.place)
      return
    }
    guard case .sequence(let items, let list) = first.value else {
      report("\(first.key.text) takes a list, not \(first.value.kind)", first.value.place)
      return
    }
    switch first.key.text {
    case "values": readList(name, items, list)
    case "range": readRange(name, items, list)
    default:
      guard items.count == 3 else {
        report("\(first.key.text) takes [first, last, count]", list)
        return
      }
      generate(
        name, first.key.text, first: items[0], last: items[1], count: items[2], at: first.key.place)
    }
  }

  private mutating func readSpan(
    _ name: String, _ pairs: [(key: YAMLScalar, value: YAML)], _ place: Place
  ) {
    func value(_ key: String) -> YAML? { pairs.first { $0.key.text == key }?.value }
    guard let low = value("min"), let high = value("max"), let count = value("num") else {
      report("\(name) needs min, max and num", place)
      return
    }
    var rule = "linspace"
    if let scale = value("scale") {
      guard case .scalar(let scalar) = scale, ["linear", "log"].contains(scalar.text) else {
        report("scale must be linear or log, not \(scale.kind)", scale.place)
        return
      }
      if scalar.text == "log" { rule = "geomspace" }
    }
    generate(name, rule, first: low, last: high, count: count, at: place)
  }

  private mutating func generate(
    _ name: String, _ rule: String, first: YAML, last: YAML, count: YAML, at place: Place
  ) {
    let isExponent = rule == "logspace"
    let start = decimal(first, isExponent ? "the first exponent" : "the first value")
    let end = decimal(last, isExponent ? "the last exponent" : "the last value")
    let limit = Int64(AxisValues.listedLimit)
    let number = wholeNumber(count, "the number of values", in: 1...limit)
    guard let start, let end, let number else { return }
    var values: [Double]
    switch rule {
    case "linspace": values = GeneratedValues.linear(start, end, count: Int(number))
    case "logspace": values = GeneratedValues.powers(start, end, count: Int(number))
    default:
      guard start.real != 0, end.real != 0, (start.real < 0) == (end.real < 0) else {
        report("a geometric axis needs two ends of one sign, neither of them 0", place)
        return
      }
      values = GeneratedValues.geometric(start, end, count: Int(number))
    }
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      report("value \(bad + 1) of \(name) is too large for a number", place)
      return
    }
    valuePlaces[name] = nil
    places[name] = place
    guard case .integer = parameter(named: name)?.kind else {
      if case .choice = parameter(named: name)?.kind {
        report("\(name) takes names, not numbers", place)
      } else {
        sweep.axes.append(Axis(name, AxisValues.of(values)))
      }
      return
    }
    var integers: [Int64] = []
    for value in values {
      guard let integer = Int64(exactly: value) else {
        report(
          "\(name) must be an integer, and \(rule) gives \(value); "
            + "give an axis another name and use round(...) under derive", place)
        return
      }
      integers.append(integer)
    }
    sweep.axes.append(Axis(name, AxisValues.of(integers)))
  }

  private mutating func readRange(_ name: String, _ items: [YAML], _ place: Place) {
    guard (1...3).contains(items.count) else {
      report("range takes [stop], [start, stop] or [start, stop, step]; stop is left out", place)
      return
    }
    let bounds = -(Int64(1) << 53)...Int64(1) << 53
    var numbers: [Int64] = []
    for item in items {
      if let number = wholeNumber(item, "range", in: bounds) { numbers.append(number) }
    }
    guard numbers.count == items.count else { return }
    let start = numbers.count == 1 ? 0 : numbers[0]
    let stop = numbers.count == 1 ? numbers[0] : numbers[1]
    let step = numbers.count == 3 ? numbers[2] : 1
    guard step != 0 else {
      report("the step of a range cannot be 0", place)
      return
    }
    let span = step > 0 ? stop - start : start - stop
    let stride = abs(step)
    let count = span > 0 ? (span - 1) / stride + 1 : 0
    guard count > 0 else {
      report("the range is empty: its stop is left out", place)
      return
    }
    places[name] = place
    if case .choice = parameter(named: name)?.kind {
      report("\(name) takes names, not numbers", place)
      return
    }
    if count >= 3 {
      sweep.axes.append(Axis(name, .progression(first: start, step: step, count: count)))
    } else {
      let values = (0..<count).map { start + step * $0 }
      if case .integer = parameter(named: name)?.kind {
        sweep.axes.append(Axis(name, .integers(values)))
      } else {
        sweep.axes.append(Axis(name, .reals(values.map { Double($0) })))
      }
    }
  }

  // MARK: zip

  mutating func readZip(_ value: YAML) {
    guard case .sequence(var groups, let place) = value else {
      report("zip takes lists of names: [[a, b]]", value.place)
      return
    }
    // One group may stand without its outer list.
    if let first = groups.first, case .scalar = first { groups = [.sequence(groups, place)] }
    for group in groups {
      guard case .sequence(let items, let place) = group else {
        report("zip takes lists of names: [[a, b]]", group.place)
        continue
      }
      readGroup(items, place)
    }
  }

  private mutating func readGroup(_ items: [YAML], _ place: Place) {
    var axes: [Int] = []
    let before = mistakes.count
    for item in items {
      guard case .scalar(let scalar) = item else {
        report("expected an axis's name, not \(item.kind)", item.place)
        continue
      }
      let found = sweep.axes.firstIndex { $0.members.contains { $0.name == scalar.text } }
      guard let found, sweep.axes[found].form == .values else {
        if damaged.contains(scalar.text) { return }
        report(zipMistake(scalar.text, found), scalar.place)
        continue
      }
      if axes.contains(found) { report("'\(scalar.text)' stands here twice", scalar.place) }
      axes.append(found)
    }
    guard mistakes.count == before else { return }
    guard axes.count >= 2, let first = axes.min() else {
      report("zip needs two axes or more", place)
      return
    }
    let lengths = axes.map { sweep.axes[$0].count }
    guard Set(lengths).count == 1 else {
      let told = axes.map { "\(sweep.axes[$0].members[0].name) has \(sweep.axes[$0].count)" }
      report("zipped axes differ in length: \(told.joined(separator: ", "))", place)
      return
    }
    let members = axes.flatMap { sweep.axes[$0].members }
    sweep.axes[first] = Axis(form: .zip, members: members)
    for index in axes.sorted(by: >) where index != first { sweep.axes.remove(at: index) }
  }

  private func zipMistake(_ name: String, _ found: Int?) -> String {
    if found != nil { return "'\(name)' is part of another zip or of points" }
    if sweep.scalars.contains(where: { $0.name == name }) {
      return "'\(name)' has one value; zip takes axes"
    }
    let axes = sweep.axes.flatMap { $0.members.map(\.name) }
    return "there is no axis '\(name)'\(Suggestion.hint(for: name, among: axes))"
  }
}
