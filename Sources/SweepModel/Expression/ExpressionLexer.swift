enum ExpressionToken: Equatable {
  case integer(Int64)
  case real(Double)
  case text(String)
  case name(String)
  case symbol(String)
  case end

  var spelled: String {
    switch self {
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .text(let text): "'\(text)'"
    case .name(let name): name
    case .symbol(let symbol): "'\(symbol)'"
    case .end: "the end"
    }
  }
}

/// Cuts an expression's text into tokens.
struct ExpressionLexer {
  private let bytes: [UInt8]
  private(set) var place = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  private func byte(_ ahead: Int = 0) -> UInt8? {
    place + ahead < bytes.count ? bytes[place + ahead] : nil
  }

  private static func isDigit(_ byte: UInt8?) -> Bool {
    guard let byte else { return false }
    return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private static func isLetter(_ byte: UInt8?) -> Bool {
    guard let byte else { return false }
    return byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
      || byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") || byte == UInt8(ascii: "_")
  }

  mutating func next() throws(ExpressionMistake) -> (token: ExpressionToken, position: Int) {
    while let byte = byte(), byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d {
      place += 1
    }
    let start = place
    guard let first = byte() else { return (.end, start) }
    if Self.isLetter(first) {
      while Self.isLetter(byte()) || Self.isDigit(byte()) { place += 1 }
      return (.name(String(decoding: bytes[start..<place], as: UTF8.self)), start)
    }
    if Self.isDigit(first) || first == UInt8(ascii: ".") && Self.isDigit(byte(1)) {
      return (try number(), start)
    }
    if first == UInt8(ascii: "'") || first == UInt8(ascii: "\"") {
      return (try text(quote: first), start)
    }
    return (try symbol(), start)
  }

  private mutating func number() throws(ExpressionMistake) -> ExpressionToken {
    let start = place
    var isInteger = true
    while Self.isDigit(byte()) { place += 1 }
    if byte() == UInt8(ascii: ".") {
      isInteger = false
      place += 1
      while Self.isDigit(byte()) { place += 1 }
    }
    if byte() == UInt8(ascii: "e") || byte() == UInt8(ascii: "E") {
      let signed = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-")
      if Self.isDigit(byte(signed ? 2 : 1)) {
        isInteger = false
        place += signed ? 2 : 1
        while Self.isDigit(byte()) { place += 1 }
      }
    }
    if Self.isLetter(byte()) {
      throw ExpressionMistake(position: place, message: "expected an operator after the number")
    }
    let spelled = String(decoding: bytes[start..<place], as: UTF8.self)
    if isInteger {
      guard let value = Int64(spelled) else {
        throw ExpressionMistake(
          position: start,
          message: "integer \(spelled) does not fit in 64 bits; write it with an exponent")
      }
      return .integer(value)
    }
    guard let value = DecimalText.real(spelled), value.isFinite else {
      throw ExpressionMistake(position: start, message: "number \(spelled) is too large")
    }
    return .real(value)
  }

  private mutating func text(quote: UInt8) throws(ExpressionMistake) -> ExpressionToken {
    let start = place
    place += 1
    while let byte = byte(), byte != quote { place += 1 }
    guard byte() == quote else {
      throw ExpressionMistake(position: start, message: "text without a closing quote")
    }
    place += 1
    return .text(String(decoding: bytes[(start + 1)..<(place - 1)], as: UTF8.self))
  }

  /// Spellings of other languages, with ours.
  private static let foreign: [(String, String)] = [
    ("**", "a power is written ^"), ("&&", "write 'and'"), ("||", "write 'or'"),
    ("//", "write floor(a / b)"), ("<>", "write !="), ("=", "equality is written =="),
    ("!", "write 'not'"), ("%", "there is no remainder; write a - b * floor(a / b)"),
  ]

  private mutating func symbol() throws(ExpressionMistake) -> ExpressionToken {
    let start = place
    let rest = bytes[place...].prefix(2)
    let two = String(decoding: rest, as: UTF8.self)
    if ["<=", ">=", "==", "!="].contains(two) {
      place += 2
      return .symbol(two)
    }
    for (spelling, advice) in Self.foreign where two.hasPrefix(spelling) {
      throw ExpressionMistake(position: start, message: "unexpected '\(spelling)': \(advice)")
    }
    let one = String(decoding: rest.prefix(1), as: UTF8.self)
    if ["+", "-", "*", "/", "^", "<", ">", "(", ")", ","].contains(one) {
      place += 1
      return .symbol(one)
    }
    let character = String(decoding: bytes[place...].prefix(4), as: UTF8.self).first
    throw ExpressionMistake(
      position: start, message: "unexpected character '\(character.map(String.init) ?? "?")'")
  }
}
