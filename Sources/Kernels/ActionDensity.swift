import CKernels

/// The density e^E(tau) of the cubic teacher's order parameter, with
///
///     E = -stiffness tau^2 + linear r + quadratic r^2 + cubic r^3,    r = tau^2 / (2 (1 + tau^2)).
///
/// It is even, E(0) = 0, and for a positive stiffness it falls off as a Gaussian. All of q's scales are in
/// tau (see Solvers/Design.md), so that the poles lie at tau = +-i whatever the parameters are.
///
/// Its critical points are found exactly, not by search: dE/d(tau^2) = g'(r) (1 - 2r)^2 / 2 - stiffness,
/// g the cubic, has in r the derivative (1 - 2r) (g'' (1 - 2r) - 4 g') / 2, whose bracket is a quadratic. So
/// the slope is monotone on at most three pieces of the half line and has at most one zero on each.
public struct ActionDensity: Hashable, Sendable {
  public let stiffness: Double
  public let linear: Double
  public let quadratic: Double
  public let cubic: Double

  /// - Parameter stiffness: positive.
  public init(stiffness: Double, linear: Double, quadratic: Double, cubic: Double) {
    self.stiffness = stiffness
    self.linear = linear
    self.quadratic = quadratic
    self.cubic = cubic
  }

  /// E at a squared tau.
  public func exponent(atSquare square: Double) -> Double {
    let r = (0.5 * square) / (1 + square)
    return r * (linear + r * (quadratic + r * cubic)) - stiffness * square
  }

  /// dE/d(tau^2) and its own derivative in tau^2.
  func slope(atSquare square: Double) -> (slope: Double, derivative: Double) {
    let shrink = 1 / (1 + square)
    let r = 0.5 * square * shrink
    let first = linear + r * (2 * quadratic + r * (3 * cubic))
    let second = 2 * quadratic + r * (6 * cubic)
    let shrink2 = shrink * shrink
    return (
      0.5 * first * shrink2 - stiffness,
      shrink2 * (0.25 * second * shrink2 - first * shrink)
    )
  }

  /// A maximum or minimum of E on the half line.
  public struct CriticalPoint: Hashable, Sendable {
    /// tau squared; 0 at the centre.
    public var square: Double
    /// E there.
    public var exponent: Double
    /// The second derivative of E in tau: negative at a maximum.
    public var curvature: Double

    public var tau: Double { square.squareRoot() }
  }

  /// The critical points at tau >= 0. There are at most four, and minima and maxima alternate.
  public struct Landscape: Hashable, Sendable {
    /// The centre, a maximum of E (minimum of the action) if its curvature is negative.
    public var centre: CriticalPoint
    /// The maximum next to the centre where the centre is a minimum of E.
    public var innerWell: CriticalPoint?
    /// The minimum of E between two maxima at tau >= 0.
    public var barrier: CriticalPoint?
    /// The maximum beyond the barrier.
    public var outerWell: CriticalPoint?

    /// The maximum with the smallest tau.
    public var firstWell: CriticalPoint { innerWell ?? centre }
    /// The maximum with the largest tau > 0, if there is one.
    public var lastWell: CriticalPoint? { outerWell ?? innerWell }
    /// The largest E.
    public var highest: Double {
      Swift.max(firstWell.exponent, outerWell?.exponent ?? firstWell.exponent)
    }
  }

  public func landscape() -> Landscape {
    let atCentre = slope(atSquare: 0)
    let centre = CriticalPoint(square: 0, exponent: 0, curvature: 2 * atCentre.slope)
    var landscape = Landscape(centre: centre)
    var zeros: (Double, Double, Double) = (0, 0, 0)
    var count = 0
    // Beyond this the slope is negative: |g'| cannot reach 2 stiffness (1 + tau^2)^2.
    let reach = (0.5 * (abs(linear) + abs(quadratic) + 0.75 * abs(cubic)) / stiffness).squareRoot()
    var low = 0.0
    var lowSlope = atCentre.slope
    func search(upTo high: Double) {
      guard high > low else { return }
      let highSlope = slope(atSquare: high).slope
      if (lowSlope < 0) != (highSlope < 0) {
        let zero = zeroOfSlope(between: low, lowSlope, and: high)
        switch count {
        case 0: zeros.0 = zero
        case 1: zeros.1 = zero
        default: zeros.2 = zero
        }
        count += 1
      }
      low = high
      lowSlope = highSlope
    }
    let turns = turnsOfSlope()
    if turns.0 < reach { search(upTo: turns.0) }
    if turns.1 < reach { search(upTo: turns.1) }
    search(upTo: reach)
    if atCentre.slope < 0 {
      // At infinity the slope is negative again, so zeros come in pairs.
      if count >= 2 {
        landscape.barrier = criticalPoint(zeros.0)
        landscape.outerWell = criticalPoint(zeros.1)
      }
    } else if count >= 1 {
      landscape.innerWell = criticalPoint(zeros.0)
      if count >= 3 {
        landscape.barrier = criticalPoint(zeros.1)
        landscape.outerWell = criticalPoint(zeros.2)
      }
    }
    return landscape
  }

  private func criticalPoint(_ square: Double) -> CriticalPoint {
    CriticalPoint(
      square: square, exponent: exponent(atSquare: square),
      curvature: 4 * square * slope(atSquare: square).derivative)
  }

  /// Where the slope itself turns, as squares of tau in rising order; infinite where it does not.
  private func turnsOfSlope() -> (Double, Double) {
    let a = 12 * cubic
    let b = 6 * quadratic - 3 * cubic
    let c = 2 * linear - quadratic
    func square(_ r: Double) -> Double {
      r > 0 && r < 0.5 ? 2 * r / (1 - 2 * r) : .infinity
    }
    // In units of the largest coefficient, so that no square overflows.
    let largest = Swift.max(abs(a), abs(b), abs(c))
    guard largest > 0 else { return (.infinity, .infinity) }
    let (a1, b1, c1) = (a / largest, b / largest, c / largest)
    let discriminant = b1 * b1 - 4 * a1 * c1
    guard discriminant >= 0 else { return (.infinity, .infinity) }
    let root = discriminant.squareRoot()
    let half = -0.5 * (b1 + (b1 < 0 ? -root : root))
    let first = square(half / a1)
    let second = square(c1 / half)
    return first < second ? (first, second) : (second, first)
  }

  /// The zero of the slope between two squares of tau where it has opposite signs: Newton's iteration,
  /// kept in the bracket by bisection.
  private func zeroOfSlope(between low: Double, _ lowSlope: Double, and high: Double) -> Double {
    var low = low
    var high = high
    var at = 0.5 * (low + high)
    for _ in 0..<200 {
      let here = slope(atSquare: at)
      if here.slope == 0 { return at }
      if (here.slope < 0) == (lowSlope < 0) { low = at } else { high = at }
      var next = at - here.slope / here.derivative
      if !(next > low && next < high) { next = 0.5 * (low + high) }
      if abs(next - at) <= 1e-16 * next || next == low || next == high { return next }
      at = next
    }
    return at
  }
}
