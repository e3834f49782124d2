/// A decimal number as it stands in a text: optional sign, digits, optional point and exponent. This is
/// the only spelling of numbers that sweep files know (no 0x10, 010 is ten, no inf or nan).
public struct DecimalText: Hashable, Sendable {
  /// The exact value is `mantissa` x 10^`exponent`, the mantissa without trailing zeros; nil if it has
  /// more than 18 digits.
  public let mantissa: Int64?
  public let exponent: Int
  /// The nearest double; infinite if it is too large.
  public let real: Double
  /// Whether it is spelled without point and exponent.
  public let isSpelledAsInteger: Bool
  /// The value, where it is spelled without point and exponent and fits.
  private let spelledInteger: Int64?

  /// Nil if `text` is no decimal number.
  public init?(_ text: some StringProtocol) {
    var scan = DecimalScan()
    guard scan.read(Array(text.utf8)), let real = Double(text) else { return nil }
    self.real = real
    isSpelledAsInteger = scan.isInteger
    spelledInteger = scan.isInteger ? Int64(text) : nil
    guard scan.significant <= 18 else {
      mantissa = nil
      exponent = 0
      return
    }
    var value = scan.value
    var power = max(-100_000, min(100_000, scan.exponent)) - scan.fraction
    while value != 0 && value % 10 == 0 {
      value /= 10
      power += 1
    }
    mantissa = scan.isNegative ? -value : value
    exponent = value == 0 ? 0 : power
  }

  /// The value as an integer, if it is one of 64 bits: `88`, `88.0`, `2e3`.
  public var integer: Int64? {
    if let spelledInteger { return spelledInteger }
    guard var value = mantissa, exponent >= 0 else { return nil }
    guard exponent <= 18 else { return nil }
    for _ in 0..<exponent {
      let (next, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      value = next
    }
    return value
  }

  static func real(_ text: String) -> Double? { DecimalText(text)?.real }
}

private struct DecimalScan {
  var isNegative = false
  var isInteger = true
  var value: Int64 = 0
  /// Digits from the first that is not zero on.
  var significant = 0
  /// Digits after the point.
  var fraction = 0
  var exponent = 0

  /// - Returns: whether all of `bytes` is a number.
  mutating func read(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    let before = digits(&rest)
    if rest.first == UInt8(ascii: ".") {
      isInteger = false
      rest = rest.dropFirst()
      fraction = digits(&rest)
    }
    guard before + fraction > 0 else { return false }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      isInteger = false
      rest = rest.dropFirst()
      let isDown = rest.first == UInt8(ascii: "-")
      if isDown || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
      var count = 0
      while let digit = Self.digit(rest.first) {
        exponent = min(1_000_000, exponent * 10 + digit)
        count += 1
        rest = rest.dropFirst()
      }
      guard count > 0 else { return false }
      if isDown { exponent = -exponent }
    }
    return rest.isEmpty
  }

  private static func digit(_ byte: UInt8?) -> Int? {
    guard let byte, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
    return Int(byte - UInt8(ascii: "0"))
  }

  private mutating func digits(_ rest: inout ArraySlice<UInt8>) -> Int {
    var count = 0
    while let digit = Self.digit(rest.first) {
      if significant > 0 || digit > 0 { significant += 1 }
      if significant <= 18 { value = value * 10 + Int64(digit) }
      count += 1
      rest = rest.dropFirst()
    }
    return count
  }
}
