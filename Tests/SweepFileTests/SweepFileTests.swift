import SweepFile
import SweepModel
import TestSupport
import Testing

@Suite struct SweepFileTests {
  static let example = """
    name: fig2-theory
    solver: cubic-theory
    parameters:
      beta:    [0.125, 0.5, 1, 2]
      sigma2base: {linspace: [0.10, 0.40, 61]}
      epsilon: -0.3
    derive: {N: round(700*beta), n: round(3000*beta), d: round(150*sqrt(beta)), sigma2: sigma2base, sigma_a2: 8/700/sqrt(beta)}
    where: "sigma2 < 0.35 or beta >= 1"
    replicates: 50
    seed: 7
    common_random_numbers: [sigma2]
    limits: {stall: 10m, time: 2h}
    """

  @Test("the example of the design")
  func example() throws {
    let reading = try readSweep(Self.example)
    #expect(reading.sweep.name == "fig2-theory")
    #expect(reading.sweep.seed == 7)
    #expect(reading.sweep.limits.stallMilliseconds == 600_000)
    #expect(reading.sweep.limits.timeMilliseconds == 7_200_000)
    let grid = reading.grid
    #expect(grid.unitCount == 4 * 61 * 50)
    #expect(
      reading.sweep.columnNames == [
        "beta", "sigma2base", "epsilon", "N", "n", "d", "sigma2", "sigma_a2",
      ])
    var point = grid.makePoint()
    #expect(point.real(2) == 88 && point.real(1) == 53 && point.real(0) == 375)
    #expect(point.real(4) == 8.0 / 700 / 0.125.squareRoot())
    grid.evaluate(61 * 50 + 50 * 7 + 3, into: &point)
    #expect(point.recorded[0].value == .real(0.5))
    #expect(point.real(3) == 0.135)
    #expect(point.levels == [3])
    let excluded = try grid.excludedUnits()
    // Of 61 values, those from 0.35 on: 11, for the two small sizes.
    #expect(excluded.count == 2 * 11 * 50)
    let lines = Summary(reading, excluded: excluded).lines
    #expect(lines.contains("  axis sigma2base  61 values  0.1 ... 0.4"))
    #expect(lines.contains("  12200 units in the full grid"))
    #expect(lines.contains("  1100 left out by where, 11100 to compute"))
  }

  @Test("a summary tells of points that are one to the solver")
  func collision() throws {
    let reading = try readSweep(
      "solver: trial\nparameters: {a: [1, 2, -2]}\nderive: {rate: a ^ 2}")
    let lines = Summary(reading, excluded: try reading.grid.excludedUnits()).lines
    #expect(lines.contains("  the same point twice: unit 1 (a=2.0, rate=4.0)"))
    #expect(lines.contains("    and unit 2 (a=-2.0, rate=4.0)"))
  }

  @Test("zipped axes stand where their first axis stands")
  func zip() throws {
    let reading = try readSweep(
      """
      solver: trial
      parameters:
        rate: [1, 2]
        count: [10, 20, 30]
        steps: 7
        kind: [full, semi-lazy]
        a: [0.1, 0.2, 0.3]
      zip: [[a, count]]
      derive: {}
      where: a > 0
      """)
    #expect(
      reading.sweep.axes.map { $0.members.map(\.name) } == [["rate"], ["a", "count"], ["kind"]])
    #expect(reading.grid.unitCount == 12)
    var point = reading.grid.makePoint()
    reading.grid.evaluate(7, into: &point)
    #expect(
      point.arguments == [.integer(10), .real(2), .text("semi-lazy"), .integer(7), .integer(3)])
  }

  @Test("points are the slowest axis and cross with parameters")
  func points() throws {
    let yaml = """
      solver: trial
      points: [{rate: 1, count: 2}, {count: 4, rate: 3}]
      parameters: {kind: [full, semi-lazy]}
      levels: {data: 2, network: 3}
      """
    let csv = yaml.replacing("[{rate: 1, count: 2}, {count: 4, rate: 3}]", with: "p.csv")
    let table = "\u{feff}rate, count\r\n1,2\r\n\r\n\"3\",4\r\n"
    let unquoted = table.replacing("\"", with: "")
    let listed = try readSweep(yaml)
    let tabled = try readSweep(csv, files: ["p.csv": unquoted])
    #expect(tabled.attachments == [SweepFile.Attachment(path: "p.csv", text: unquoted)])
    #expect(listed.sweep.canonicalBytes == tabled.sweep.canonicalBytes)
    #expect(listed.grid.unitCount == 2 * 2 * 6)
    var point = listed.grid.makePoint()
    listed.grid.evaluate(12 + 6 + 4, into: &point)
    #expect(point.arguments.prefix(3) == [.integer(4), .real(3), .text("semi-lazy")])
    #expect(point.levels == [1, 1])
    #expect(
      mistakes(csv, files: ["p.csv": table]) == [
        "p.csv:4:1: rate must be a number, not the text '3'"
      ])
  }

  @Test("spelling, comments, name and limits are no part of the canonical bytes; values are")
  func canonical() throws {
    let one = try readSweep(Self.example).sweep.canonicalBytes
    let same = Self.example.replacing("fig2-theory", with: "other")
      .replacing("700*beta", with: " 700 * (beta)").replacing("stall: 10m, ", with: "")
      .replacing("[0.125, 0.5, 1, 2]", with: "{values: [1.25e-1, 0.50, 1.0, 2]}   # sizes")
    #expect(try readSweep(same).sweep.canonicalBytes == one)
    for (old, new) in [
      ("0.125", "0.25"), ("seed: 7", "seed: 8"), ("replicates: 50", "replicates: 51"),
      ("[sigma2]", "[sigma2, n]"), (">= 1", "> 1"), ("700*beta", "701*beta"),
      ("epsilon: -0.3", "epsilon: -0.31"),
    ] {
      #expect(
        try readSweep(Self.example.replacing(old, with: new)).sweep.canonicalBytes != one, "\(old)")
    }
  }

  @Test("the quickstart reads and shows a few thousand points")
  func quickstart() throws {
    let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let text = try #require(TestFiles.text(at: "/\(folder)/sweeps/quickstart.yaml"))
    let reading = try readSweep(text)
    #expect(reading.sweep.name == "quickstart")
    #expect((1000...10_000).contains(reading.grid.unitCount))
    #expect(reading.grid.sampleProblems().isEmpty)
  }
}
