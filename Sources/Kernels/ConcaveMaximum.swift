/// A smooth, strictly concave function of two variables: what `ConcaveMaximum` climbs.
public protocol ConcaveFunction {
  associatedtype Sample: ConcaveSample
  mutating func sample(at point: SIMD2<Double>) -> Sample
}

/// Its value and first two derivatives at a point.
public protocol ConcaveSample {
  var value: Double { get }
  var gradient: SIMD2<Double> { get }
  /// The negative of the second derivatives (xx, xy, yy): positive definite.
  var curvature: (Double, Double, Double) { get }
}

/// Newton's iteration for the maximum of a concave function, damped so that it climbs from anywhere.
///
/// Over a kink, where the slope changes within a small part of the step, it needs the more steps the
/// sharper it is; whoever has kinks starts near the maximum.
///
/// Along the Newton direction the derivative only falls. A step is taken if it does not overshoot, if the
/// value rises as Armijo asks, or if next to nothing is left of the derivative (then the values may differ
/// by less than their rounding); else it is cut where the derivative's secant has its zero, within the
/// bracket, or at the bracket's middle every other time.
public struct ConcaveMaximum<Function: ConcaveFunction> {
  public var point: SIMD2<Double>
  public var sample: Function.Sample
  /// Newton steps taken.
  public var iterations = 0
  /// Times the function was evaluated.
  public var evaluations = 1
  /// The last Newton step, relative to the point, component by component, at worst.
  public var lastStep = Double.infinity
  public var hasConverged = false

  @inlinable
  public init(
    of function: inout Function, from start: SIMD2<Double>, iterationLimit: Int = 200
  ) {
    point = start
    sample = function.sample(at: start)
    var smallest = Double.infinity
    while iterations < iterationLimit {
      let direction = Self.newtonStep(sample)
      let size = Self.relative(direction, to: point)
      guard size.isFinite else { return }
      iterations += 1
      lastStep = size
      // Twice what the step should gain. Where that is small the iteration converges by itself, mostly
      // quadratically, until it is down in the rounding: stop where it stops to fall.
      let gain = (direction * sample.gradient).sum()
      let isNear = gain < 1e-9 || (gain < 1e-3 && size < 1e-9)
      if size < 1e-14 || (isNear && size >= 0.9 * smallest) {
        hasConverged = true
        return
      }
      smallest = isNear ? Swift.min(smallest, size) : .infinity
      step(&function, direction, isNear: isNear)
    }
  }

  @inlinable
  mutating func step(
    _ function: inout Function, _ direction: SIMD2<Double>, isNear: Bool
  ) {
    let origin = point
    let value = sample.value
    let slope = (direction * sample.gradient).sum()
    var low = 0.0
    var lowSlope = slope
    var high = Double.infinity
    var length = 1.0
    for attempt in 0..<60 {
      let trial = origin + length * direction
      let there = function.sample(at: trial)
      evaluations += 1
      let newSlope = (direction * there.gradient).sum()
      let isAccepted =
        isNear || newSlope >= -0.01 * slope && newSlope <= 0.9 * slope
        || there.value >= value + 0.1 * length * slope
      if isAccepted || attempt == 59 {
        point = trial
        sample = there
        return
      }
      if newSlope > 0 {
        low = length
        lowSlope = newSlope
      } else {
        high = length
      }
      let middle = 0.5 * (low + high)
      let secant = low + (length - low) * lowSlope / (lowSlope - newSlope)
      let isInside = secant > low + 0.05 * (high - low) && secant < high - 0.05 * (high - low)
      length = isInside && attempt % 2 == 0 ? secant : middle
    }
  }

  /// The solution of curvature x step = gradient.
  @inlinable
  static func newtonStep(_ sample: Function.Sample) -> SIMD2<Double> {
    let (xx, xy, yy) = sample.curvature
    // Scaled to a unit diagonal, so that the determinant keeps what precision there is.
    let sx = 1 / xx.squareRoot()
    let sy = 1 / yy.squareRoot()
    let correlation = Swift.min(Swift.max(xy * sx * sy, -1), 1)
    let determinant = Swift.max(1 - correlation * correlation, 1e-14)
    let gx = sample.gradient.x * sx
    let gy = sample.gradient.y * sy
    return SIMD2(
      sx * (gx - correlation * gy) / determinant, sy * (gy - correlation * gx) / determinant)
  }

  @inlinable
  static func relative(_ step: SIMD2<Double>, to point: SIMD2<Double>) -> Double {
    let scale = (point * point).sum().squareRoot()
    return (step * step).sum().squareRoot() / Swift.max(scale, .leastNormalMagnitude)
  }
}
