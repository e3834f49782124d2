import SweepModel
import TestSupport
import Testing

/// A `UnitSet` is played against a plain array of booleans.
@Suite struct UnitSetTests {
  private static func randomRun(_ count: Int64, _ random: inout SplitMix64) -> UnitRun {
    let first = Int64.random(in: 0..<count, using: &random)
    let longest =
      Bool.random(using: &random) ? count - first : min(count - first, 200)
    return UnitRun(first: first, count: Int64.random(in: 0...longest, using: &random))
  }

  private static func runs(_ model: [Bool], _ run: UnitRun, present: Bool) -> [UnitRun] {
    var runs: [UnitRun] = []
    for unit in run.first..<run.end where model[Int(unit)] == present {
      if let last = runs.last, last.end == unit {
        runs[runs.count - 1].count += 1
      } else {
        runs.append(UnitRun(first: unit, count: 1))
      }
    }
    return runs
  }

  @Test("it agrees with an array of booleans", arguments: [1, 63, 64, 65, 1023, 1024, 1025, 9000])
  func model(size: Int) {
    var random = SplitMix64(seed: UInt64(size))
    let unitCount = Int64(size)
    var set = UnitSet(unitCount: unitCount)
    var model = [Bool](repeating: false, count: size)
    for _ in 0..<300 {
      let run = Self.randomRun(unitCount, &random)
      let inserting = Int.random(in: 0..<3, using: &random) > 0
      let expected = Self.runs(model, run, present: !inserting).reduce(0) { $0 + $1.count }
      let changed = inserting ? set.insert(run) : set.remove(run)
      #expect(changed == expected)
      for unit in run.first..<run.end { model[Int(unit)] = inserting }
      set.checkInvariants()
      let probe = Self.randomRun(unitCount, &random)
      var absent: [UnitRun] = []
      set.forEachAbsent(in: probe) { absent.append($0) }
      #expect(absent == Self.runs(model, probe, present: false))
      var present: [UnitRun] = []
      set.forEachPresent(in: probe) { present.append($0) }
      #expect(present == Self.runs(model, probe, present: true))
      #expect(set.presentCount(in: probe) == present.reduce(0) { $0 + $1.count })
      let unit = Int64.random(in: 0..<unitCount, using: &random)
      #expect(set.contains(unit) == model[Int(unit)])
    }
  }

  @Test("equal sets are equal however they were made")
  func canonical() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<100 {
      var runs: [UnitRun] = []
      for _ in 0..<6 { runs.append(Self.randomRun(5000, &random)) }
      var one = UnitSet(unitCount: 5000)
      for run in runs { one.insert(run) }
      var other = UnitSet(unitCount: 5000)
      for run in runs.shuffled(using: &random) { other.insert(run) }
      #expect(one == other)
      var left = UnitSet(unitCount: 5000)
      var right = UnitSet(unitCount: 5000)
      for run in runs {
        if Bool.random(using: &random) { left.insert(run) } else { right.insert(run) }
      }
      left.formUnion(right)
      left.checkInvariants()
      #expect(left == one)
    }
  }

  @Test("10^9 units in the worst pattern take at most 125 MB, and few bytes when in order")
  func memory() {
    var set = UnitSet(unitCount: 1_000_000_000)
    #expect(set.blockCount <= 4096)
    #expect(set.blockSize % 64 == 0)
    for block in 0..<set.blockCount {
      set.insert(UnitRun(first: set.units(ofBlock: block).first + 1, count: 1))
      if block == 40 { break }
    }
    let bytesABlock = set.bitmapByteCount / 41
    #expect(bytesABlock * set.blockCount <= 125_100_000)
    var ordered = UnitSet(unitCount: 1_000_000_000)
    ordered.insert(UnitRun(first: 0, count: 600_000_001))
    #expect(ordered.bitmapByteCount <= bytesABlock)
    #expect(ordered.count == 600_000_001)
  }

  @Test("a set of 10^12 units opens at once and finds its gaps")
  func large() {
    var set = UnitSet(unitCount: 1_000_000_000_000)
    #expect(set.insert(UnitRun(first: 0, count: 999_999_999_999)) == 999_999_999_999)
    #expect(set.firstAbsent(in: set.universe) == UnitRun(first: 999_999_999_999, count: 1))
    #expect(!set.isFull)
    set.insert(UnitRun(first: 999_999_999_999, count: 1))
    #expect(set.isFull)
    #expect(set.bitmapByteCount == 0)
  }
}

@Suite struct UnitCursorTests {
  @Test(
    "it hands out every absent unit once", arguments: [0, 1, 1000, 1024, 3000, 10_000, 5_000_000])
  func once(size: Int) {
    var random = SplitMix64(seed: UInt64(size) + 1)
    var set = UnitSet(unitCount: Int64(size))
    for _ in 0..<20 where size > 0 {
      let first = Int64.random(in: 0..<Int64(size), using: &random)
      let count = Int64.random(in: 0...min(500, Int64(size) - first), using: &random)
      set.insert(UnitRun(first: first, count: count))
    }
    var cursor = UnitCursor(over: set)
    var seen = set
    var handed: Int64 = 0
    while let run = cursor.takeAbsent(
      from: set, limit: Int64.random(in: 1...1500, using: &random))
    {
      #expect(seen.insert(run) == run.count)
      handed += run.count
    }
    #expect(cursor.isAtEnd)
    #expect(handed == Int64(size) - set.count)
    #expect(seen.isFull)
  }

  @Test("the first tenth of the visit is spread over the whole grid")
  func spread() {
    let set = UnitSet(unitCount: 4_096_000)
    var cursor = UnitCursor(over: set)
    var deciles = [Int](repeating: 0, count: 10)
    for _ in 0..<400 {
      guard let run = cursor.takeAbsent(from: set, limit: .max) else { break }
      deciles[Int(run.first * 10 / set.unitCount)] += 1
    }
    for share in deciles { #expect(share >= 38 && share <= 42) }
  }
}
