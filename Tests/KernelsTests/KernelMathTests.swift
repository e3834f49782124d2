import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct KernelMathTests {
  /// Values of all sizes, and the hard ones.
  static func arguments(_ count: Int, seed: UInt64) -> [Double] {
    var random = SplitMix64(seed: seed)
    let special: [Double] = [
      0, -0.0, 1, -1, 0.5, 709.78, 709.79, 710, -708.4, -745.13, -745.14, -746, 1e-300,
      .leastNonzeroMagnitude,
      .infinity, -.infinity, .nan, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
    ]
    return special
      + (0..<count).map { k in
        let width = [1.0, 40, 745][k % 3]
        return Double.random(in: -width...width, using: &random)
      }
  }

  private static func unitInLastPlace(_ x: Double) -> Double {
    Swift.max(x.ulp, .leastNonzeroMagnitude)
  }

  #if arch(x86_64)
    @Test("exp and log are within one unit in the last place")
    func accuracy() {
      var worstExp = 0.0
      var worstLog = 0.0
      for x in Self.arguments(200_000, seed: 1) where x.isFinite {
        let exact = Foundation.exp(Float80(x))
        let value = KernelMath.exp(x)
        if exact < Float80(Double.greatestFiniteMagnitude) {
          let off = abs(Float80(value) - exact) / Float80(Self.unitInLastPlace(value))
          worstExp = max(worstExp, Double(off))
        } else {
          #expect(value == .infinity || value == .greatestFiniteMagnitude, "\(x)")
        }
        if value > 0 && value < .infinity {
          let exactLog = Foundation.log(Float80(value))
          let log = KernelMath.log(value)
          let off = abs(Float80(log) - exactLog) / Float80(Self.unitInLastPlace(log))
          worstLog = max(worstLog, Double(off))
        }
      }
      #expect(worstExp <= 1 && worstExp > 0.4)
      #expect(worstLog <= 1 && worstLog > 0.4)
    }
  #endif

  @Test("the ends of exp's and log's ranges are IEEE's")
  func ends() {
    #expect(KernelMath.exp(Double.infinity) == .infinity)
    #expect(KernelMath.exp(-Double.infinity) == 0)
    #expect(KernelMath.exp(Double.nan).isNaN)
    #expect(KernelMath.exp(0.0) == 1 && KernelMath.exp(-0.0) == 1)
    #expect(KernelMath.exp(710.0) == .infinity && KernelMath.exp(-746.0) == 0)
    #expect(KernelMath.exp(-745.1) == .leastNonzeroMagnitude)
    #expect(KernelMath.log(0) == -.infinity && KernelMath.log(1) == 0)
    #expect(KernelMath.log(-1).isNaN && KernelMath.log(.nan).isNaN)
    #expect(KernelMath.log(.infinity) == .infinity)
  }

  @Test(
    "every clone of exp gives the scalar one's bits, at every length",
    arguments: KernelClone.allCases.filter(\.isAvailable))
  func clones(_ clone: KernelClone) {
    let lengths = [0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 67, 127, 1000]
    let all = Self.arguments(1000, seed: 2)
    for length in lengths {
      let values = Array(all.prefix(length))
      let expected = values.map { KernelMath.exp($0) }
      let result = clone.exp(values)
      for (place, value) in values.enumerated() {
        let isSame =
          result[place].bitPattern == expected[place].bitPattern
          || (result[place].isNaN && expected[place].isNaN)
        #expect(isSame, "exp(\(value)) of \(clone)")
      }
      var inPlace = values
      KernelMath.exp(&inPlace)
      #expect(zip(inPlace, result).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) })
    }
  }
}
