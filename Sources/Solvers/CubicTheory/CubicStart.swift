import Kernels

/// Where Newton's iteration starts.
///
/// Gamma is smooth within a phase, but at large d it has a ridge, of width 1/d, where the central and the
/// outer wells are equally deep: the mixed phase sits on it, and plain Newton steps would zigzag across.
/// There log Z = log(e^A + e^B), A and B the smooth logs of the two sides' masses, is written as the maximum
/// over phi of phi B + (1 - phi) A + H(phi), H the entropy, and Newton's iteration solves for w and the
/// droplets' share phi together. What it finds only has to be near: the damped iteration on Gamma itself
/// ends the search, so that nothing here decides about the result.
struct CubicStart {
  let ensemble: CubicEnsemble
  var w: SIMD2<Double>
  var evaluations = 0

  init(_ ensemble: CubicEnsemble) {
    self.ensemble = ensemble
    w = ensemble.gaussianStart
    let scale = ensemble.coexistenceScale(along: w)
    if scale < 1 { w *= scale }
    climb(isBeyondCoexistence: scale < 1)
  }

  private struct State {
    /// The gradient of Gamma's linear terms less N phi B' + (1 - phi) A'.
    var gradient: SIMD2<Double>
    var curvature: SIMD4<Double>
    /// B - A.
    var advantage: Double
    /// B' - A'.
    var difference: SIMD2<Double>
  }

  private mutating func sides() -> (
    inner: CubicEnsemble.LogMass, outer: CubicEnsemble.LogMass
  )? {
    let density = ensemble.density(at: w)
    evaluations += 1
    guard let sides = density.roughSides(density.landscape()) else { return nil }
    func logMass(_ side: ActionDensity.Integral) -> CubicEnsemble.LogMass {
      let mass = side.moments.powers[0]
      return CubicEnsemble.LogMass(
        value: side.shift + Elementary.log(mass), side.moments.powers / mass, w,
        strength: ensemble.strength)
    }
    return (logMass(sides.inner), logMass(sides.outer))
  }

  private mutating func climb(isBeyondCoexistence: Bool) {
    let count = ensemble.networkWidth
    var share = -1.0
    for _ in 0..<40 {
      guard let (inner, outer) = sides() else { return }
      let advantage = outer.value - inner.value
      let difference = outer.gradient - inner.gradient
      let base = ensemble.linearGradient(at: w) - count * inner.gradient
      if share < 0 {
        if !isBeyondCoexistence && advantage < -30 { return }
        // The share that balances the gradient best.
        let best = (base * difference).sum() / (count * (difference * difference).sum())
        share = min(max(best, 1e-6), 1 - 1e-6)
      }
      let h = ensemble.ridge + count * (share * outer.hessian + (1 - share) * inner.hessian)
      let gap = advantage - Elementary.log(share / (1 - share))
      let weight = count * share * (1 - share)
      let right = base - count * share * difference - weight * gap * difference
      let xx = h.x + weight * difference.x * difference.x
      let xy = h.y + weight * difference.x * difference.y
      let yy = h.z + weight * difference.y * difference.y
      let determinant = xx * yy - xy * xy
      guard determinant > 0 else { return }
      let step =
        SIMD2(yy * right.x - xy * right.y, xx * right.y - xy * right.x) / determinant
      let shareStep = share * (1 - share) * ((difference * step).sum() + gap)
      // To nine tenths of the way to where the share would leave (0, 1).
      var length = 1.0
      if share + shareStep <= 0 { length = min(length, 0.9 * share / -shareStep) }
      if share + shareStep >= 1 { length = min(length, 0.9 * (1 - share) / shareStep) }
      w += length * step
      share += length * shareStep
      let size = ((step * step).sum() / (w * w).sum()).squareRoot()
      if size < 1e-5 || share < 1e-9 || share > 1 - 1e-9 { return }
    }
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
}
