import Glibc
import SweepModel
import TestSupport
import Testing

/// Errors in units of the last place of the nearest double.
@Suite struct ElementaryTests {
  private func error(_ got: Double, _ bits: [UInt64], _ place: Int) -> Double {
    let nearest = Double(bitPattern: bits[place])
    let rest = Double(bitPattern: bits[place + 1])
    return abs((got - nearest) - rest) / max(nearest.ulp, .leastNonzeroMagnitude)
  }

  @Test(
    "results are within a unit in the last place of 1,400-bit ones",
    arguments: [
      ("exp", ElementaryReferences.exp, 0.65), ("log", ElementaryReferences.log, 0.52),
      ("log10", ElementaryReferences.log10, 0.52), ("sin", ElementaryReferences.sin, 0.8),
      ("cos", ElementaryReferences.cos, 0.8),
    ])
  func references(name: String, bits: [UInt64], bound: Double) {
    for place in stride(from: 0, to: bits.count, by: 3) {
      let x = Double(bitPattern: bits[place])
      let got =
        switch name {
        case "exp": Elementary.exp(x)
        case "log": Elementary.log(x)
        case "log10": Elementary.log10(x)
        case "sin": Elementary.sin(x)
        default: Elementary.cos(x)
        }
      #expect(error(got, bits, place + 1) < bound, "\(name)(\(x)) = \(got)")
    }
  }

  @Test("powers are within a unit in the last place of 1,400-bit ones")
  func powers() {
    let bits = ElementaryReferences.pow
    for place in stride(from: 0, to: bits.count, by: 4) {
      let base = Double(bitPattern: bits[place])
      let exponent = Double(bitPattern: bits[place + 1])
      let got = Elementary.pow(base, exponent)
      #expect(error(got, bits, place + 2) < 0.53, "\(base)^\(exponent) = \(got)")
    }
  }

  /// The system's functions are right to 0.52 units or so, in whichever variant this CPU picks.
  @Test("results are next to the system's over random arguments")
  func neighbours() {
    var random = SplitMix64(seed: 3)
    func isNear(_ one: Double, _ other: Double) -> Bool {
      one == other || one.isNaN && other.isNaN || one.nextUp == other || one.nextDown == other
    }
    for _ in 0..<20_000 {
      let exponent = Double.random(in: -745...710, using: &random)
      #expect(isNear(Elementary.exp(exponent), exp(exponent)))
      let any = Double(bitPattern: random.next() >> 1 % 0x7ff0_0000_0000_0000)
      #expect(isNear(Elementary.log(any), log(any)))
      let angle = Double.random(in: -100...100, using: &random)
      #expect(isNear(Elementary.sin(angle), sin(angle)))
      #expect(isNear(Elementary.cos(angle), cos(angle)))
      #expect(isNear(Elementary.sin(any), sin(any)))
      #expect(isNear(Elementary.cos(-any), cos(-any)))
      let base = Double.random(in: 0...10, using: &random)
      #expect(isNear(Elementary.pow(base, angle), pow(base, angle)))
    }
  }

  @Test("special cases are IEEE 754's")
  func specials() {
    let infinity = Double.infinity
    #expect(Elementary.exp(-infinity) == 0 && Elementary.exp(infinity) == infinity)
    #expect(Elementary.exp(710) == infinity && Elementary.exp(-746) == 0)
    #expect(Elementary.exp(0) == 1 && Elementary.exp(.nan).isNaN)
    #expect(Elementary.exp(-745) == .leastNonzeroMagnitude)
    #expect(Elementary.log(0) == -infinity && Elementary.log(-0.0) == -infinity)
    #expect(Elementary.log(-1).isNaN && Elementary.log(infinity) == infinity)
    #expect(Elementary.log(1) == 0 && Elementary.log(.nan).isNaN && Elementary.log10(-2).isNaN)
    #expect(Elementary.log10(0) == -infinity && Elementary.log10(1) == 0)
    for power in -307...308 {
      #expect(Elementary.log10(Double("1e\(power)") ?? .nan) == Double(power))
    }
    for power in 0...22 {
      #expect(Elementary.pow(10, Double(power)) == Double("1e\(power)"))
    }
    #expect(Elementary.sin(0) == 0 && Elementary.sin(-0.0).sign == .minus)
    #expect(Elementary.sin(infinity).isNaN && Elementary.cos(-infinity).isNaN)
    #expect(Elementary.cos(0) == 1 && Elementary.cos(.nan).isNaN)
    let values: [Double] = [
      0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, infinity, -infinity, .nan, 1e308, -1e308,
      .leastNonzeroMagnitude,
      0x1p53, 0x1p53 + 2, 1e300, -1e300, 0.1,
    ]
    for base in values {
      for exponent in values {
        let expected = pow(base, exponent)
        let got = Elementary.pow(base, exponent)
        let isSame =
          expected.isNaN
          ? got.isNaN
          : got == expected && got.sign == expected.sign || abs(got - expected) <= expected.ulp
        #expect(isSame, "\(base)^\(exponent): \(got), not \(expected)")
      }
    }
  }
}

@Suite struct NumberTests {
  @Test("rounding to significant digits is that of decimal arithmetic")
  func digits() {
    let rows = SignificantDigitsReferences.rows
    for place in stride(from: 0, to: rows.count, by: 3) {
      let value = Double(bitPattern: rows[place])
      #expect(
        SignificantDigits.rounded(value, to: 12) == Double(bitPattern: rows[place + 1]), "\(value)")
      #expect(
        SignificantDigits.rounded(value, to: 15) == Double(bitPattern: rows[place + 2]), "\(value)")
    }
  }

  @Test("rounding twice is rounding once, and a typed decimal stays what it is")
  func stable() {
    var random = SplitMix64(seed: 9)
    for _ in 0..<5000 {
      let any = Double(bitPattern: random.next() >> 1 % 0x7fe0_0000_0000_0000)
      let once = SignificantDigits.rounded(any, to: 12)
      #expect(SignificantDigits.rounded(once, to: 12) == once)
      #expect(SignificantDigits.rounded(-any, to: 12) == -once)
      #expect(abs(once - any) <= any * 5.1e-12)
      let whole = Int.random(in: 1..<1_000_000_000_000, using: &random)
      let power = Int.random(in: -300...290, using: &random)
      if let typed = Double("\(whole)e\(power)") {
        #expect(SignificantDigits.rounded(typed, to: 12) == typed)
        #expect(SignificantDigits.rounded(typed.nextUp, to: 12) == typed)
      }
    }
    #expect(SignificantDigits.rounded(-0.0, to: 12).sign == .plus)
    #expect(SignificantDigits.rounded(.infinity, to: 15) == .infinity)
    #expect(SignificantDigits.rounded(.nan, to: 15).isNaN)
    #expect(SignificantDigits.rounded(9.9999999999999, to: 12) == 10)
  }

  @Test(
    "decimal texts",
    arguments: [
      ("1", 1.0, 1), ("-2.50", -2.5, nil), ("88.0", 88, 88), ("2e3", 2000, 2000), ("010", 10, 10),
      (".5", 0.5, nil), ("5.", 5, 5), ("+3", 3, 3), ("2e-06", 2e-06, nil), ("1E+2", 100, 100),
      ("0.000", 0, 0), ("1e400", .infinity, nil), ("9223372036854775807", 0x1p63, .max),
      ("9223372036854775808", 0x1p63, nil),
      ("900000000000000000", 9e17, 900_000_000_000_000_000),
      ("1e18", 1e18, 1_000_000_000_000_000_000),
      ("1e19", 1e19, nil), ("1e-400", 0, nil), ("-0", 0, 0),
    ])
  func decimals(text: String, real: Double, integer: Int?) throws {
    let number = try #require(DecimalText(text))
    #expect(number.real == real)
    #expect(number.integer == integer.map { Int64($0) })
  }

  @Test(
    "what is no decimal text",
    arguments: [
      "", "-", ".", "1e", "0x10", "1_000", "inf", "nan", "1:30", " 1", "1 ", "1e+", "e5", "--1",
      "1.2.3",
    ])
  func noDecimals(text: String) {
    #expect(DecimalText(text) == nil)
  }
}
