import Kernels
import TestSupport
import Testing

@Suite struct ConcaveMaximumTests {
  struct Sample: ConcaveSample {
    var value: Double
    var gradient: SIMD2<Double>
    var curvature: (Double, Double, Double)
  }

  /// -log of a sum of e^(sharpness a_k . x) less x.x/2: a kink for each pair of terms, of width
  /// 1/sharpness, as the theory's ridge has.
  struct Kinked: ConcaveFunction {
    var sharpness: Double
    var slopes: [SIMD2<Double>]
    var target: SIMD2<Double>

    func sample(at point: SIMD2<Double>) -> Sample {
      let exponents = slopes.map { sharpness * ($0 * point).sum() }
      let highest = exponents.max() ?? 0
      let weights = exponents.map { KernelMath.exp($0 - highest) }
      let total = weights.reduce(0, +)
      var mean = SIMD2<Double>()
      for (weight, slope) in zip(weights, slopes) { mean += weight / total * slope }
      var xx = 1.0
      var xy = 0.0
      var yy = 1.0
      for (weight, slope) in zip(weights, slopes) {
        let off = slope - mean
        xx += sharpness * weight / total * off.x * off.x
        xy += sharpness * weight / total * off.x * off.y
        yy += sharpness * weight / total * off.y * off.y
      }
      return Sample(
        value: (target * point).sum() - 0.5 * (point * point).sum()
          - (highest + KernelMath.log(total)) / sharpness,
        gradient: target - point - mean, curvature: (xx, xy, yy))
    }
  }

  @Test(
    "it finds the maximum from far away, over kinks up to a thousandth wide", arguments: 1...200)
  func kinks(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    func vector(_ size: Double) -> SIMD2<Double> {
      SIMD2(
        Double.random(in: -size...size, using: &random),
        Double.random(in: -size...size, using: &random))
    }
    var sharpness = 1.0
    for _ in 0..<(seed % 4) { sharpness *= 10 }
    var function = Kinked(
      sharpness: sharpness, slopes: (0..<3).map { _ in vector(3) }, target: vector(3))
    let maximum = ConcaveMaximum(of: &function, from: vector(100), iterationLimit: 5000)
    #expect(maximum.hasConverged, "seed \(seed)")
    // Strictly concave with curvature of at least one: the distance is at most the gradient's length.
    let gradient = function.sample(at: maximum.point).gradient
    #expect((gradient * gradient).sum().squareRoot() < 1e-7, "seed \(seed)")
    for _ in 0..<20 {
      let other = maximum.point + vector(1)
      #expect(function.sample(at: other).value <= maximum.sample.value + 1e-12)
    }
  }

  /// Beyond its unit disk the function cannot be evaluated.
  struct Bounded: ConcaveFunction {
    func sample(at point: SIMD2<Double>) -> Sample {
      let room = 1 - (point * point).sum()
      guard room > 0 else {
        return Sample(value: -.infinity, gradient: SIMD2(.nan, .nan), curvature: (0, 0, 0))
      }
      return Sample(
        value: 1e-3 * KernelMath.log(room) + point.x,
        gradient: SIMD2(1, 0) - 2e-3 / room * point,
        curvature: (
          2e-3 / room + 4e-3 * point.x * point.x / (room * room),
          4e-3 * point.x * point.y / (room * room),
          2e-3 / room + 4e-3 * point.y * point.y / (room * room)
        ))
    }
  }

  @Test("a step to where the function has no value is cut short")
  func bounded() {
    var function = Bounded()
    let maximum = ConcaveMaximum(of: &function, from: SIMD2(0, 0.5))
    #expect(maximum.hasConverged)
    // 1 = 2e-3 x / (1 - x^2)
    let exact = -1e-3 + (1e-6 + 1).squareRoot()
    #expect(abs(maximum.point.x - exact) < 1e-12 && abs(maximum.point.y) < 1e-12)
  }
}
