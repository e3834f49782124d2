extension ActionDensity {
  /// `sums`, a node at a time, as the definition reads: the twin that the vector kernels are held to, bit
  /// for bit.
  public func naiveSums(
    start: Double, step: Double, count: Int, shift: Double
  ) -> (even: ActionMoments, odd: ActionMoments) {
    var lanes = [ActionMoments](repeating: ActionMoments(), count: 8)
    if start == 0 { lanes[0].powers[0] = -0.5 * Elementary.exp(Swift.max(-shift, -700)) }
    for k in 0..<((count + 7) & ~7) {
      let tau = start + step * Double(k)
      let tau2 = tau * tau
      let r = (0.5 * tau2) / (1 + tau2)
      let exponent = (r * (linear + r * (quadratic + r * cubic)) - stiffness * tau2) - shift
      var weight = Elementary.exp(exponent < -700 ? -700 : exponent)
      lanes[k % 8].powers[7] += weight * tau2
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
}
