/// Comma-separated values (RFC 4180): quotes around fields that hold commas, quotes or line ends; CRLF or
/// LF; blank lines are passed over.
enum CSV {
  static let byteLimit = 1 << 30

  static func read(_ text: String, path: String) throws(Mistakes) -> [[YAMLScalar]] {
    guard text.utf8.count <= byteLimit else {
      throw Mistakes([Mistake(path: path, line: 1, column: 1, message: "the file is over 1 GiB")])
    }
    var scanner = CSVScanner(bytes: Array(text.utf8), path: path)
    return try scanner.rows()
  }
}

private struct CSVScanner {
  let bytes: [UInt8]
  let path: String
  var place = 0
  var line = 1
  /// Where the current line starts.
  var lineStart = 0

  init(bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
      place = 3
      lineStart = 3
    }
  }

  private func currentPlace() -> Place {
    let characters = bytes[lineStart..<place].reduce(0) { $0 + ($1 & 0xc0 == 0x80 ? 0 : 1) }
    return Place(path: path, line: line, column: characters + 1)
  }

  mutating func rows() throws(Mistakes) -> [[YAMLScalar]] {
    var rows: [[YAMLScalar]] = []
    while place < bytes.count {
      if endLine() { continue }
      var row: [YAMLScalar] = [try field()]
      while place < bytes.count, bytes[place] == UInt8(ascii: ",") {
        place += 1
        row.append(try field())
      }
      guard place == bytes.count || endLine() else {
        throw mistake("expected ',' or the end of the line")
      }
      rows.append(row)
    }
    return rows
  }

  /// Passes over a line end. - Returns: whether there was one.
  private mutating func endLine() -> Bool {
    if place + 1 < bytes.count, bytes[place] == 0x0d, bytes[place + 1] == 0x0a { place += 1 }
    guard bytes[place] == 0x0a else { return false }
    place += 1
    line += 1
    lineStart = place
    return true
  }

  private mutating func skipBlanks() {
    while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x09 { place += 1 }
  }

  private mutating func field() throws(Mistakes) -> YAMLScalar {
    skipBlanks()
    let start = currentPlace()
    if place < bytes.count, bytes[place] == UInt8(ascii: "\"") {
      let text = try quoted()
      skipBlanks()
      return YAMLScalar(text: text, isQuoted: true, isBlock: false, place: start)
    }
    let first = place
    while place < bytes.count, bytes[place] != UInt8(ascii: ","), bytes[place] != 0x0a,
      bytes[place] != 0x0d
    {
      place += 1
    }
    var end = place
    while end > first, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
    return YAMLScalar(
      text: String(decoding: bytes[first..<end], as: UTF8.self), isQuoted: false, isBlock: false,
      place: start)
  }

  private mutating func quoted() throws(Mistakes) -> String {
    var text: [UInt8] = []
    let start = currentPlace()
    place += 1
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      if byte == UInt8(ascii: "\"") {
        guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
          return String(decoding: text, as: UTF8.self)
        }
        place += 1
      } else if byte == 0x0a {
        line += 1
        lineStart = place
      }
      text.append(byte)
    }
    throw Mistakes([
      Mistake(
        path: path, line: start.line, column: start.column, message: "a quote that is not closed")
    ])
  }

  private func mistake(_ message: String) -> Mistakes {
    let place = currentPlace()
    return Mistakes([
      Mistake(path: path, line: place.line, column: place.column, message: message)
    ])
  }
}
