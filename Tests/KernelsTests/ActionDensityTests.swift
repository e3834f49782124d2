import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct ActionDensityTests {
  /// Densities of every shape: the cubic is strength r (w1 - r w2)^2 with any ratio and sign of w.
  static func random(_ random: inout SplitMix64) -> ActionDensity {
    func logUniform(_ low: Double, _ high: Double) -> Double {
      Foundation.exp(Double.random(in: Foundation.log(low)...Foundation.log(high), using: &random))
    }
    let stiffness = logUniform(0.5, 1e6)
    let w1 = logUniform(0.05, 20) * (stiffness).squareRoot()
    let w2 = logUniform(0.05, 20) * w1 * (Bool.random(using: &random) ? 1 : -1)
    return ActionDensity(
      stiffness: stiffness, linear: w1 * w1, quadratic: -2 * w1 * w2, cubic: w2 * w2)
  }

  @Test(
    "every clone gives the naive twin's bits, at every length",
    arguments: KernelClone.allCases.filter(\.isAvailable))
  func clones(_ clone: KernelClone) {
    var random = SplitMix64(seed: 3)
    for count in [1, 2, 7, 8, 9, 16, 17, 24, 63, 64, 65, 200] {
      for low in [0, 0.25] {
        let density = Self.random(&random)
        let landscape = density.landscape()
        let step = 3 / density.stiffness.squareRoot() / Double(count)
        for well in [landscape.firstWell, landscape.outerWell ?? landscape.centre] {
          let naive = density.naiveSums(
            about: well, from: low, step: step, count: count, highest: landscape.highest)
          let fast = density.sums(
            about: well, from: low, step: step, count: count, highest: landscape.highest,
            by: clone)
          #expect(naive.even == fast.even && naive.odd == fast.odd, "\(density), \(count)")
        }
      }
    }
  }

  @Test("expanding E about a critical point changes nothing but its rounding")
  func expansion() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<500 {
      let density = Self.random(&random)
      let landscape = density.landscape()
      let step = 0.1 / density.stiffness.squareRoot()
      let size = abs(density.linear) + abs(density.quadratic) + abs(density.cubic)
      for well in [landscape.firstWell, landscape.outerWell ?? landscape.centre] {
        let low = Swift.max(well.tau - 10 * step, 0)
        let expanded = density.sums(
          about: well, from: low, step: step, count: 24, highest: well.exponent)
        let plain = density.plainSums(
          from: low, step: step, count: 24, highest: well.exponent)
        for place in 0..<8 {
          let (a, b) = (expanded.even.powers[place], plain.even.powers[place])
          #expect(abs(a - b) <= (1e-13 + 1e-15 * size) * b, "\(density) at \(well)")
        }
      }
    }
  }

  @Test("the critical points are the zeros of the slope, and no maximum is missed")
  func landscape() {
    var random = SplitMix64(seed: 4)
    var outerCount = 0
    var innerCount = 0
    for _ in 0..<2000 {
      let density = Self.random(&random)
      let landscape = density.landscape()
      // A dense search in tau^2, evenly in its logarithm.
      var best = 0.0
      var previous = 0.0
      var isRising = false
      var maxima = 0
      for k in 0...4000 {
        let square = Foundation.exp(-18 + 30 * Double(k) / 4000)
        let value = density.exponent(atSquare: square)
        best = max(best, value)
        if value < previous && isRising { maxima += 1 }
        if value != previous { isRising = value > previous }
        previous = value
      }
      let size = 1e-9 * (abs(density.linear) + abs(density.quadratic) + abs(density.cubic))
      #expect(landscape.highest >= best - size, "\(density)")
      #expect(landscape.highest <= best + 1e-2 * (abs(best) + density.stiffness), "\(density)")
      let found = (landscape.innerWell == nil ? 0 : 1) + (landscape.outerWell == nil ? 0 : 1)
      // The search may miss a shallow maximum; the landscape may not.
      #expect(maxima <= found, "\(density)")
      for point in [landscape.innerWell, landscape.barrier, landscape.outerWell] {
        guard let point else { continue }
        let h = 1e-4 * point.square
        let above = density.exponent(atSquare: point.square + h)
        let below = density.exponent(atSquare: point.square - h)
        let isMaximum = point != landscape.barrier
        let bend = (above - point.exponent) + (below - point.exponent)
        #expect(isMaximum ? bend <= size : bend >= -size, "\(point) of \(density)")
        #expect((point.curvature <= 0) == isMaximum || abs(point.curvature) < size)
        // The second derivative in tau, from E as a function of tau^2.
        let second = bend / (h * h) * 4 * point.square
        #expect(
          abs(second - point.curvature) <= 1e-3 * abs(point.curvature) + 1e9 * size / h,
          "\(point) of \(density)")
      }
      outerCount += landscape.outerWell == nil ? 0 : 1
      innerCount += landscape.innerWell == nil ? 0 : 1
    }
    #expect(outerCount > 100 && innerCount > 100, "\(outerCount), \(innerCount)")
  }

  /// <r^k> from 0 to where nothing is left, by Gauss-Legendre panels of a hundredth of the finest width:
  /// nothing in common with the trapezoid sums but E.
  private static func moments(_ density: ActionDensity, shift: Double) -> [Double] {
    let landscape = density.landscape()
    let farthest = landscape.lastWell?.tau ?? 0
    let end = farthest + 12 / (0.5 * density.stiffness).squareRoot()
    let curvature = [landscape.centre, landscape.innerWell, landscape.barrier, landscape.outerWell]
      .reduce(density.stiffness) { max($0, abs($1?.curvature ?? 0)) }
    let panels = min(max(40, Int(end * curvature.squareRoot())), 20_000)
    return (0...3).map { power in
      GaussLegendre.integral(from: 0, to: end, panels: panels) { tau in
        let square = tau * tau
        let r = 0.5 * square / (1 + square)
        var value = KernelMath.exp(
          r * (density.linear + r * (density.quadratic + r * density.cubic))
            - density.stiffness * square - shift)
        for _ in 0..<power { value *= r }
        return value
      }
    }
  }

  @Test("the quadrature is right to 1e-12, against half the step and against Gauss-Legendre panels")
  func quadrature() {
    var random = SplitMix64(seed: 5)
    var worstStep = 0.0
    var worstPanels = 0.0
    for _ in 0..<80 {
      let density = Self.random(&random)
      let landscape = density.landscape()
      let once = density.integral(landscape)
      let twice = density.integral(landscape, refinement: 2)
      #expect(once.difference <= 1e-7)
      #expect(once.shift == landscape.highest)
      let panels = Self.moments(density, shift: once.shift)
      // E is a difference of terms of this size, and e^E inherits their rounding.
      let size = abs(density.linear) + abs(density.quadratic) + abs(density.cubic)
      let rounding = 1e-12 + 4e-16 * size
      for power in 0...3 {
        let value = once.moments.powers[power]
        let offStep = abs(twice.moments.powers[power] / value - 1)
        let offPanels = abs(panels[power] / value - 1)
        #expect(offStep <= rounding && offPanels <= 10 * rounding, "r^\(power) of \(density)")
        worstStep = max(worstStep, offStep / rounding)
        worstPanels = max(worstPanels, offPanels / rounding)
      }
    }
    #expect(worstStep > 0 && worstPanels > 0)
  }

  @Test(
    "the mass beyond the barrier agrees with twice the panels, and with the whole where it is all")
  func massBeyondBarrier() {
    var random = SplitMix64(seed: 6)
    var count = 0
    for _ in 0..<2000 {
      let density = Self.random(&random)
      let landscape = density.landscape()
      guard let outer = landscape.outerWell, let barrier = landscape.barrier else { continue }
      let whole = density.integral(landscape).moments.powers[0]
      let mass = density.massBeyondBarrier(landscape)
      let finer = density.massBeyondBarrier(landscape, refinement: 2)
      // As in the quadrature's test.
      let size = abs(density.linear) + abs(density.quadratic) + abs(density.cubic)
      let rounding = 1e-11 + 4e-16 * size
      #expect(abs(mass - finer) <= rounding * finer, "\(density)")
      #expect(mass <= whole * (1 + rounding))
      if barrier.exponent < landscape.highest - 60 && outer.exponent == landscape.highest
        && landscape.firstWell.exponent < landscape.highest - 60
      {
        #expect(abs(mass / whole - 1) < rounding, "\(density)")
      }
      count += 1
    }
    #expect(count > 100)
  }
}
