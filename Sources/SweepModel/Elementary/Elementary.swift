/// Our own exp, log, log10, sin, cos and pow: plain IEEE additions and multiplications in a fixed order
/// and tables, so that every CPU gives the same bits (promise 4). libm's differ in the last bit between
/// its FMA and its plain variants. Errors are below 0.52 units in the last place (sin, cos 0.8), tested
/// against 400-bit values.
public enum Elementary {
  /// 128 / ln 2, and ln 2 / 128 as 35 bits and the rest: products with whole numbers below 2^18 are exact.
  private static let stepsPerUnit = 0x1.71547652b82fep+7
  private static let stepHigh = 0x1.62e42fefc0000p-8
  private static let stepLow = -0x1.c610ca86c3899p-44
  /// ln 2 as a multiple of 2^-42, and the rest.
  private static let ln2High = 0x1.62e42fefa3800p-1
  private static let ln2Low = 0x1.ef35793c76730p-45
  private static let inverseLn10 = DoubleDouble(0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57)

  // MARK: exp

  /// e^x. Infinite above 709.78, zero below -745.13.
  public static func exp(_ x: Double) -> Double { exp(DoubleDouble(x)) }

  /// e^x of an exact pair. x = k ln2/128 + r: a table for 2^(k/128), a polynomial for e^r, |r| < 0.0028.
  package static func exp(_ x: DoubleDouble) -> Double {
    guard x.high < 709.8 else { return x.high.isNaN ? .nan : .infinity }
    guard x.high > -745.2 else { return x.high.isNaN ? .nan : 0 }
    // Adding 1.5 x 2^52 rounds to a whole number, which then stands in the low bits.
    let shifted = x.high * stepsPerUnit + 0x1.8p52
    let steps = shifted - 0x1.8p52
    let whole = Int(Int32(truncatingIfNeeded: shifted.bitPattern))
    let r = ((x.high - steps * stepHigh) - steps * stepLow) + x.low
    let square = r * r
    // Taylor: the term r^6 / 720 is below 10^-18.
    let polynomial =
      r + square * (0.5 + r * (1.0 / 6)) + square * square * (1.0 / 24 + r * (1.0 / 120))
    return ElementaryTables.powersOfTwo.withUnsafeBufferPointer { table in
      let place = (whole & 127) * 2
      let power = Double(bitPattern: table[place])
      let rest = Double(bitPattern: table[place + 1]) + polynomial
      let exponent = whole >> 7
      // Not too low, so that scale * rest is no subnormal number with few bits.
      if exponent > -960 && exponent < 1023 {
        let scale = Double(bitPattern: table[place] &+ UInt64(bitPattern: Int64(exponent) << 52))
        return scale + scale * rest
      }
      // In two steps, so that the scale is a normal number.
      let value = power + power * rest
      let half = exponent / 2
      return value * powerOfTwo(half) * powerOfTwo(exponent - half)
    }
  }

  /// 2^exponent, a normal number.
  private static func powerOfTwo(_ exponent: Int) -> Double {
    Double(bitPattern: UInt64(exponent + 1023) << 52)
  }

  // MARK: log

  /// The natural logarithm; -infinity at 0, NaN below.
  public static func log(_ x: Double) -> Double {
    guard x > 0 && x < .infinity else { return outsideLogarithm(x) }
    return logarithm(x).high
  }

  /// The logarithm to base 10; exact at powers of ten.
  public static func log10(_ x: Double) -> Double {
    guard x > 0 && x < .infinity else { return outsideLogarithm(x) }
    return (logarithm(x) * inverseLn10).high
  }

  private static func outsideLogarithm(_ x: Double) -> Double {
    x == 0 ? -.infinity : x == .infinity ? .infinity : .nan
  }

  /// ln x to about 67 bits, for 0 < x < infinity. x = 2^k z with z in [0.6875, 1.375); a short number c
  /// near 1/z from a table makes c z exact in two doubles, and ln x = k ln2 - ln c + ln(1 + (c z - 1)).
  package static func logarithm(_ x: Double) -> DoubleDouble {
    let isNormal = x >= .leastNormalMagnitude
    let bits = (isNormal ? x : x * 0x1p52).bitPattern
    let offset = Int64(bitPattern: bits &- 0x3fe6_0000_0000_0000)
    let exponent = Double((offset >> 52) - (isNormal ? 0 : 52))
    let z = bits &- UInt64(bitPattern: (offset >> 52) << 52)
    let upper = Double(bitPattern: z & ~0x7ff_ffff)
    let lower = Double(bitPattern: z) - upper
    let (factor, high, low) = ElementaryTables.logarithms.withUnsafeBufferPointer { table in
      let place = Int(offset >> 45 & 127) * 4
      return (
        Double(bitPattern: table[place]), Double(bitPattern: table[place + 1]),
        Double(bitPattern: table[place + 2])
      )
    }
    // Both products and the subtraction are exact.
    let r = DoubleDouble.sum(upper * factor - 1, lower * factor)
    let square = DoubleDouble.product(r.high, r.high)
    // |r| <= 2^-7: the next term is below 2^-73 of the first.
    let s = r.high
    let cubic = 1.0 / 3 + s * (-0.25 + s * (0.2 + s * (-1.0 / 6 + s * (1.0 / 7))))
    let tail = s * s * s * s * s * (-0.125 + s * (1.0 / 9 + s * -0.1))
    let polynomial = s * square.high * (cubic + tail)
    let base = exponent * ln2High + high
    let first = DoubleDouble.sum(base, r.high)
    let second = DoubleDouble.sum(first.high, -0.5 * square.high)
    let rest =
      r.low - (0.5 * square.low + r.high * r.low) + (exponent * ln2Low + low) + polynomial
    return DoubleDouble.quickSum(second.high, (first.low + second.low) + rest)
  }

  // MARK: pow

  /// base^exponent, with the special cases of IEEE 754's pow.
  public static func pow(_ base: Double, _ exponent: Double) -> Double {
    if exponent == 0 || base == 1 { return 1 }
    if base.isNaN || exponent.isNaN { return .nan }
    let isInteger = exponent == exponent.rounded(.towardZero)
    let isOdd =
      isInteger && abs(exponent) < 0x1p53
      && Int64(exponent) & 1 == 1
    let magnitude = abs(base)
    if base == 0 || magnitude == .infinity || abs(exponent) == .infinity {
      return unusualPower(base, magnitude, exponent, isOdd: isOdd)
    }
    if base < 0 && !isInteger { return .nan }
    let value = positivePower(magnitude, exponent)
    return base < 0 && isOdd ? -value : value
  }

  private static func positivePower(_ base: Double, _ exponent: Double) -> Double {
    if base == 1 { return 1 }
    // Beyond these no logarithm that is not 0 (>= 2^-53, <= 745) gives a number but 0, 1 and infinity.
    if abs(exponent) > 0x1p70 { return (base > 1) == (exponent > 0) ? .infinity : 0 }
    if abs(exponent) < 0x1p-70 { return 1 }
    let logarithm = logarithm(base)
    let product = DoubleDouble.product(logarithm.high, exponent)
    return exp(DoubleDouble.quickSum(product.high, product.low + logarithm.low * exponent))
  }

  private static func unusualPower(
    _ base: Double, _ magnitude: Double, _ exponent: Double, isOdd: Bool
  ) -> Double {
    if abs(exponent) == .infinity {
      if magnitude == 1 { return 1 }
      return (magnitude > 1) == (exponent > 0) ? .infinity : 0
    }
    let value: Double = (base == 0) == (exponent > 0) ? 0 : .infinity
    return base.sign == .minus && isOdd ? -value : value
  }
}
