import Kernels

/// The self-consistent solution of a cubic ensemble, and what its density of q looks like.
package struct CubicSolution {
  package let ensemble: CubicEnsemble
  package let w: SIMD2<Double>
  package let sample: CubicEnsemble.Sample
  package let iterations: Int
  package let evaluations: Int
  package let lastStep: Double
  package let hasConverged: Bool

  package init(_ ensemble: CubicEnsemble) {
    var ensemble = ensemble
    var start = CubicStart(ensemble)
    var maximum = ConcaveMaximum(of: &ensemble, from: start.w, iterationLimit: 60)
    if !maximum.hasConverged {
      start = CubicStart(searching: ensemble)
      maximum = ConcaveMaximum(of: &ensemble, from: start.w)
    }
    self.ensemble = ensemble
    w = maximum.point
    sample = maximum.sample
    iterations = maximum.iterations
    evaluations = start.evaluations + maximum.evaluations
    lastStep = maximum.lastStep
    hasConverged = maximum.hasConverged
  }

  package var b: Double { ensemble.noise * w.x }
  package var c: Double { 0.5 * ensemble.noise * w.y }
  package var residual: Double { ensemble.residual(at: w, sample) }
  /// <q^2>.
  package var meanSquare: Double { 0.5 * ensemble.breadth * sample.mean[7] }
  /// Shat''(0); in tau the exponent's curvature is -d Shat'' A/2.
  package var centreCurvature: Double {
    -sample.landscape.centre.curvature / (0.5 * ensemble.breadth * ensemble.d)
  }

  /// A critical point as (q, Shat there).
  package func place(_ point: ActionDensity.CriticalPoint) -> (q: Double, action: Double) {
    ((0.5 * ensemble.breadth * point.square).squareRoot(), -point.exponent / ensemble.d)
  }

  /// The outer minimum of the action and the barrier before it, if there is one.
  package var outer: (well: ActionDensity.CriticalPoint, barrier: ActionDensity.CriticalPoint)? {
    let landscape = sample.landscape
    guard let well = landscape.lastWell else { return nil }
    return (well, landscape.barrier ?? landscape.centre)
  }

  /// The mass beyond the barrier; 0 where there is no outer minimum.
  package var dropletFraction: Double {
    guard let outer else { return 0 }
    guard outer.barrier.square > 0 else { return 1 }
    let beyond = sample.density.massBeyondBarrier(sample.landscape)
    // Both integrals are over tau >= 0 and relative to the same height.
    return min(beyond / sample.integral.moments.powers[0], 1)
  }
}

/// The phase of a network of finite width, by the expected number of neurons in each well.
package enum CubicPhase: Int64 {
  /// Gaussian feature learning: fewer than one droplet.
  case gaussian = 0
  /// Mixed: droplets beside a central well.
  case mixed = 1
  /// Fewer than one neuron in the central well.
  case specialised = 2
}

extension CubicSolution {
  package func phase(dropletFraction: Double) -> CubicPhase {
    if ensemble.networkWidth * dropletFraction < 1 { return .gaussian }
    return ensemble.networkWidth * (1 - dropletFraction) < 1 ? .specialised : .mixed
  }

  private static let largestResidual = 1e-6
  private static let largestDifference = 1e-4

  /// Why this is no solution, if it is none.
  package var failure: SolverFailure? {
    guard hasConverged else {
      return .error("Newton's iteration did not converge in \(iterations) steps")
    }
    guard residual <= Self.largestResidual,
      sample.integral.difference <= Self.largestDifference
    else {
      return .error(
        "double precision does not hold here: residual \(residual), halves of the quadrature"
          + " differ by \(sample.integral.difference)")
    }
    return nil
  }
}
