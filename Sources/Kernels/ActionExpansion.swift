import CKernels

/// A density about one of its critical points, exactly rearranged so that E - E0 loses nothing to
/// cancellation: E itself is a difference of terms that may be 10^9 and more, and e^E would inherit their
/// rounding.
///
/// With rho = tau^2, y = 1/(1 + rho), r = (1 - y)/2 and delta = rho - rho0, so that r - r0 = delta y y0/2:
///
///     E - E0 = (r - r0) P(r) - stiffness delta,   P(r) = linear + quadratic (r + r0) + cubic (r^2 + r r0 + r0^2)
///            = delta (y y0 P(r)/2 - stiffness)
///
/// The bracket is the slope dE/drho at rho0 (all but zero there) and y0/2 (y P(r) - y0 P(r0)), in which
/// y - y0 = -2 (r - r0) and P(r) - P(r0) = (r - r0) (quadratic + cubic (r + 2 r0)). Hence
///
///     E - E0 = delta (slope + y0^2/4 delta y (y (quadratic + 2 cubic r0 + cubic r) - 2 P(r0)))
struct ActionExpansion {
  private(set) var expansion: spinodal_expansion
  /// Where tau is measured from.
  let tau: Double

  /// - Parameter highest: what is taken off E.
  init(_ density: ActionDensity, at point: ActionDensity.CriticalPoint, highest: Double) {
    let y = 1 / (1 + point.square)
    let r = 0.5 * point.square * y
    tau = point.square.squareRoot()
    expansion = spinodal_expansion(
      tau0: tau, square0: point.square, slope: density.slope(atSquare: point.square).slope,
      quarter: 0.25 * y * y, bend: density.quadratic + 2 * density.cubic * r,
      cubic: density.cubic,
      pull: 2 * (density.linear + r * (2 * density.quadratic + r * (3 * density.cubic))),
      shift: highest - point.exponent)
  }

  /// Sums over equidistant nodes; see `ActionDensity.sums`.
  func sums(
    from low: Double, step: Double, count: Int, by clone: KernelClone = .best
  ) -> (even: ActionMoments, odd: ActionMoments) {
    var sums = SIMD16<Double>()
    withUnsafeMutableBytes(of: &sums) { bytes in
      let sums = bytes.assumingMemoryBound(to: Double.self).baseAddress
      withUnsafePointer(to: expansion) { expansion in
        let halves: Int32 = low == 0 ? 1 : 0
        if clone == .best {
          spinodal_action_moments(expansion, low - tau, step, Int64(count), halves, sums)
        } else {
          precondition(clone.isAvailable, "this CPU lacks the clone")
          spinodal_action_moments_clone(
            clone.rawValue, expansion, low - tau, step, Int64(count), halves, sums)
        }
      }
    }
    return (ActionMoments(sums.lowHalf), ActionMoments(sums.highHalf))
  }

  /// E - highest at eight places.
  func exponent(at tau: SIMD8<Double>) -> SIMD8<Double> {
    let offset = tau - self.tau
    let change = offset * (2 * self.tau + offset)
    let square = expansion.square0 + change
    let y = 1 / (1 + square)
    let r = 0.5 * square * y
    let steep = expansion.quarter * change * y
    let inner = y * (expansion.bend + expansion.cubic * r) - expansion.pull
    return change * (expansion.slope + steep * inner) - expansion.shift
  }
}
