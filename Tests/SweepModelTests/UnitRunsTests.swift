import SweepModel
import TestSupport
import Testing

/// Goal: a set of units as runs is the set that it says it is.
/// Method: all pairs of a run and a small set, then random changes beside a plain array of booleans.
@Suite struct UnitRunsTests {
  private static func runs(ofBits bits: Int, count: Int) -> UnitRuns {
    UnitRuns(
      (0..<count).filter { bits >> $0 & 1 == 1 }.map { UnitRun(first: Int64($0), count: 1) })
  }

  private static func bits(of runs: UnitRuns) -> Int {
    var bits = 0
    for run in runs.runs {
      for unit in run.first..<run.end { bits |= 1 << Int(unit) }
    }
    return bits
  }

  @Test("insert, remove and intersection are right for every set of seven units and every run")
  func everySmallSet() {
    let size = 7
    for bits in 0..<(1 << size) {
      let set = Self.runs(ofBits: bits, count: size)
      set.checkInvariants()
      #expect(Self.bits(of: set) == bits && set.count == Int64(bits.nonzeroBitCount))
      for first in 0...size {
        for count in 0...(size - first) {
          let run = UnitRun(first: Int64(first), count: Int64(count))
          let mask = ((1 << count) - 1) << first
          var more = set
          more.insert(run)
          more.checkInvariants()
          #expect(Self.bits(of: more) == bits | mask)
          var fewer = set
          let removed = fewer.remove(run)
          fewer.checkInvariants()
          #expect(Self.bits(of: fewer) == bits & ~mask)
          #expect(removed == Int64((bits & mask).nonzeroBitCount))
          #expect(Self.bits(of: UnitRuns(set.intersection(run))) == bits & mask)
        }
      }
    }
  }

  @Test("takeFirst takes the lowest units, within both limits, and leaves the rest")
  func takeFirst() {
    let size = 7
    for bits in 0..<(1 << size) {
      for limit in Int64(0)...8 {
        for runLimit in 1...4 {
          var rest = Self.runs(ofBits: bits, count: size)
          let whole = rest
          let taken = rest.takeFirst(limit, runLimit: runLimit)
          taken.checkInvariants()
          rest.checkInvariants()
          #expect(taken.count <= limit && taken.runs.count <= runLimit)
          #expect(Self.bits(of: taken) & Self.bits(of: rest) == 0)
          #expect(Self.bits(of: taken) | Self.bits(of: rest) == bits)
          if let last = taken.runs.last, let next = rest.first { #expect(last.end <= next.first) }
          // As much as the limits allow.
          if taken.count < min(limit, whole.count) { #expect(taken.runs.count == runLimit) }
        }
      }
    }
  }

  @Test("unions and differences agree with a plain set under random changes")
  func random() {
    var seeds = SystemRandomNumberGenerator()
    let seed = seeds.next()
    print("UnitRunsTests: seed \(seed)")
    var random = SplitMix64(seed: seed)
    let size = 200
    var plain = [Bool](repeating: false, count: size)
    var set = UnitRuns()
    for _ in 0..<3000 {
      var other = UnitRuns()
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        let first = Int.random(in: 0..<size, using: &random)
        let count = Int.random(in: 0...min(30, size - first), using: &random)
        other.insert(UnitRun(first: Int64(first), count: Int64(count)))
      }
      let isUnion = Bool.random(using: &random)
      if isUnion { set.formUnion(other) } else { set.subtract(other) }
      for run in other.runs {
        for unit in run.first..<run.end { plain[Int(unit)] = isUnion }
      }
      set.checkInvariants()
      #expect((0..<size).allSatisfy { set.contains(Int64($0)) == plain[$0] })
    }
  }
}
