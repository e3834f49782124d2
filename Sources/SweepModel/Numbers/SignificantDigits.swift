/// Rounding to significant decimal digits, exactly: the decision is made on the number's exact value and
/// the answer is the double nearest to the rounded decimal, the same on every machine.
public enum SignificantDigits {
  /// 10^0 to 10^22, which doubles hold exactly.
  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// `value` rounded to `digits` (1 to 15) significant digits, halves away from zero; -0 gives 0, what
  /// is not finite itself.
  public static func rounded(_ value: Double, to digits: Int) -> Double {
    precondition(digits >= 1 && digits <= 15, "1 to 15 digits")
    guard value != 0 else { return 0 }
    guard value.isFinite else { return value }
    let magnitude = abs(value)
    // Within one of the digits before the point; log10(2) = 0.30103.
    let estimate = Int((Double(magnitude.exponent) * 0.30103).rounded(.down))
    let shift = digits - 1 - estimate
    let result =
      shift >= 1 && shift <= 21 && magnitude.isNormal
      ? quick(magnitude, shift, digits) : slow(magnitude, shift, digits)
    return value < 0 ? -result : result
  }

  /// `magnitude` x 10^shift as an exact pair, rounded, and divided again: one correctly rounded step,
  /// since both operands are exact.
  private static func quick(_ magnitude: Double, _ firstShift: Int, _ digits: Int) -> Double {
    let upper = powers[digits]
    let lower = powers[digits - 1]
    var shift = firstShift
    var scaled = DoubleDouble.product(magnitude, powers[shift])
    if scaled.high > upper || scaled.high == upper && scaled.low >= 0 {
      shift -= 1
      scaled = DoubleDouble.product(magnitude, powers[shift])
    } else if scaled.high < lower || scaled.high == lower && scaled.low < 0 {
      shift += 1
      scaled = DoubleDouble.product(magnitude, powers[shift])
    }
    let whole = scaled.high.rounded(.down)
    // Exact: a multiple of the last place of `high`.
    let excess = (scaled.high - whole) - 0.5
    return (excess >= -scaled.low ? whole + 1 : whole) / powers[shift]
  }

  /// The same by comparing big integers.
  static func slow(_ magnitude: Double, _ firstShift: Int, _ digits: Int) -> Double {
    var shift = firstShift
    var whole = exactlyRounded(magnitude, shift)
    if whole < UInt64(powers[digits - 1]) {
      shift += 1
      whole = exactlyRounded(magnitude, shift)
    } else if whole >= UInt64(powers[digits]) {
      shift -= 1
      whole = exactlyRounded(magnitude, shift)
    }
    return decimal(whole, exponent: -shift)
  }

  /// The double nearest to `whole` x 10^exponent.
  package static func decimal(_ whole: UInt64, exponent: Int) -> Double {
    // Both operands are exact, so one rounding is all there is.
    if whole < 1 << 53 && abs(exponent) <= 22 {
      let power = powers[abs(exponent)]
      return exponent < 0 ? Double(whole) / power : Double(whole) * power
    }
    return Double("\(whole)e\(exponent)") ?? .infinity
  }

  /// The integer nearest to `magnitude` x 10^shift, halves up; the product is below 10^17.
  private static func exactlyRounded(_ magnitude: Double, _ shift: Int) -> UInt64 {
    var product = magnitude
    var rest = abs(shift)
    while rest > 0 {
      let step = min(rest, 22)
      product = shift > 0 ? product * powers[step] : product / powers[step]
      rest -= step
    }
    // Right to some units; the comparison says which.
    var whole = UInt64(product.rounded())
    while whole > 0 && BigComparison.isLess(magnitude, (2 * whole - 1), shift) { whole -= 1 }
    while !BigComparison.isLess(magnitude, 2 * whole + 1, shift) { whole += 1 }
    return whole
  }
}

/// Big integers, as far as one comparison needs them.
private enum BigComparison {
  /// Whether `magnitude` x 10^shift < `twice` / 2, exactly.
  static func isLess(_ magnitude: Double, _ twice: UInt64, _ shift: Int) -> Bool {
    // magnitude = significand x 2^exponent
    let isNormal = magnitude.isNormal
    let exponent = (isNormal ? Int(magnitude.exponent) : -1022) - 52
    let significand = magnitude.significandBitPattern | (isNormal ? 1 << 52 : 0)
    var left = words(significand)
    var right = words(twice)
    if shift > 0 { multiply(&left, tenTo: shift) } else { multiply(&right, tenTo: -shift) }
    if exponent + 1 >= 0 {
      shiftLeft(&left, exponent + 1)
    } else {
      shiftLeft(&right, -exponent - 1)
    }
    return isLess(left, right)
  }

  private static func words(_ value: UInt64) -> [UInt32] {
    [UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32)]
  }

  private static func multiply(_ words: inout [UInt32], tenTo power: Int) {
    for _ in 0..<power {
      var carry: UInt64 = 0
      for place in words.indices {
        let product = UInt64(words[place]) * 10 + carry
        words[place] = UInt32(truncatingIfNeeded: product)
        carry = product >> 32
      }
      if carry > 0 { words.append(UInt32(carry)) }
    }
  }

  private static func shiftLeft(_ words: inout [UInt32], _ bits: Int) {
    let small = UInt64(bits % 32)
    var carry: UInt64 = 0
    for place in words.indices {
      let shifted = UInt64(words[place]) << small | carry
      words[place] = UInt32(truncatingIfNeeded: shifted)
      carry = shifted >> 32
    }
    if carry > 0 { words.append(UInt32(carry)) }
    words.insert(contentsOf: [UInt32](repeating: 0, count: bits / 32), at: 0)
  }

  private static func isLess(_ left: [UInt32], _ right: [UInt32]) -> Bool {
    for place in (0..<max(left.count, right.count)).reversed() {
      let one = place < left.count ? left[place] : 0
      let other = place < right.count ? right[place] : 0
      if one != other { return one < other }
    }
    return false
  }
}
