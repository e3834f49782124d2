import Glibc
import SweepModel

/// What a solver's bits depend on beside its inputs, as a number: workers with equal numbers give equal
/// rows (promise 4). It is a hash of a few results of exactly that.
enum NumericsClass {
  static func value(for dependence: NumericsDependence) -> UInt64 {
    switch dependence {
    // The same on every CPU.
    case .nothing: return 0
    case .mathLibrary, .blasKernels: return mathLibrary
    }
  }

  /// glibc's variants for different CPUs differ in the last bit for some arguments: a few thousand of
  /// them tell the variants apart.
  private static let mathLibrary: UInt64 = {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for step in 1...4096 {
      let argument = Double(step) * 0.003_906_25 + 0.1
      for result in [
        exp(-argument), log(argument), sin(argument), pow(argument, 1.7), erf(argument),
      ] {
        hash = (hash ^ result.bitPattern) &* 0x0000_0100_0000_01B3
      }
    }
    return hash
  }()
}
