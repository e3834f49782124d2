import SweepModel

/// Several measurements of one thing: quote the median, look at the spread.
struct Samples {
  private var sorted: [Double] = []

  init() {}
  init(_ values: [Double]) { sorted = values.sorted() }

  mutating func add(_ value: Double) {
    sorted.append(value)
    sorted.sort()
  }

  var count: Int { sorted.count }
  var least: Double { sorted.first ?? .nan }
  var greatest: Double { sorted.last ?? .nan }
  /// The lower of the two middle ones where there is an even number.
  var median: Double { sorted.isEmpty ? .nan : sorted[(sorted.count - 1) / 2] }
}

/// What a benchmark prints: figures in order, each under a name that ends with its unit; those of peers
/// begin with `peer_`.
struct Figures {
  private var rows: [(name: String, samples: Samples)] = []
  private var facts: [(name: String, value: JSONValue)] = []

  init() {}

  mutating func add(_ name: String, _ samples: Samples) { rows.append((name, samples)) }
  mutating func add(_ name: String, _ value: Double) { rows.append((name, Samples([value]))) }

  /// Something beside the numbers: the machine, a check that held.
  mutating func note(_ name: String, _ value: JSONValue) { facts.append((name, value)) }

  /// One JSON object: the median under the name itself and, of several measurements, least and
  /// greatest under `NAME_least` and `NAME_greatest`.
  var json: JSONValue {
    var object: JSONValue = ["schema": 1]
    for (name, value) in facts { object.append(name, value) }
    for (name, samples) in rows {
      object.append(name, .real(samples.median))
      if samples.count > 1 {
        object.append(name + "_least", .real(samples.least))
        object.append(name + "_greatest", .real(samples.greatest))
      }
    }
    return object
  }

  /// A line a figure, aligned.
  var text: String {
    let width = (rows.map(\.name.count) + facts.map(\.name.count)).max() ?? 0
    var lines = facts.map { pad($0.name, width) + "  \($0.value)" }
    for (name, samples) in rows {
      var line = pad(name, width) + "  " + Figures.spell(samples.median)
      if samples.count > 1 {
        line +=
          "  (\(Figures.spell(samples.least)) to \(Figures.spell(samples.greatest)), "
          + "median of \(samples.count))"
      }
      lines.append(line)
    }
    return lines.joined(separator: "\n")
  }

  func print(asJSON: Bool) {
    Swift.print(asJSON ? String(decoding: json.line.dropLast(), as: UTF8.self) : text)
  }

  private func pad(_ name: String, _ width: Int) -> String {
    name + String(repeating: " ", count: width - name.count)
  }

  /// Four significant digits, with thousands set apart.
  static func spell(_ value: Double) -> String {
    guard value.isFinite, value == 0 || abs(value) >= 1e-6 else { return "\(value)" }
    if abs(value) >= 1000 {
      let digits = Array(String(Int64(value.rounded())))
      var spelled = ""
      for (place, digit) in digits.enumerated() {
        if place > 0, (digits.count - place) % 3 == 0, digits[place - 1] != "-" { spelled += " " }
        spelled.append(digit)
      }
      return spelled
    }
    var scale = 1.0
    var shown = abs(value)
    while shown > 0 && shown < 1000 && scale < 1e9 {
      shown *= 10
      scale *= 10
    }
    return "\((value * scale).rounded() / scale)"
  }
}
