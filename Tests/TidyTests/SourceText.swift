/// A Swift file as tokens: names, numbers and single marks, without comments and the contents of
/// string literals. Enough to check habits; the compiler checks the rest.
struct SourceText {
  struct Token {
    var text: String
    var line: Int
  }

  /// Below the repository, as "Sources/Host/Errno.swift".
  let path: String
  let lineCount: Int
  let tokens: [Token]

  init(path: String, _ contents: String) {
    self.path = path
    var scanner = Scanner(bytes: Array(contents.utf8))
    scanner.run()
    tokens = scanner.tokens
    lineCount = contents.utf8.count { $0 == UInt8(ascii: "\n") }
  }

  /// "Host" for "Sources/Host/Errno.swift".
  var room: String {
    let parts = path.split(separator: "/")
    return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : ""
  }

  func text(at index: Int) -> String {
    tokens.indices.contains(index) ? tokens[index].text : ""
  }

  func isFirstOnLine(_ index: Int) -> Bool {
    index == 0 || tokens[index - 1].line != tokens[index].line
  }

  /// The index of the bracket that closes the one at `open`; the last index if none does.
  func closing(_ open: Int) -> Int {
    let (opener, closer) = tokens[open].text == "(" ? ("(", ")") : ("{", "}")
    var depth = 0
    for index in open..<tokens.count {
      if tokens[index].text == opener { depth += 1 }
      if tokens[index].text == closer { depth -= 1 }
      if depth == 0 { return index }
    }
    return tokens.count - 1
  }
}

private struct Scanner {
  let bytes: [UInt8]
  var tokens: [SourceText.Token] = []
  var at = 0
  var line = 1

  init(bytes: [UInt8]) { self.bytes = bytes }

  private func isAt(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard at + count <= bytes.count else { return false }
    return text.withUTF8Buffer { bytes[at..<at + count].elementsEqual($0) }
  }

  private mutating func advance(_ count: Int = 1) {
    for _ in 0..<count where at < bytes.count {
      if bytes[at] == UInt8(ascii: "\n") { line += 1 }
      at += 1
    }
  }

  mutating func run() {
    while at < bytes.count {
      let byte = bytes[at]
      if isAt("//") {
        while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { advance() }
      } else if isAt("/*") {
        skipBlockComment()
      } else if byte == UInt8(ascii: "\"") || (byte == UInt8(ascii: "#") && startsRawString) {
        skipString()
      } else if isNamePart(byte) {
        let start = at
        while at < bytes.count, isNamePart(bytes[at]) { advance() }
        add(String(decoding: bytes[start..<at], as: UTF8.self))
      } else {
        if byte > 32 { add(String(UnicodeScalar(byte))) }
        advance()
      }
    }
  }

  private mutating func add(_ text: String) {
    tokens.append(SourceText.Token(text: text, line: line))
  }

  private func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 128...:
      true
    default: false
    }
  }

  private mutating func skipBlockComment() {
    var depth = 0
    repeat {
      if isAt("/*") {
        depth += 1
        advance(2)
      } else if isAt("*/") {
        depth -= 1
        advance(2)
      } else {
        advance()
      }
    } while depth > 0 && at < bytes.count
  }

  private var startsRawString: Bool {
    var next = at
    while next < bytes.count, bytes[next] == UInt8(ascii: "#") { next += 1 }
    return next < bytes.count && bytes[next] == UInt8(ascii: "\"")
  }

  /// Leaves one token for the literal, so that `print("")` still has its argument.
  private mutating func skipString() {
    var hashes = 0
    while bytes[at] == UInt8(ascii: "#") {
      hashes += 1
      advance()
    }
    let quotes = isAt("\"\"\"") ? 3 : 1
    let end =
      Array(repeating: UInt8(ascii: "\""), count: quotes)
      + Array(repeating: UInt8(ascii: "#"), count: hashes)
    let escape = [UInt8(ascii: "\\")] + Array(repeating: UInt8(ascii: "#"), count: hashes)
    add("\"\"")
    advance(quotes)
    while at < bytes.count {
      let rest = bytes[at...]
      if rest.starts(with: end) { return advance(end.count) }
      guard rest.starts(with: escape) else {
        advance()
        continue
      }
      advance(escape.count)
      if isAt("(") { skipInterpolation() } else { advance() }
    }
  }

  /// An interpolation may hold string literals with quotes and brackets of their own.
  private mutating func skipInterpolation() {
    let kept = tokens
    var depth = 0
    repeat {
      if isAt("\"") || (isAt("#") && startsRawString) {
        skipString()
        continue
      }
      if isAt("(") { depth += 1 }
      if isAt(")") { depth -= 1 }
      advance()
    } while depth > 0 && at < bytes.count
    tokens = kept
  }
}
