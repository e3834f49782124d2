import Kernels

/// The cubic teacher at finite d, as the concave function whose maximum is its self-consistent solution
/// (Design.md, "Cubic teacher").
///
/// Coordinates: w = (b, 2c) n/sigma2. With alpha = sigma_a2/N, r = q^2/D and beta = 2 alpha/pi
///
///     -d Shat = -d A/(4 sigma_w2) tau^2 + beta r (w1 - r w2)^2,      q = tau sqrt(A/2), A = 1 + 2 sigma_w2
///     Gamma(w) = w1 + 3 epsilon w2 - (s/2) (w1^2 + 3/2 w2^2) - N log Z(w),    s = sigma2/n
package struct CubicEnsemble: ConcaveFunction {
  package let n: Double
  package let d: Double
  package let networkWidth: Double
  package let sigma2: Double
  package let sigmaA2: Double
  package let sigmaW2: Double
  package let epsilon: Double

  /// s = sigma2/n.
  package let noise: Double
  /// A = 1 + 2 sigma_w2.
  package let breadth: Double
  /// d A/(4 sigma_w2).
  package let stiffness: Double
  /// beta = 2 sigma_a2/(pi N).
  package let strength: Double
  /// Of the quadrature: 1 for the usual step, 2 for half of it; for tests.
  package var refinement = 1.0

  package init(
    n: Double, d: Double, networkWidth: Double, sigma2: Double, sigmaA2: Double,
    sigmaW2: Double, epsilon: Double
  ) {
    self.n = n
    self.d = d
    self.networkWidth = networkWidth
    self.sigma2 = sigma2
    self.sigmaA2 = sigmaA2
    self.sigmaW2 = sigmaW2
    self.epsilon = epsilon
    noise = sigma2 / n
    breadth = 1 + 2 * sigmaW2
    stiffness = d * breadth / (4 * sigmaW2)
    strength = 2 * sigmaA2 / (Double.pi * networkWidth)
  }

  /// u = n^2 sigma_a2 / (sigma2^2 d N).
  package var interaction: Double { sigmaA2 / (noise * noise * d * networkWidth) }

  /// y in the coordinates of w.
  package var target: SIMD2<Double> { SIMD2(1, 3 * epsilon) }

  package func density(at w: SIMD2<Double>) -> ActionDensity {
    ActionDensity(
      stiffness: stiffness, linear: strength * w.x * w.x,
      quadratic: -2 * strength * w.x * w.y, cubic: strength * w.y * w.y)
  }

  package struct Sample: ConcaveSample {
    package var density: ActionDensity
    package var landscape: ActionDensity.Landscape
    package var integral: ActionDensity.Integral
    /// <r^k>, k = 0 ... 6, then <tau^2>.
    package var mean: SIMD8<Double>
    package var value = 0.0
    package var gradient = SIMD2<Double>()
    package var curvature = (0.0, 0.0, 0.0)
  }

  /// log of an integral of the density, with its first two derivatives in w.
  package struct LogMass {
    package var value: Double
    package var gradient: SIMD2<Double>
    /// Second derivatives xx, xy, yy.
    package var hessian: SIMD4<Double>

    /// - Parameter m: <r^k> over the stretch that is integrated.
    init(value: Double, _ m: SIMD8<Double>, _ w: SIMD2<Double>, strength beta: Double) {
      // dE/dw = 2 beta (r (w1 - r w2), -r^2 (w1 - r w2)).
      let first = w.x * m[1] - w.y * m[2]
      let second = w.x * m[2] - w.y * m[3]
      let (xx, xy, yy) = (w.x * w.x, 2 * w.x * w.y, w.y * w.y)
      // Variances are positive; rounding may say otherwise where a well is narrow.
      let variance1 = max(xx * m[2] - xy * m[3] + yy * m[4] - first * first, 0)
      let covariance = xx * m[3] - xy * m[4] + yy * m[5] - first * second
      let variance2 = max(xx * m[4] - xy * m[5] + yy * m[6] - second * second, 0)
      self.value = value
      gradient = 2 * beta * SIMD2(first, -second)
      hessian =
        2 * beta * SIMD4(m[1], -m[2], m[3], 0)
        + 4 * beta * beta * SIMD4(variance1, -covariance, variance2, 0)
    }
  }

  /// Gamma and its first two derivatives.
  package func sample(at w: SIMD2<Double>) -> Sample {
    let density = density(at: w)
    let landscape = density.landscape()
    let integral = density.integral(landscape, refinement: refinement)
    let mass = integral.moments.powers[0]
    let m = integral.moments.powers / mass
    var sample = Sample(density: density, landscape: landscape, integral: integral, mean: m)
    guard mass > 0 && mass.isFinite && integral.difference.isFinite else {
      // So far out that there is no integral: no place to step to.
      sample.value = -.infinity
      sample.gradient = SIMD2(.nan, .nan)
      return sample
    }
    let logMass = LogMass(
      value: integral.shift + KernelMath.log(mass), m, w, strength: strength)
    sample.value =
      (w * target).sum() - 0.5 * noise * (w.x * w.x + 1.5 * w.y * w.y)
      - networkWidth * logMass.value
    sample.gradient = linearGradient(at: w) - networkWidth * logMass.gradient
    let hessian = ridge + networkWidth * logMass.hessian
    sample.curvature = (hessian.x, hessian.y, hessian.z)
    return sample
  }

  /// The gradient of Gamma's first two terms.
  func linearGradient(at w: SIMD2<Double>) -> SIMD2<Double> {
    target - noise * SIMD2(w.x, 1.5 * w.y)
  }

  /// The curvature of Gamma's first two terms (xx, xy, yy).
  var ridge: SIMD4<Double> { noise * SIMD4(1, 0, 1.5, 0) }

  /// |x - s (Q + s I)^-1 y| / |y|, in x = (b, sqrt6 c).
  package func residual(at w: SIMD2<Double>, _ sample: Sample) -> Double {
    let coupling = 2 * strength * networkWidth
    let m = sample.mean
    let xx = noise + coupling * m[1]
    let xy = -coupling * m[2]
    let yy = 1.5 * noise + coupling * m[3]
    let determinant = xx * yy - xy * xy
    let solution = SIMD2(
      (yy - xy * target.y) / determinant, (xx * target.y - xy) / determinant)
    let off = noise * (w - solution)
    return ((off.x * off.x + 1.5 * off.y * off.y) / (1 + 6 * epsilon * epsilon)).squareRoot()
  }

  /// A first guess: as if all neurons stayed in the central well and it were a Gaussian. Its b solves
  /// b (1 + C/k(b)) = 1 with C = 4 sigma_a2/(pi s d A), k = 1/sigma_w2 - (4u/pi) b^2/A > 0; its c follows from the
  /// well's width.
  var gaussianStart: SIMD2<Double> {
    // In z = b^2 K: k = (1 - z) / sigma_w2; the left side rises from 0 to infinity as z goes from 0 to 1.
    let slope = 4 * interaction * sigmaW2 / (Double.pi * breadth)
    let feedback = 4 * sigmaA2 * sigmaW2 / (Double.pi * noise * d * breadth)
    var low = 0.0
    var high = min(1, 1 / slope.squareRoot())
    var b = 0.5 * high
    for _ in 0..<60 {
      let gap = 1 - slope * b * b
      let value = b * (1 + feedback / gap) - 1
      let derivative = 1 + feedback / gap + 2 * feedback * slope * b * b / (gap * gap)
      if value < 0 { low = b } else { high = b }
      var next = b - value / derivative
      if !(next > low && next < high) { next = 0.5 * (low + high) }
      if abs(next - b) <= 1e-6 * b { break }
      b = next
    }
    // <r^2> and <r^3> of a Gaussian of variance v/(1 - v) in tau, right for small and for large v.
    let width = 1 / (2 * stiffness * max(1 - slope * b * b, 1e-9))
    let v = width / (1 + width)
    let m2 = 0.75 * v * v / (1 + 2 * v)
    let m3 = 1.875 * v * v * v / (1 + 14 * v)
    let coupling = 2 * strength * networkWidth
    let w = b / noise
    return SIMD2(w, (target.y + coupling * m2 * w) / (1.5 * noise + coupling * m3))
  }
}
