extension ActionDensity {
  /// `sums`, a node at a time, in the order that it promises: the twin that the vector kernels are held to,
  /// bit for bit.
  public func naiveSums(
    about point: CriticalPoint, from low: Double, step: Double, count: Int, highest: Double
  ) -> (even: ActionMoments, odd: ActionMoments) {
    let expansion = ActionExpansion(self, at: point, highest: highest).expansion
    var lanes = [ActionMoments](repeating: ActionMoments(), count: 8)
    for k in 0..<((count + 7) & ~7) {
      let offset = (low - expansion.tau0) + step * Double(k)
      let change = offset * (2 * expansion.tau0 + offset)
      let square = expansion.square0 + change
      let y = 1 / (1 + square)
      let r = 0.5 * square * y
      let inner = y * (expansion.bend + expansion.cubic * r) - expansion.pull
      let exponent =
        change * (expansion.slope + expansion.quarter * change * y * inner) - expansion.shift
      var weight = KernelMath.exp(exponent < -700 ? -700 : exponent)
      if low == 0 && k == 0 { weight *= 0.5 }
      lanes[k % 8].powers[7] += weight * square
      for power in 0...6 {
        lanes[k % 8].powers[power] += weight
        weight *= r
      }
    }
    func added(_ first: Int) -> ActionMoments {
      ActionMoments(
        (lanes[first].powers + lanes[first + 2].powers)
          + (lanes[first + 4].powers + lanes[first + 6].powers))
    }
    return (added(0), added(1))
  }

  /// The same sums from the definition of E, with its rounding.
  public func plainSums(
    from low: Double, step: Double, count: Int, highest: Double
  ) -> (even: ActionMoments, odd: ActionMoments) {
    var sums = [ActionMoments(), ActionMoments()]
    for k in 0..<((count + 7) & ~7) {
      let tau = low + step * Double(k)
      let r = 0.5 * tau * tau / (1 + tau * tau)
      var weight = KernelMath.exp(exponent(atSquare: tau * tau) - highest)
      if low == 0 && k == 0 { weight *= 0.5 }
      sums[k % 2].powers[7] += weight * tau * tau
      for power in 0...6 {
        sums[k % 2].powers[power] += weight
        weight *= r
      }
    }
    return (sums[0], sums[1])
  }
}
