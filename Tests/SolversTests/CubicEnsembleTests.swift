import Foundation
import Solvers
import SweepModel
import TestSupport
import Testing

/// The concave function behind the theory, held against its definition.
@Suite struct CubicEnsembleTests {
  static func logUniform(
    _ low: Double, _ high: Double, _ random: inout SplitMix64
  ) -> Double {
    Foundation.exp(Double.random(in: Foundation.log(low)...Foundation.log(high), using: &random))
  }

  /// Moderate ensembles, in and around the paper's range.
  static func moderate(_ random: inout SplitMix64) -> CubicEnsemble {
    let beta = logUniform(0.05, 20, &random)
    return CubicEnsemble(
      n: 3000 * beta, d: 150 * beta.squareRoot(), networkWidth: 700 * beta,
      sigma2: logUniform(0.04, 1, &random), sigmaA2: 8 / 700 / beta.squareRoot(),
      sigmaW2: logUniform(0.2, 1, &random),
      epsilon: Double.random(in: -1.2...0.6, using: &random))
  }

  /// A point at the scale where the wells form.
  static func point(_ ensemble: CubicEnsemble, _ random: inout SplitMix64) -> SIMD2<Double> {
    SIMD2(
      Double.random(in: -0.5...0.8, using: &random),
      2 * Double.random(in: -1...0.5, using: &random)) / ensemble.noise
  }

  @Test("gradient and Hessian are those of the value, by differences")
  func derivatives() {
    var random = SplitMix64(seed: 21)
    for _ in 0..<200 {
      let ensemble = Self.moderate(&random)
      let w = Self.point(ensemble, &random)
      let here = ensemble.sample(at: w)
      let h = 1e-5 * (w * w).sum().squareRoot()
      let steps = [SIMD2(h, 0), SIMD2(0, h)]
      // The third derivative is about d times the second.
      let hessian = [here.curvature.0, here.curvature.1, here.curvature.1, here.curvature.2]
      let size = hessian.map { abs($0) }.reduce(0, +)
      for (axis, step) in steps.enumerated() {
        let above = ensemble.sample(at: w + step)
        let below = ensemble.sample(at: w - step)
        let slope = (above.value - below.value) / (2 * h)
        let rounding = 1e-15 * (abs(above.value) + ensemble.networkWidth * ensemble.d) / h
        #expect(
          abs(slope - here.gradient[axis]) <= 1e-2 * size * h + 50 * rounding,
          "d/dw\(axis) of \(ensemble) at \(w)")
        let bend = (above.gradient - below.gradient) / (2 * h)
        for other in 0...1 {
          #expect(
            abs(-bend[other] - hessian[2 * axis + other]) <= 2e-3 * size,
            "d2/dw\(axis)dw\(other) of \(ensemble) at \(w)")
        }
      }
    }
  }

  @Test("Gamma is concave on random segments")
  func concavity() {
    var random = SplitMix64(seed: 22)
    for _ in 0..<2000 {
      let ensemble = Self.moderate(&random)
      let a = Self.point(ensemble, &random)
      let b = Self.point(ensemble, &random)
      let share = Double.random(in: 0.05...0.95, using: &random)
      let middle = ensemble.sample(at: share * a + (1 - share) * b).value
      let (valueA, valueB) = (ensemble.sample(at: a).value, ensemble.sample(at: b).value)
      let chord = share * valueA + (1 - share) * valueB
      #expect(
        middle >= chord - 1e-12 * (abs(valueA) + abs(valueB)), "\(ensemble), \(a), \(b)")
    }
  }

  @Test("the definition, by brute force: Q from the integral over q as the paper writes it")
  func definition() {
    var random = SplitMix64(seed: 23)
    for _ in 0..<40 {
      let ensemble = Self.moderate(&random)
      let solution = CubicSolution(ensemble)
      #expect(solution.failure == nil)
      let (b, c) = (solution.b, solution.c)
      // d Shat(q) = d q^2/(2 sigma_w2) - (d u/2) (v.x)^2, x = (b, sqrt6 c); v1, v2 as printed.
      func features(_ q: Double) -> (Double, Double) {
        let breadth = 1 + 2 * (ensemble.sigmaW2 + q * q)
        return (
          2 / Double.pi.squareRoot() * q / breadth.squareRoot(),
          -4 / (6 * Double.pi).squareRoot() * q * q * q / (breadth * breadth.squareRoot())
        )
      }
      func exponent(_ q: Double) -> Double {
        let (v1, v2) = features(q)
        let along = v1 * b + v2 * 6.0.squareRoot() * c
        return -ensemble.d * q * q / (2 * ensemble.sigmaW2)
          + 0.5 * ensemble.d * ensemble.interaction * along * along
      }
      let highest = -ensemble.d * (solution.outer.map { solution.place($0.well).action } ?? 0)
      let shift = max(highest, 0)
      var sums = [Double](repeating: 0, count: 5)
      let count = 40_000
      for k in -count...count {
        let q = 4 * Double(k) / Double(count)
        let weight = Foundation.exp(exponent(q) - shift)
        let (v1, v2) = features(q)
        for (place, value) in [1, v1 * v1, v1 * v2, v2 * v2, q * q].enumerated() {
          sums[place] += weight * value
        }
      }
      let (xx, xy, yy) = (
        ensemble.sigmaA2 * sums[1] / sums[0], ensemble.sigmaA2 * sums[2] / sums[0],
        ensemble.sigmaA2 * sums[3] / sums[0]
      )
      let s = ensemble.noise
      let y = (1.0, 6.0.squareRoot() * ensemble.epsilon)
      let determinant = (xx + s) * (yy + s) - xy * xy
      let x1 = s * ((yy + s) * y.0 - xy * y.1) / determinant
      let x2 = s * ((xx + s) * y.1 - xy * y.0) / determinant
      // The map from x to itself is steep by about d.
      #expect(abs(x1 - b) < 1e-8 && abs(x2 / 6.0.squareRoot() - c) < 1e-8, "\(ensemble)")
      #expect(abs(solution.meanSquare / (sums[4] / sums[0]) - 1) < 1e-9)
    }
  }

  @Test("half the step of the quadrature changes no column by more than 1e-12")
  func refinement() {
    var random = SplitMix64(seed: 24)
    for scale in [1, 10, 100, 1000] as [Double] {
      for _ in 0..<50 {
        let base = Self.moderate(&random)
        let ensemble = CubicEnsemble(
          n: base.n * scale * scale, d: base.d * scale, networkWidth: base.networkWidth,
          sigma2: base.sigma2, sigmaA2: base.sigmaA2 / scale, sigmaW2: base.sigmaW2,
          epsilon: base.epsilon)
        let solution = CubicSolution(ensemble)
        #expect(solution.failure == nil, "\(ensemble)")
        var finer = ensemble
        finer.refinement = 2
        let other = finer.sample(at: solution.w)
        for power in [1, 2, 3, 7] {
          let (coarse, fine) = (solution.sample.mean[power], other.mean[power])
          #expect(abs(coarse / fine - 1) <= 1e-12, "<r^\(power)> of \(ensemble)")
        }
      }
    }
  }
}
