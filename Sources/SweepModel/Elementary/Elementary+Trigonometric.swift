extension Elementary {
  /// The sine of x in radians, of any size; NaN at infinity.
  public static func sin(_ x: Double) -> Double {
    guard x.isFinite else { return .nan }
    if abs(x) < 0x1p-27 { return x }
    let (angle, quadrant) = reduced(x)
    let value = quadrant & 1 == 0 ? sineKernel(angle) : cosineKernel(angle)
    return quadrant & 2 == 0 ? value : -value
  }

  /// The cosine of x in radians, of any size; NaN at infinity.
  public static func cos(_ x: Double) -> Double {
    guard x.isFinite else { return .nan }
    let (angle, quadrant) = reduced(x)
    let value = quadrant & 1 == 0 ? cosineKernel(angle) : sineKernel(angle)
    return (quadrant + 1) & 2 == 0 ? value : -value
  }

  /// x less the nearest multiple of pi/2, and which multiple, modulo 4.
  private static func reduced(_ x: Double) -> (angle: DoubleDouble, quadrant: Int) {
    if abs(x) <= 0x1.921fb54442d18p-1 { return (DoubleDouble(x), 0) }
    if abs(x) < 0x1p20 { return reducedByParts(x) }
    let (angle, quadrant) = reducedByBits(abs(x))
    return x < 0 ? (-angle, -quadrant & 3) : (angle, quadrant)
  }

  /// Cody and Waite: pi/2 in three parts of 33 bits and a rest; each product is exact.
  private static func reducedByParts(_ x: Double) -> (DoubleDouble, Int) {
    // Adding 1.5 x 2^52 rounds to a whole number.
    let multiple = (x * 0x1.45f306dc9c883p-1 + 0x1.8p52) - 0x1.8p52
    let first = x - multiple * 0x1.921fb54400000p+0
    let second = DoubleDouble.sum(first, -multiple * 0x1.0b4611a600000p-34)
    let third = DoubleDouble.sum(second.high, -multiple * 0x1.3198a2e000000p-69)
    let rest = (second.low + third.low) - multiple * 0x1.b839a252049c1p-104
    return (DoubleDouble.sum(third.high, rest), Int(multiple) & 3)
  }

  /// Payne and Hanek: of x times the bits of 2/pi, only those between 2^1 and 2^-190.
  private static func reducedByBits(_ x: Double) -> (DoubleDouble, Int) {
    let significand = x.significandBitPattern | 1 << 52
    // x = significand * 2^power, power >= -32. Bit i of 2/pi (the first after the point being 1) is worth
    // 2^-i; those with power - i >= 2 give multiples of 4.
    let power = Int(x.exponent) - 52
    let start = 64 + power - 2
    func word(_ place: Int) -> UInt64 {
      let bit = start + 64 * place
      let upper = ElementaryTables.twoOverPi[bit >> 6]
      let shift = UInt64(bit & 63)
      if shift == 0 { return upper }
      return upper << shift | ElementaryTables.twoOverPi[bit >> 6 + 1] >> (64 - shift)
    }
    let low = significand.multipliedFullWidth(by: word(2))
    let middle = significand.multipliedFullWidth(by: word(1))
    let (second, carry) = middle.low.addingReportingOverflow(low.high)
    let first = significand &* word(0) &+ middle.high &+ (carry ? 1 : 0)
    // The product modulo 4 is first, second, low.low over 2^190.
    var quadrant = Int(first >> 62)
    let mask = UInt64.max >> 2
    var words = (first & mask, second, low.low)
    let isUpper = words.0 >> 61 == 1
    if isUpper {
      // 1 - fraction, the last place aside.
      quadrant += 1
      words = (~words.0 & mask, ~words.1, ~words.2)
    }
    var fraction = DoubleDouble(0)
    for (word, scale) in [(words.0, -62), (words.1, -126), (words.2, -190)] {
      let unit = Double(sign: .plus, exponent: scale, significand: 1)
      fraction =
        fraction + DoubleDouble(Double(word >> 32) * 0x1p32 * unit)
        + DoubleDouble(Double(word & 0xffff_ffff) * unit)
    }
    let angle = fraction * DoubleDouble(0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54)
    return (isUpper ? -angle : angle, quadrant & 3)
  }

  /// sin(x + y), |x| <= pi/4: Taylor, the next term being below 10^-19.
  private static func sineKernel(_ angle: DoubleDouble) -> Double {
    let (x, y) = (angle.high, angle.low)
    let z = x * x
    let v = z * x
    let upper = -1.0 / 1_307_674_368_000 + z * (1.0 / 355_687_428_096_000)
    let middle = -1.0 / 39_916_800 + z * (1.0 / 6_227_020_800 + z * upper)
    let series = 1.0 / 120 + z * (-1.0 / 5040 + z * (1.0 / 362_880 + z * middle))
    return x + ((y - z * (0.5 * y - v * series)) - v * (1.0 / 6))
  }

  /// cos(x + y), |x| <= pi/4.
  private static func cosineKernel(_ angle: DoubleDouble) -> Double {
    let (x, y) = (angle.high, angle.low)
    let z = x * x
    let upper = 1.0 / 20_922_789_888_000 + z * (-1.0 / 6_402_373_705_728_000)
    let middle = 1.0 / 479_001_600 + z * (-1.0 / 87_178_291_200 + z * upper)
    let series =
      1.0 / 24 + z * (-1.0 / 720 + z * (1.0 / 40320 + z * (-1.0 / 3_628_800 + z * middle)))
    let half = 0.5 * z
    let near = 1 - half
    return near + (((1 - near) - half) + (z * z * series - x * y))
  }
}
