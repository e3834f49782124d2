import Kernels
import Solvers

/// The maximum by bracketing alone: on each ray the derivative's zero by bisection, over the rays a golden
/// section, then plain Newton steps. Slow, and free of everything the solver guesses.
enum ConcaveSearch {
  static func maximum(of ensemble: inout CubicEnsemble) -> SIMD2<Double> {
    var best = (value: -Double.infinity, w: SIMD2<Double>())
    func highest(_ angle: Double) -> Double {
      // The half circle around the target, by its tangents: (1 - t^2, 2 t) turns by 2 atan t.
      let forward = ensemble.target / (ensemble.target * ensemble.target).sum().squareRoot()
      let across = SIMD2(-forward.y, forward.x)
      let direction = (1 - angle * angle) * forward + 2 * angle * across
      var low = -80.0
      var high = 80.0
      var value = -Double.infinity
      while high - low > 1e-9 {
        let middle = 0.5 * (low + high)
        let w = KernelMath.exp(middle) * direction
        let sample = ensemble.sample(at: w)
        if sample.value > value { value = sample.value }
        if sample.value > best.value { best = (sample.value, w) }
        if (sample.gradient * direction).sum() > 0 { low = middle } else { high = middle }
      }
      return value
    }
    let ratio = 0.618_033_988_749_894_9
    var (low, high) = (-0.999, 0.999)
    for _ in 0..<40 {
      let left = high - ratio * (high - low)
      let right = low + ratio * (high - low)
      if highest(left) > highest(right) { high = right } else { low = left }
    }
    return ConcaveMaximum(of: &ensemble, from: best.w, iterationLimit: 1000).point
  }
}
