import SweepModel

/// The parts of a sweep as one line each, as a reader of the sweep file would name them.
package enum SweepText {
  package struct Part: Hashable, Sendable {
    /// `sigma2`, `derive.N`, `where`, `seed` ...
    package var name: String
    package var text: String
  }

  /// Everything that the canonical bytes hold, in file order.
  package static func parts(of sweep: Sweep) -> [Part] {
    var parts = [Part(name: "solver", text: sweep.solver)]
    for axis in sweep.axes {
      for member in axis.members {
        parts.append(Part(name: member.name, text: form(axis) + values(member.values)))
      }
    }
    parts += sweep.scalars.map { Part(name: $0.name, text: "\($0.value)") }
    parts += sweep.derived.map { Part(name: "derive.\($0.name)", text: "\($0.expression)") }
    if let condition = sweep.condition { parts.append(Part(name: "where", text: "\(condition)")) }
    parts += sweep.levels.map { Part(name: "replicates.\($0.name)", text: "\($0.count)") }
    parts.append(Part(name: "seed", text: "\(sweep.seed)"))
    if !sweep.commonRandomNumbers.isEmpty {
      let names = sweep.commonRandomNumbers.sorted().joined(separator: ", ")
      parts.append(Part(name: "common_random_numbers", text: names))
    }
    return parts
  }

  private static func form(_ axis: Axis) -> String {
    switch axis.form {
    case .values: ""
    case .zip:
      axis.members.count > 1 ? "zipped (\(axis.members.map(\.name).joined(separator: ", "))) " : ""
    case .points: "listed points "
    }
  }

  /// `4 values from 0.125 to 2.0`, or all of them if they are few.
  package static func values(_ values: AxisValues) -> String {
    guard values.count > 6 else {
      return "[" + (0..<values.count).map { "\(values[$0])" }.joined(separator: ", ") + "]"
    }
    return "\(Figure.grouped(values.count)) values from \(values[0]) to \(values[values.count - 1])"
  }

  /// What differs between the sweep of a run and another, one line each; empty if nothing does.
  package static func differences(stored: Sweep, given: Sweep) -> [String] {
    let (old, new) = (parts(of: stored), parts(of: given))
    var lines: [String] = []
    for part in old {
      guard let other = new.first(where: { $0.name == part.name }) else {
        lines.append("\(part.name): \(part.text) in the run, nothing now")
        continue
      }
      if other.text != part.text {
        lines.append("\(part.name): \(part.text) in the run, \(other.text) now")
      }
    }
    for part in new where !old.contains(where: { $0.name == part.name }) {
      lines.append("\(part.name): nothing in the run, \(part.text) now")
    }
    if lines.isEmpty {
      let (oldNames, newNames) = (old.map(\.name), new.map(\.name))
      lines +=
        oldNames == newNames
        ? inside(stored, given)
        : [
          "the order of the parameters: \(newNames.joined(separator: ", ")) now, "
            + "\(oldNames.joined(separator: ", ")) in the run"
        ]
    }
    return lines
  }

  /// Long lists whose ends and lengths agree.
  private static func inside(_ stored: Sweep, _ given: Sweep) -> [String] {
    let old = stored.axes.flatMap(\.members)
    let new = given.axes.flatMap(\.members)
    for (left, right) in zip(old, new) where left.values != right.values {
      let place = (0..<left.values.count).first { left.values[$0] != right.values[$0] } ?? 0
      return [
        "\(left.name): value \(place + 1) is \(left.values[place]) in the run, "
          + "\(right.values[place]) now"
      ]
    }
    return []
  }
}
