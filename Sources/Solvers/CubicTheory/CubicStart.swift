import Kernels

/// Where Newton's iteration starts.
///
/// Gamma is smooth within a phase, but at large d it has a ridge, of width 1/d, where the central and the
/// outer wells are equally deep: the mixed phase sits on it, and plain Newton steps would zigzag across.
/// There log Z = log(e^A + e^B), A and B the smooth logs of the two sides' masses, is written as the maximum
/// over phi of phi B + (1 - phi) A + H(phi), H the entropy, and Newton's iteration solves for w and the
/// droplets' share phi together: a saddle, concave in w and convex in phi. What it finds only has to be near:
/// the damped iteration on Gamma itself ends the search, so that nothing here decides about the result.
package struct CubicStart {
  let ensemble: CubicEnsemble
  package private(set) var w: SIMD2<Double>
  /// How often the density was integrated.
  private(set) var evaluations = 0

  package init(_ ensemble: CubicEnsemble) {
    self.ensemble = ensemble
    w = ensemble.gaussianStart
    let isBeyond = ensemble.coexistenceScale(along: w) < 1
    if isBeyond && ensemble.epsilon != 0 { w = ensemble.coexistenceStart() }
    guard let state = state(at: w, share: nil) else { return }
    if isBeyond && state.bestShare > 1 {
      w = ensemble.specialisedStart()
    } else if isBeyond || state.advantage > -30 {
      climb(from: state)
    }
  }

  /// By search instead of by guess: for the few ensembles where the guess is no good. Gamma's superlevel sets
  /// are convex, so that its best value on a ray is unimodal in the ray's direction; on a ray it is concave.
  package init(searching ensemble: CubicEnsemble) {
    self.ensemble = ensemble
    w = .zero
    let target = ensemble.target
    let forward = target / (target * target).sum().squareRoot()
    let across = SIMD2(-forward.y, forward.x)
    var best = (value: -Double.infinity, w: forward)
    var count = 0
    _ = goldenMaximum(from: -40, to: 40, steps: 44) { u in
      // Every direction with a part along the target, at all scales of the angle.
      let tangent = 1e-9 * (KernelMath.exp(abs(u)) - 1)
      let direction = forward + (u < 0 ? -tangent : tangent) * across
      let (value, w) = ensemble.highest(along: direction, &count)
      if value > best.value { best = (value, w) }
      return value
    }
    w = best.w
    evaluations = count
    if let state = state(at: w, share: nil) { climb(from: state) }
  }

  /// A point (w, phi) on the way to the saddle.
  private struct State {
    var w: SIMD2<Double>
    /// phi, within (0, 1).
    var share: Double
    /// The share that balances the gradient best; beyond 1 if no share does.
    var bestShare: Double
    /// B - A.
    var advantage: Double
    /// The Newton step from here.
    var step: SIMD2<Double>
    var shareStep: Double
    /// The squared residuals in the metric of the second derivatives.
    var merit: Double
  }

  /// Nothing where there are no two sides.
  /// - Parameter share: if nil, the one that balances the gradient best.
  private mutating func state(at w: SIMD2<Double>, share given: Double?) -> State? {
    let density = ensemble.density(at: w)
    evaluations += 1
    guard let sides = density.roughSides(density.landscape()) else { return nil }
    func logMass(_ side: ActionDensity.Integral) -> CubicEnsemble.LogMass {
      let mass = side.moments.powers[0]
      return CubicEnsemble.LogMass(
        value: side.shift + KernelMath.log(mass), side.moments.powers / mass, w,
        strength: ensemble.strength)
    }
    let inner = logMass(sides.inner)
    let outer = logMass(sides.outer)
    let count = ensemble.networkWidth
    let difference = outer.gradient - inner.gradient
    let base = ensemble.linearGradient(at: w) - count * inner.gradient
    let best = (base * difference).sum() / (count * (difference * difference).sum())
    let share = given ?? min(max(best, 1e-6), 1 - 1e-6)
    let gap = outer.value - inner.value - KernelMath.log(share / (1 - share))
    let slope = base - count * share * difference
    let metric = Symmetric(
      ensemble.ridge + count * (share * outer.hessian + (1 - share) * inner.hessian))
    let weight = count * share * (1 - share)
    let bordered = metric.adding(weight, times: difference)
    guard let along = metric.solve(slope),
      let step = bordered.solve(slope - weight * gap * difference)
    else { return nil }
    return State(
      w: w, share: share, bestShare: best, advantage: outer.value - inner.value, step: step,
      shareStep: share * (1 - share) * ((difference * step).sum() + gap),
      merit: (slope * along).sum() + weight * gap * gap)
  }

  private mutating func climb(from start: State) {
    var state = start
    for _ in 0..<40 {
      // To nine tenths of the way to where the share would leave (0, 1).
      var length = 1.0
      let (share, change) = (state.share, state.shareStep)
      if share + change <= 0 { length = 0.9 * share / -change }
      if share + change >= 1 { length = 0.9 * (1 - share) / change }
      var next: State?
      for _ in 0..<12 {
        next = self.state(at: state.w + length * state.step, share: share + length * change)
        if let next, next.merit <= (1 - 0.1 * length) * state.merit { break }
        next = nil
        length *= 0.4
      }
      guard let next else { break }
      state = next
      if state.merit < 1e-4 || state.share < 1e-9 || state.share > 1 - 1e-9 { break }
    }
    w = state.w
  }
}

/// A symmetric 2 x 2 matrix.
private struct Symmetric {
  var xx: Double
  var xy: Double
  var yy: Double

  init(_ entries: SIMD4<Double>) { (xx, xy, yy) = (entries.x, entries.y, entries.z) }

  func adding(_ weight: Double, times vector: SIMD2<Double>) -> Symmetric {
    Symmetric(
      SIMD4(xx, xy, yy, 0)
        + weight
        * SIMD4(vector.x * vector.x, vector.x * vector.y, vector.y * vector.y, 0))
  }

  func solve(_ right: SIMD2<Double>) -> SIMD2<Double>? {
    let determinant = xx * yy - xy * xy
    guard determinant > 0, determinant.isFinite else { return nil }
    return SIMD2(yy * right.x - xy * right.y, xx * right.y - xy * right.x) / determinant
  }
}

extension CubicEnsemble {
  /// The factor by which w must shrink or grow for its outer well to be as deep as the centre: with E =
  /// -2 stiffness r/(1 - 2r) + strength r (w1 - r w2)^2, its square is the least over r of
  /// 2 stiffness / (strength (1 - 2r) (w1 - r w2)^2).
  func coexistenceScale(along w: SIMD2<Double>) -> Double {
    func depth(_ r: Double) -> Double { (1 - 2 * r) * (w.x - r * w.y) * (w.x - r * w.y) }
    var deepest = depth(0)
    let r = (w.x + w.y) / (3 * w.y)
    if r > 0 && r < 0.5 { deepest = max(deepest, depth(r)) }
    return (2 * stiffness / (strength * deepest)).squareRoot()
  }

  /// The best w on the curve where an outer well is as deep as the centre, to leading order in 1/d.
  ///
  /// E = 0 and dE/dr = 0 at r give w1 - r w2 = f = +-sqrt(2 stiffness/(strength (1 - 2r))), w2 = -f/(1 - 2r),
  /// w1 = f (1 - 3r)/(1 - 2r). Along it Gamma is its linear terms and the central well's Gaussian,
  /// (N/2) log(1 - w1^2 strength/(2 stiffness)); where that is no maximum there is none.
  func coexistenceStart() -> SIMD2<Double> {
    let scale = (2 * stiffness / strength).squareRoot() * (epsilon < 0 ? 1 : -1)
    func point(_ square: Double) -> SIMD2<Double> {
      // 1 - 2r = 1/(1 + tau^2); 1 - 3r = (1 - tau^2/2)/(1 + tau^2).
      let f = scale * (1 + square).squareRoot()
      return SIMD2(f * (1 - 0.5 * square), -f * (1 + square))
    }
    func value(_ logarithm: Double) -> Double {
      let w = point(KernelMath.exp(logarithm))
      let softness = 1 - w.x * w.x / (scale * scale)
      guard softness > 0 else { return -.infinity }
      return (w * target).sum() - 0.5 * noise * (w.x * w.x + 1.5 * w.y * w.y)
        + 0.5 * networkWidth * KernelMath.log(softness)
    }
    // |w1| stays below f only from tau^2 = 0 to 9.2.
    return point(KernelMath.exp(goldenMaximum(from: -14, to: 2.5, value)))
  }

  /// The best w if all neurons sat in an outer well without width: at fixed r the equations are linear,
  /// (s diag(1, 3/2) + kappa v v^T) w = y with v = (1, -r), kappa = 2 N strength r; r minimises what Gamma is there.
  func specialisedStart() -> SIMD2<Double> {
    let free = SIMD2(1, 2 * epsilon) / noise
    func parts(_ logarithm: Double) -> (kappa: Double, v: SIMD2<Double>, shrunk: SIMD2<Double>) {
      let square = KernelMath.exp(logarithm)
      let r = 0.5 * square / (1 + square)
      return (2 * networkWidth * strength * r, SIMD2(1, -r), SIMD2(1, -r / 1.5) / noise)
    }
    func point(_ logarithm: Double) -> SIMD2<Double> {
      let (kappa, v, shrunk) = parts(logarithm)
      return free - kappa * (v * free).sum() / (1 + kappa * (v * shrunk).sum()) * shrunk
    }
    func value(_ logarithm: Double) -> Double {
      let (kappa, v, shrunk) = parts(logarithm)
      let along = (v * free).sum()
      return 0.5 * kappa * along * along / (1 + kappa * (v * shrunk).sum())
        - networkWidth * stiffness * KernelMath.exp(logarithm)
    }
    return point(goldenMaximum(from: -14, to: 30, value))
  }
}

extension CubicEnsemble {
  /// Gamma's maximum on a ray, by bisection of its derivative in the logarithm of the length. The bracket is
  /// strict, since 2 r <= 1: the derivative is at most (y - s D k) . e and at least that less
  /// k N strength (|e1| + |e2|/2)^2.
  fileprivate func highest(
    along direction: SIMD2<Double>, _ count: inout Int
  ) -> (value: Double, w: SIMD2<Double>) {
    let forward = (direction * target).sum()
    let ridge = noise * (direction.x * direction.x + 1.5 * direction.y * direction.y)
    let reach = abs(direction.x) + 0.5 * abs(direction.y)
    var low = KernelMath.log(forward / (ridge + networkWidth * strength * reach * reach))
    var high = KernelMath.log(forward / ridge)
    var best = (value: -Double.infinity, w: SIMD2<Double>())
    while high - low > 1e-7 {
      let middle = 0.5 * (low + high)
      let w = KernelMath.exp(middle) * direction
      let sample = sample(at: w)
      count += 1
      if sample.value > best.value { best = (sample.value, w) }
      if (sample.gradient * direction).sum() > 0 { low = middle } else { high = middle }
      if middle == low && middle == high { break }
    }
    return best
  }
}

/// Where a function with one maximum has it.
private func goldenMaximum(
  from low: Double, to high: Double, steps: Int = 28, _ function: (Double) -> Double
) -> Double {
  let ratio = 0.618_033_988_749_894_9
  var (low, high) = (low, high)
  var left = high - ratio * (high - low)
  var right = low + ratio * (high - low)
  var valueLeft = function(left)
  var valueRight = function(right)
  for _ in 0..<steps {
    if valueLeft > valueRight {
      (high, right, valueRight) = (right, left, valueLeft)
      left = high - ratio * (high - low)
      valueLeft = function(left)
    } else {
      (low, left, valueLeft) = (left, right, valueRight)
      right = low + ratio * (high - low)
      valueRight = function(right)
    }
  }
  return 0.5 * (low + high)
}
