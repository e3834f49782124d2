import SweepModel

/// Values that a sweep file asks for by a rule. Each is rounded to 15 significant digits of its exact
/// value, so that 0.15 is 0.15 and nested grids coincide.
enum GeneratedValues {
  /// `count` values from `first` to `last`, evenly spaced; the first alone if `count` is 1.
  static func linear(_ first: DecimalText, _ last: DecimalText, count: Int) -> [Double] {
    guard let line = DecimalLine(first, last, count: count) else {
      // Ends with more than 18 digits, or 10^20 apart: twice the bits of a double do.
      let start = DoubleDouble(first.real)
      let span = DoubleDouble.sum(last.real, -first.real)
      return (0..<count).map { place in
        let part = DoubleDouble(Double(place)) / DoubleDouble(Double(max(1, count - 1)))
        return SignificantDigits.rounded((start + span * part).high, to: 15)
      }
    }
    return (0..<count).map { line.rounded(at: $0) }
  }

  /// `count` powers of ten with evenly spaced exponents, as NumPy's logspace.
  static func powers(_ first: DecimalText, _ last: DecimalText, count: Int) -> [Double] {
    guard let line = DecimalLine(first, last, count: count) else {
      return linear(first, last, count: count).map {
        SignificantDigits.rounded(Elementary.pow(10, $0), to: 15)
      }
    }
    let ln10 = DoubleDouble(0x1.26bb1bbb55516p+1, -0x1.f48ad494ea3e9p-53)
    return (0..<count).map { place in
      SignificantDigits.rounded(Elementary.exp(line.pair(at: place) * ln10), to: 15)
    }
  }

  /// `count` values from `first` to `last` with a constant ratio. Both are of one sign and not zero.
  static func geometric(_ first: DecimalText, _ last: DecimalText, count: Int) -> [Double] {
    let sign: Double = first.real < 0 ? -1 : 1
    let start = Elementary.logarithm(abs(first.real))
    let span = Elementary.logarithm(abs(last.real)) + -start
    return (0..<count).map { place in
      if place == 0 { return SignificantDigits.rounded(first.real, to: 15) }
      if place == count - 1 { return SignificantDigits.rounded(last.real, to: 15) }
      let part = DoubleDouble(Double(place)) / DoubleDouble(Double(count - 1))
      return sign * SignificantDigits.rounded(Elementary.exp(start + span * part), to: 15)
    }
  }
}

/// Evenly spaced decimal numbers, exactly: the place-th is
/// (first x (steps - place) + last x place) / steps x 10^exponent.
struct DecimalLine {
  private let first: Int128
  private let last: Int128
  private let steps: Int128
  private let exponent: Int

  /// Nil if the ends do not fit: more than 18 digits, or exponents too far apart.
  init?(_ first: DecimalText, _ last: DecimalText, count: Int) {
    guard let left = first.mantissa, let right = last.mantissa else { return nil }
    var exponent = min(first.exponent, last.exponent)
    if left == 0 { exponent = last.exponent }
    if right == 0 { exponent = first.exponent }
    guard let start = Self.scaled(left, first.exponent - exponent),
      let end = Self.scaled(right, last.exponent - exponent)
    else { return nil }
    self.first = start
    self.last = end
    self.exponent = exponent
    steps = Int128(max(1, count - 1))
  }

  private static func scaled(_ mantissa: Int64, _ power: Int) -> Int128? {
    if mantissa == 0 { return 0 }
    guard power >= 0 && power <= 11 else { return nil }
    // Below 10^18 x 10^11, so that times 10^7 steps it is below 2^127.
    return (0..<power).reduce(Int128(mantissa)) { value, _ in value * 10 }
  }

  private func numerator(at place: Int) -> Int128 {
    first * (steps - Int128(place)) + last * Int128(place)
  }

  /// The value to about 100 bits.
  func pair(at place: Int) -> DoubleDouble {
    let numerator = numerator(at: place)
    let high = Double(numerator)
    let pair = DoubleDouble.sum(high, Double(numerator - Int128(high)))
    let quotient = pair / DoubleDouble(Double(steps))
    let scale = DoubleDouble(Elementary.pow(10, Double(abs(exponent))))
    return exponent < 0 ? quotient / scale : quotient * scale
  }

  /// The double nearest to the value's first 15 digits; halves away from zero.
  func rounded(at place: Int) -> Double {
    let numerator = numerator(at: place)
    if numerator == 0 { return 0 }
    let divisor = steps.magnitude
    var (whole, rest) = numerator.magnitude.quotientAndRemainder(dividingBy: divisor)
    var power = exponent
    let limit: UInt128 = 1_000_000_000_000_000
    if whole >= limit {
      var unit: UInt128 = 1
      while whole / unit >= limit {
        unit *= 10
        power += 1
      }
      let (kept, dropped) = whole.quotientAndRemainder(dividingBy: unit)
      // (dropped + rest / divisor) / unit >= 1/2 says the same, since unit is even.
      whole = 2 * dropped >= unit ? kept + 1 : kept
    } else {
      while whole < limit / 10 && rest != 0 {
        let (digit, next) = (rest * 10).quotientAndRemainder(dividingBy: divisor)
        whole = whole * 10 + digit
        rest = next
        power -= 1
      }
      if 2 * rest >= divisor { whole += 1 }
    }
    let magnitude = SignificantDigits.decimal(UInt64(whole), exponent: power)
    return numerator < 0 ? -magnitude : magnitude
  }
}
