/// Why a text is no JSON value, and where.
public struct JSONError: Error, Hashable, Sendable {
  /// Bytes from the start.
  public var offset: Int
  public var reason: String
}

extension JSONError: CustomStringConvertible {
  public var description: String { "byte \(offset): \(reason)" }
}

extension JSONValue {
  /// Reads exactly one value, by the letter of RFC 8259: UTF-8, no comments, no trailing comma, no
  /// name twice in an object, at most `depthLimit` levels.
  /// - Parameter allowsNonFinite: whether `NaN`, `Infinity` and `-Infinity` are numbers, as Python
  ///   writes and reads them.
  public init(
    parsing bytes: [UInt8], allowsNonFinite: Bool = false, depthLimit: Int = 64
  ) throws(JSONError) {
    try self.init(parsing: bytes[...], allowsNonFinite: allowsNonFinite, depthLimit: depthLimit)
  }

  public init(
    parsing bytes: ArraySlice<UInt8>, allowsNonFinite: Bool = false, depthLimit: Int = 64
  ) throws(JSONError) {
    var parser = JSONParser(
      bytes: bytes, place: bytes.startIndex, allowsNonFinite: allowsNonFinite,
      depthLimit: depthLimit)
    self = try parser.wholeValue()
  }

  public init(parsing text: String) throws(JSONError) { try self.init(parsing: Array(text.utf8)) }
}

private struct JSONParser {
  let bytes: ArraySlice<UInt8>
  var place: Int
  let allowsNonFinite: Bool
  let depthLimit: Int

  private func error(_ reason: String) -> JSONError {
    JSONError(offset: place - bytes.startIndex, reason: reason)
  }

  private var next: UInt8? { place < bytes.endIndex ? bytes[place] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte == 32 || byte == 10 || byte == 13 || byte == 9 { place += 1 }
  }

  private mutating func take(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard bytes.endIndex - place >= count else { return false }
    for offset in 0..<count where bytes[place + offset] != word.utf8Start[offset] { return false }
    place += count
    return true
  }

  mutating func wholeValue() throws(JSONError) -> JSONValue {
    skipBlanks()
    let value = try self.value(depth: 0)
    skipBlanks()
    if place < bytes.endIndex { throw error("something follows the value") }
    return value
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard depth < depthLimit else { throw error("more than \(depthLimit) levels") }
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t") where take("true"): return .boolean(true)
    case UInt8(ascii: "f") where take("false"): return .boolean(false)
    case UInt8(ascii: "n") where take("null"): return .null
    case UInt8(ascii: "N") where allowsNonFinite && take("NaN"): return .real(.nan)
    case UInt8(ascii: "I") where allowsNonFinite && take("Infinity"): return .real(.infinity)
    case UInt8(ascii: "-") where allowsNonFinite && take("-Infinity"): return .real(-.infinity)
    case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
    case nil: throw error("the text ends where a value should be")
    default: throw error("no value begins so")
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
    place += 1
    var members: [JSONMember] = []
    // Only ever asked whether it contains: no order of it is used.
    var names: Set<String> = []
    skipBlanks()
    if next == UInt8(ascii: "}") {
      place += 1
      return .object([])
    }
    while true {
      skipBlanks()
      guard next == UInt8(ascii: "\"") else { throw error("a name in quotes should stand here") }
      let name = try string()
      guard names.insert(name).inserted else { throw error("the name \"\(name)\" stands twice") }
      skipBlanks()
      guard next == UInt8(ascii: ":") else { throw error("a colon should stand here") }
      place += 1
      skipBlanks()
      members.append(JSONMember(name, try value(depth: depth + 1)))
      skipBlanks()
      if try isEnd(UInt8(ascii: "}")) { return .object(members) }
    }
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
    place += 1
    var elements: [JSONValue] = []
    skipBlanks()
    if next == UInt8(ascii: "]") {
      place += 1
      return .array([])
    }
    while true {
      skipBlanks()
      elements.append(try value(depth: depth + 1))
      skipBlanks()
      if try isEnd(UInt8(ascii: "]")) { return .array(elements) }
    }
  }

  /// Takes a comma (false) or the closing bracket (true).
  private mutating func isEnd(_ bracket: UInt8) throws(JSONError) -> Bool {
    guard let byte = next, byte == UInt8(ascii: ",") || byte == bracket else {
      throw error("a comma or a closing bracket should stand here")
    }
    place += 1
    return byte == bracket
  }

  private mutating func digits() -> Int {
    let start = place
    while let byte = next, byte >= 48 && byte <= 57 { place += 1 }
    return place - start
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = place
    if next == UInt8(ascii: "-") { place += 1 }
    if next == UInt8(ascii: "0") {
      place += 1
    } else if digits() == 0 {
      throw error("a digit should stand here")
    }
    var isInteger = true
    if next == UInt8(ascii: ".") {
      isInteger = false
      place += 1
      if digits() == 0 { throw error("a digit should stand here") }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isInteger = false
      place += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { place += 1 }
      if digits() == 0 { throw error("a digit should stand here") }
    }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    if isInteger, text != "-0", let number = Int64(text) { return .integer(number) }
    guard let number = Double(text), number.isFinite else {
      throw error("the number \(text.prefix(40)) is too large")
    }
    return .real(number)
  }

  private mutating func string() throws(JSONError) -> String {
    place += 1
    var text: [UInt8] = []
    while true {
      let start = place
      while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 32 {
        place += 1
      }
      text += bytes[start..<place]
      guard let byte = next else { throw error("the text ends inside a string") }
      if byte == UInt8(ascii: "\"") { break }
      if byte < 32 { throw error("a control character in a string") }
      place += 1
      try escape(into: &text)
    }
    place += 1
    guard let string = String(validating: text, as: UTF8.self) else {
      throw error("the string is not UTF-8")
    }
    return string
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    guard let byte = next else { throw error("the text ends inside a string") }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if code >= 0xD800 && code < 0xDC00 {
        guard take("\\u") else { throw error("half of a surrogate pair") }
        let low = try hexadecimal()
        guard low >= 0xDC00 && low < 0xE000 else { throw error("half of a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair") }
      text += String(Character(scalar)).utf8
    default: throw error("an unknown escape")
    }
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    guard bytes.endIndex - place >= 4,
      bytes[place..<place + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt32(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
    else { throw error("four hexadecimal digits should stand here") }
    place += 4
    return code
  }
}
