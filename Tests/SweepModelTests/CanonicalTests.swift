import SweepModel
import TestSupport
import Testing

@Suite struct CanonicalTests {
  static func description() throws -> RunDescription {
    var sweep = try GridTests.sweep()
    sweep.condition = try .parse("not (beta > 1 and kind == 'full') or -k ^ 2 < min(1, 2.5)")
    sweep.seed = -3
    sweep.commonRandomNumbers = ["sigma2", "n"]
    var more = sweep
    more.axes[0] = Axis("beta", .reals([3, 4, 4.5]))
    let first = Segment(sweep: sweep)
    return RunDescription(
      segments: [first, Segment(base: first.unitCount ?? 0, sweep: more)],
      settings: RunSettings(
        limits: UnitLimits(stallMilliseconds: 5, timeMilliseconds: nil), numerics: .strict,
        workingFolder: "/tmp/é"))
  }

  @Test("a run description reads back, and its grid gives the same points and keys")
  func roundTrip() throws {
    let description = try Self.description()
    let bytes = description.encoded()
    let back = try RunDescription(decoding: bytes)
    #expect(back.encoded() == bytes)
    #expect(back.settings == description.settings)
    #expect(back.segments.map(\.fingerprint) == description.segments.map(\.fingerprint))
    #expect(back.solverName == "test")
    let one = try Grid(segments: description.segments, solver: GridTests.solver)
    let other = try Grid(segments: back.segments, solver: GridTests.solver)
    #expect(one.layout == other.layout)
    #expect(try one.excludedUnits() == other.excludedUnits())
    var left = one.makePoint()
    var right = other.makePoint()
    for unit in 0..<one.unitCount {
      one.evaluate(unit, into: &left)
      other.evaluate(unit, into: &right)
      #expect(left.recorded.map(\.value) == right.recorded.map(\.value))
      #expect(left.key(stream: "x") == right.key(stream: "x"))
    }
  }

  /// What runs of this format on disk hold: a change here makes them other runs.
  @Test("the canonical bytes of format 1 are what they were")
  func fixed() throws {
    let segment = try Self.description().segments[0]
    #expect(
      segment.fingerprint.description
        == "fbc45f73f34869dbaf53b27543f0261f521fa81b3e4a5ae5a76f84ec0872929f")
  }

  @Test("names, limits and the order of common random numbers are no part of it")
  func leftOut() throws {
    let sweep = try Self.description().segments[0].sweep
    var other = sweep
    other.name = "another"
    other.limits.timeMilliseconds = 1
    other.commonRandomNumbers = ["n", "sigma2"]
    #expect(other.canonicalBytes == sweep.canonicalBytes)
  }

  @Test("cut, changed and random bytes never trap, and neither does a grid made of them")
  func hostile() throws {
    let bytes = try Self.description().encoded()
    for count in 0..<bytes.count {
      #expect(throws: DecodingMistake.self) { try RunDescription(decoding: Array(bytes[..<count])) }
    }
    #expect(throws: DecodingMistake.self) { try RunDescription(decoding: bytes + [0]) }
    var random = SplitMix64(seed: 21)
    var grids = 0
    for _ in 0..<6000 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<changed.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: changed[place] = UInt8.random(in: 0...255, using: &random)
        case 2: changed.remove(at: place)
        default: changed.insert(UInt8.random(in: 0...8, using: &random), at: place)
        }
      }
      guard let description = try? RunDescription(decoding: changed),
        let grid = try? Grid(segments: description.segments, solver: GridTests.solver)
      else { continue }
      grids += 1
      var point = grid.makePoint()
      for _ in 0..<20 where grid.unitCount > 0 {
        grid.evaluate(Int64.random(in: 0..<grid.unitCount, using: &random), into: &point)
        _ = point.recorded
        _ = point.refusal
        _ = point.key(stream: "data")
        _ = grid.admits(&point)
      }
    }
    #expect(grids > 100)
  }

  @Test("an expression too deep for the limit is refused")
  func deep() throws {
    let sweep = Sweep(
      name: "", solver: "s", derived: [Derived(name: "z", expression: try .parse("-1"))])
    var bytes = sweep.canonicalBytes
    // The negation's tag stands before the integer's tag and its eight bytes, the flag and a count.
    let tag = bytes.count - 8 - 1 - 9 - 1
    bytes.insert(contentsOf: [UInt8](repeating: bytes[tag], count: 98), at: tag)
    #expect(throws: Never.self) { try Sweep(canonicalBytes: bytes) }
    bytes.insert(contentsOf: [UInt8](repeating: bytes[tag], count: 1_000_000), at: tag)
    #expect(throws: DecodingMistake.self) { try Sweep(canonicalBytes: bytes) }
  }
}
