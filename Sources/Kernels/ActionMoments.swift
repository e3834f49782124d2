/// Integrals over tau >= 0 of a density times 1, r, r^2, ... r^6 and tau^2.
public struct ActionMoments: Hashable, Sendable {
  /// Of r^0 ... r^6, then of tau^2.
  public var powers: SIMD8<Double>

  public init() { powers = .zero }
  init(_ powers: SIMD8<Double>) { self.powers = powers }
}

extension ActionDensity {
  /// The sums that `ActionMoments` are made of, over equidistant nodes tau = low + step k, k < count, apart
  /// for even and odd k: each is a trapezoid sum of twice the step, and what they differ by is its error.
  ///
  /// Where `low` is 0 the node there has weight 1/2. `count` is rounded up to a multiple of eight; the order
  /// of the sum is the same on every CPU.
  /// - Parameters:
  ///   - point: one of the density's critical points, about which E is evaluated.
  ///   - highest: taken off E, so that the largest term is about one.
  public func sums(
    about point: CriticalPoint, from low: Double, step: Double, count: Int, highest: Double,
    by clone: KernelClone = .best
  ) -> (even: ActionMoments, odd: ActionMoments) {
    ActionExpansion(self, at: point, highest: highest).sums(
      from: low, step: step, count: (count + 7) & ~7, by: clone)
  }
}
