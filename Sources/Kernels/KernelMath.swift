import CKernels

/// KernelMath functions in plain IEEE arithmetic: no libm, no fused multiply-add, within 1 ulp, and so the
/// same bits on every CPU.
public enum KernelMath {
  public static func exp(_ x: Double) -> Double { spinodal_exp_scalar(x) }

  /// The natural logarithm.
  public static func log(_ x: Double) -> Double { spinodal_log_scalar(x) }

  public static func exp(_ x: SIMD8<Double>) -> SIMD8<Double> {
    var values = x
    withUnsafeMutableBytes(of: &values) { bytes in
      let base = bytes.assumingMemoryBound(to: Double.self).baseAddress
      spinodal_exp(base, base, 8)
    }
    return values
  }

  /// e^x of each element, by the widest vectors that the CPU has.
  public static func exp(_ values: inout [Double]) {
    values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      spinodal_exp(base, base, Int64(values.count))
    }
  }
}

/// A copy of a vector kernel made for one level of the x86-64 architecture. All give the same bits; only
/// tests ask for one by name.
public enum KernelClone: Int32, CaseIterable, Sendable {
  case best = 0
  case baseline = 1
  case x86v3 = 2
  case x86v4 = 3

  /// Whether this CPU can run it.
  public var isAvailable: Bool { spinodal_has_clone(rawValue) != 0 }

  /// `KernelMath.exp` by this clone.
  public func exp(_ values: [Double]) -> [Double] {
    precondition(isAvailable, "this CPU lacks the clone")
    var result = values
    result.withUnsafeMutableBufferPointer { result in
      guard let base = result.baseAddress else { return }
      spinodal_exp_clone(rawValue, base, base, Int64(result.count))
    }
    return result
  }
}
