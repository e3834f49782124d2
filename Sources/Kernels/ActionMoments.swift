import CKernels

/// Integrals over tau >= 0 of a density times 1, r, r^2, ... r^6 and tau^2.
public struct ActionMoments: Hashable, Sendable {
  /// Of r^0 ... r^6.
  public var powers: SIMD8<Double>
  /// Of tau^2.
  public var square: Double { powers[7] }

  public init() { powers = .zero }
  init(_ powers: SIMD8<Double>) { self.powers = powers }
}

extension ActionDensity {
  /// The sums that `ActionMoments` are made of, over equidistant nodes start + step k, k < count, apart
  /// for even and odd k: each is a trapezoid sum of twice the step, and what they differ by is its error.
  ///
  /// Where `start` is 0 the node there has weight 1/2. `count` is rounded up to a multiple of eight; the
  /// order of the sum is the same on every CPU.
  /// - Parameter shift: taken off E, so that the largest term is about one.
  public func sums(
    start: Double, step: Double, count: Int, shift: Double, by clone: KernelClone = .best
  ) -> (even: ActionMoments, odd: ActionMoments) {
    var action = spinodal_action(
      stiffness: stiffness, linear: linear, quadratic: quadratic, cubic: cubic, shift: shift)
    var sums = SIMD16<Double>()
    withUnsafeMutableBytes(of: &sums) { bytes in
      let sums = bytes.assumingMemoryBound(to: Double.self).baseAddress
      let count = Int64((count + 7) & ~7)
      if clone == .best {
        spinodal_action_moments(&action, start, step, count, sums)
      } else {
        precondition(clone.isAvailable, "this CPU lacks the clone")
        spinodal_action_moments_clone(clone.rawValue, &action, start, step, count, sums)
      }
    }
    return (ActionMoments(sums.lowHalf), ActionMoments(sums.highHalf))
  }
}
