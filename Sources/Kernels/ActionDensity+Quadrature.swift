/// The moments of a density by trapezoid sums over the windows where its mass is.
///
/// A trapezoid sum over a window at whose ends an analytic integrand has died out converges faster than
/// any power of the step; for a Gaussian of width w the relative error at step h is 2 exp(-2 pi^2 w^2/h^2).
/// The windows are the wells, down to e^-42 of the highest point, joined where the barrier between them is
/// higher than that; each has its own step, from its own largest curvature. So the cost is that of the
/// wells, whatever their width and distance.
///
/// The sums over even and odd nodes are two sums with twice the step, and their difference measures the
/// error of those. The error of the whole sum is at most about the square of that, so a difference of 1e-7
/// leaves 1e-14; where it is larger the step is halved.
extension ActionDensity {
  public struct Integral: Hashable, Sendable {
    /// Integrals over tau >= 0, times e^-shift.
    public var moments = ActionMoments()
    /// The largest E.
    public var shift = 0.0
    /// What the sums over even and over odd nodes differ by, relative, at worst among 1, r, r^2, r^3.
    public var difference = 0.0
    /// How many nodes were evaluated.
    public var nodeCount = 0
  }

  /// A stretch of tau >= 0 that holds mass, and the finest scale in it.
  struct Window {
    /// The highest well in it, about which E is expanded.
    var well: CriticalPoint
    var low: Double
    var high: Double
    var curvature: Double
  }

  static let depth = 42.0
  static let largestDifference = 1e-7
  static let largestNodeCount = 0x1p20

  /// - Parameter refinement: 1 for the usual step, 2 for half of it, and so on.
  public func integral(_ landscape: Landscape, refinement: Double = 1) -> Integral {
    let (first, second) = windows(landscape)
    var halvings = 0
    var stretch = refinement
    var nodeCount = 0
    while true {
      var result = Integral()
      result.shift = landscape.highest
      var difference = SIMD8<Double>()
      add(first, stretch, to: &result, &difference)
      if let second { add(second, stretch, to: &result, &difference) }
      nodeCount += result.nodeCount
      result.nodeCount = nodeCount
      for power in 0...3 {
        let moment = result.moments.powers[power]
        if moment > 0 {
          result.difference = Swift.max(result.difference, difference[power] / moment)
        }
      }
      if result.difference <= Self.largestDifference || result.difference == .infinity
        || halvings == 6
      {
        return result
      }
      halvings += 1
      stretch *= 2
    }
  }

  private func add(
    _ window: Window, _ refinement: Double, to result: inout Integral,
    _ difference: inout SIMD8<Double>
  ) {
    let length = window.high - window.low
    guard length > 0 else { return }
    let width = Swift.min(1 / window.curvature.squareRoot(), length / 12)
    let wanted = 2 * refinement * length / width
    guard wanted < Self.largestNodeCount else {
      // Far out of scale, or not a number: no integral, and the caller is told so.
      result.difference = .infinity
      return
    }
    let count = (Int(wanted.rounded(.up)) + 8) & ~7
    // The last node falls on the end or beyond it.
    let step = length / Double(count - 1)
    let sums = ActionExpansion(self, at: window.well, highest: result.shift).sums(
      from: window.low, step: step, count: count)
    result.moments.powers += step * (sums.even.powers + sums.odd.powers)
    let apart = step * (sums.even.powers - sums.odd.powers)
    difference += apart.replacing(with: -apart, where: apart .< .zero)
    result.nodeCount += count
  }

  private func windows(_ landscape: Landscape) -> (Window, Window?) {
    let target = landscape.highest - Self.depth
    let first = landscape.firstWell
    var inner = Window(well: first, low: 0, high: 0, curvature: abs(first.curvature))
    if landscape.innerWell != nil {
      if landscape.centre.exponent < target {
        inner.low = edge(from: first, towards: 0, target)
      } else {
        inner.curvature = Swift.max(inner.curvature, landscape.centre.curvature)
      }
    }
    guard let outer = landscape.outerWell, let barrier = landscape.barrier else {
      inner.high = edge(from: first, towards: .infinity, target)
      return (inner, nil)
    }
    let end = edge(from: outer, towards: .infinity, target)
    if barrier.exponent >= target {
      inner.high = end
      if outer.exponent > first.exponent { inner.well = outer }
      inner.curvature = Swift.max(
        inner.curvature, abs(barrier.curvature), abs(outer.curvature))
      return (inner, nil)
    }
    let start = edge(from: outer, towards: barrier.tau, target)
    let beyond = Window(well: outer, low: start, high: end, curvature: abs(outer.curvature))
    if first.exponent < target { return (beyond, nil) }
    inner.high = edge(from: first, towards: barrier.tau, target)
    return outer.exponent < target ? (inner, nil) : (inner, beyond)
  }

  /// A place beyond which E stays below `target` on the way from a well to `limit`, where E only falls: not
  /// far beyond the place where it gets there. The limit itself where E does not fall so far before it.
  private func edge(
    from well: CriticalPoint, towards limit: Double, _ target: Double
  ) -> Double {
    let drop = well.exponent - target
    guard drop > 0 else { return well.tau }
    let sign = limit < well.tau ? -1.0 : 1.0
    let room = abs(limit - well.tau)
    // As if it were a parabola; where it is flatter than the prior, that one's.
    let curvature = Swift.max(abs(well.curvature), 0.2 * stiffness)
    var distance = (2 * drop / curvature).squareRoot()
    func isBelow(_ distance: Double) -> Bool {
      let tau = well.tau + sign * distance
      return exponent(atSquare: tau * tau) < target
    }
    if distance < room && isBelow(distance) {
      while isBelow(0.8 * distance) { distance *= 0.8 }
    } else {
      // 400 factors of 1.2 are 32 decades: further than any finite action reaches.
      for _ in 0..<400 where distance < room && !isBelow(distance) { distance *= 1.2 }
    }
    return distance < room ? well.tau + sign * distance : limit
  }
}

extension ActionDensity {
  /// The integral of e^(E - shift) from the barrier to infinity, to full relative precision however small it
  /// is; 0 if there is no outer well. `shift` is the largest E, as in `Integral`.
  ///
  /// The density does not vanish at the barrier, so that a trapezoid sum would do badly there:
  /// Gauss-Legendre panels of three widths, relative to the outer well's own height.
  public func massBeyondBarrier(_ landscape: Landscape, refinement: Int = 1) -> Double {
    guard let outer = landscape.outerWell, let barrier = landscape.barrier else { return 0 }
    let target = outer.exponent - Self.depth
    let low =
      barrier.exponent < target
      ? edge(from: outer, towards: barrier.tau, target) : barrier.tau
    let high = edge(from: outer, towards: .infinity, target)
    let curvature = Swift.max(abs(outer.curvature), abs(barrier.curvature))
    let panels = (high - low) * curvature.squareRoot() / 3
    let expansion = ActionExpansion(self, at: outer, highest: outer.exponent)
    let sum = GaussLegendre.integral(
      from: low, to: high, panels: refinement * Swift.max(2, Int(panels.rounded(.up)))
    ) { KernelMath.exp(expansion.exponent(at: $0)) }
    return sum * KernelMath.exp(outer.exponent - landscape.highest)
  }
}

extension ActionDensity {
  /// The moments of one side of the barrier alone, relative to its own highest point, so that neither side
  /// is lost however small it is beside the other.
  ///
  /// Half the accuracy and cost of `integral`, and much less accuracy where the mass does not vanish at the
  /// barrier: to steer by, not for results.
  public func roughSides(_ landscape: Landscape) -> (inner: Integral, outer: Integral)? {
    guard let outer = landscape.outerWell, let barrier = landscape.barrier else { return nil }
    let first = landscape.firstWell
    var inside = Integral()
    inside.shift = first.exponent
    var low = 0.0
    if landscape.innerWell != nil, landscape.centre.exponent < first.exponent - Self.depth {
      low = edge(from: first, towards: 0, first.exponent - Self.depth)
    }
    let high = edge(from: first, towards: barrier.tau, first.exponent - Self.depth)
    var ignored = SIMD8<Double>()
    add(
      Window(well: first, low: low, high: high, curvature: abs(first.curvature)), 0.7, to: &inside,
      &ignored)
    var outside = Integral()
    outside.shift = outer.exponent
    let start = edge(from: outer, towards: barrier.tau, outer.exponent - Self.depth)
    let end = edge(from: outer, towards: .infinity, outer.exponent - Self.depth)
    add(
      Window(well: outer, low: start, high: end, curvature: abs(outer.curvature)), 0.7,
      to: &outside, &ignored)
    guard inside.moments.powers[0] > 0, outside.moments.powers[0] > 0 else { return nil }
    return (inside, outside)
  }
}
