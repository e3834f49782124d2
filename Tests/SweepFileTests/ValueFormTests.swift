import SweepFile
import SweepModel
import TestSupport
import Testing

@Suite struct ValueFormTests {
  private func reals(_ spelled: String) throws -> [Double] {
    try axis("rate", spelled).map { try #require($0.real) }
  }

  @Test("every form of values")
  func forms() throws {
    #expect(try reals("[0.1, 2e-06, 3]") == [0.1, 2e-06, 3])
    #expect(try reals("{values: [1.5, 2]}") == [1.5, 2])
    #expect(try reals("{linspace: [0, 1, 5]}") == [0, 0.25, 0.5, 0.75, 1])
    #expect(try reals("{linspace: [3, 7, 1]}") == [3])
    #expect(try reals("{logspace: [-3, 3, 7]}") == [0.001, 0.01, 0.1, 1, 10, 100, 1000])
    #expect(try reals("{geomspace: [1, 1000, 4]}") == [1, 10, 100, 1000])
    #expect(try reals("{geomspace: [2e-3, 2e3, 7]}") == [0.002, 0.02, 0.2, 2, 20, 200, 2000])
    #expect(try reals("{range: [4]}") == [0, 1, 2, 3])
    #expect(try reals("{range: [2, 4]}") == [2, 3])
    #expect(try reals("{range: [10, 0, -3]}") == [10, 7, 4, 1])
    #expect(try reals("{min: 0, max: 1, num: 3}") == [0, 0.5, 1])
    #expect(try reals("{min: 1, max: 100, num: 3, scale: log}") == [1, 10, 100])
    #expect(try axis("count", "{linspace: [1, 9, 3]}") == [.integer(1), .integer(5), .integer(9)])
    #expect(try axis("count", "[88.0, 2e1]") == [.integer(88), .integer(20)])
    #expect(try axis("kind", "[semi-lazy, 1]") == [.text("semi-lazy"), .text("1")])
  }

  @Test("an evenly spaced axis holds the decimals one would type")
  func exactDecimals() throws {
    let base = try reals("{linspace: [0.10, 0.40, 61]}")
    for (place, value) in base.enumerated() {
      #expect(value == Double("0.\(100 + 5 * place)"))
    }
    // Symmetric about zero, where plain arithmetic loses digits.
    let small = GeneratedAxis.values("-1", "1", 2001)
    for (place, value) in small.enumerated() {
      let thousandths = place - 1000
      let sign = thousandths < 0 ? "-" : ""
      let digits = String(abs(thousandths) + 10000).dropFirst()
      #expect(value == Double("\(sign)\(digits.prefix(1)).\(digits.dropFirst())"))
    }
    // A finer grid holds every value of the coarser one.
    let coarse = GeneratedAxis.values("0.08", "0.4", 33)
    let fine = GeneratedAxis.values("0.08", "0.4", 321)
    for value in coarse { #expect(fine.contains(value)) }
    #expect(try reals("{linspace: [0, 1, 4]}") == [0, 0.333333333333333, 0.666666666666667, 1])
    #expect(try reals("{linspace: [1e-12, 4e-12, 4]}") == [1e-12, 2e-12, 3e-12, 4e-12])
    #expect(try reals("{linspace: [1e20, 3e20, 3]}") == [1e20, 2e20, 3e20])
    #expect(try reals("{linspace: [0, 1e30, 3]}") == [0, 5e29, 1e30])
    #expect(
      try reals("{linspace: [0.1234567890123456789, 1, 2]}") == [0.123456789012346, 1])
  }

  @Test("logarithmic axes hold powers of ten exactly, over all of the range")
  func powers() throws {
    let values = try reals("{logspace: [-300, 300, 601]}")
    for (place, value) in values.enumerated() { #expect(value == Double("1e\(place - 300)")) }
    let halves = try reals("{logspace: [0, 1, 3]}")
    #expect(halves[1] == 3.16227766016838)
    let geometric = try reals("{geomspace: [1e-12, 1e12, 25]}")
    for (place, value) in geometric.enumerated() { #expect(value == Double("1e\(place - 12)")) }
  }

  @Test("scalars are read by one rule: decimal number, true or false, else text")
  func scalars() throws {
    #expect(try axis("rate", "[010, 7]") == [.real(10), .real(7)])
    let text = """
      solver: trial
      parameters:
        a: [off, yes, '1:30', "8/700", No]
        rate: 1
      where: a != 'off'
      """
    let reading = try readSweep(text)
    #expect(
      reading.sweep.axes[0].members[0].values == .texts(["off", "yes", "1:30", "8/700", "No"]))
    #expect(reading.grid.layout.field(named: "a")?.column.type == .text(length: 5))
  }

  @Test(
    "durations",
    arguments: [
      ("90s", 90_000), ("1h30m", 5_400_000), ("2h", 7_200_000), ("500ms", 500), ("1d", 86_400_000),
      ("02:00:00", 7_200_000), ("1:30", 90_000), ("1-00:00:01", 86_401_000), ("1m500ms", 60_500),
      ("90", nil), ("", nil), ("1h1h", nil), ("5m1h", nil), ("1:60", nil), ("-5s", nil),
      ("1.5h", nil), ("99999999999999999999s", nil), ("1:", nil), ("h", nil), ("1-2-3:00:00", nil),
    ])
  func durations(text: String, milliseconds: Int64?) {
    #expect(DurationText.milliseconds(text) == milliseconds)
  }
}

/// An axis between two ends, by way of a sweep file.
enum GeneratedAxis {
  static func values(_ first: String, _ last: String, _ count: Int) -> [Double] {
    let text = """
      solver: cubic-theory
      parameters: {epsilon: {linspace: [\(first), \(last), \(count)]}}
      """
    guard let axis = try? readSweep(text).sweep.axes.first else { return [] }
    return (0..<axis.count).compactMap { axis.members[0].values[$0].real }
  }
}
