import Yams

/// A YAML document as values of our own, each with its place. Only what sweep files need: no anchors, no
/// aliases (a few lines of them can stand for 10^9 values), keys are plain texts and unique.
indirect enum YAML {
  case scalar(YAMLScalar)
  case sequence([YAML], Place)
  case mapping([(key: YAMLScalar, value: YAML)], Place)

  var place: Place {
    switch self {
    case .scalar(let scalar): scalar.place
    case .sequence(_, let place), .mapping(_, let place): place
    }
  }

  /// What it is, for messages.
  var kind: String {
    switch self {
    case .scalar(let scalar): scalar.isEmpty ? "nothing" : "'\(scalar.text)'"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

struct YAMLScalar {
  var text: String
  var isQuoted: Bool
  /// Written over several lines, so that columns within it are unknown.
  var isBlock: Bool
  var place: Place

  /// `null` is a solver's name, and no more than a text elsewhere.
  var isEmpty: Bool { !isQuoted && (text.isEmpty || text == "~") }

  /// The place of a byte of the text.
  func place(ofByte byte: Int) -> Place {
    if isBlock { return place }
    let characters = text.utf8.prefix(byte).reduce(0) { $0 + ($1 & 0xc0 == 0x80 ? 0 : 1) }
    return place.moved(characters + (isQuoted ? 1 : 0))
  }
}

enum YAMLReader {
  /// A larger list of points belongs into a CSV file.
  static let byteLimit = 4 << 20

  static func read(_ text: String, path: String) throws(Mistakes) -> YAML {
    let start = Place(path: path, line: 1, column: 1)
    guard text.utf8.count <= byteLimit else {
      throw mistake(
        "a sweep file has at most 4 MiB; put long lists of points into a CSV file", start)
    }
    if let anchor = firstAnchor(text, path: path) {
      throw mistake("anchors and aliases ('&name', '*name') are not supported", anchor)
    }
    let root: Node?
    do {
      root = try Parser(yaml: text).singleRoot()
    } catch let error as YamlError {
      throw describe(error, path: path)
    } catch {
      throw mistake("\(error)", start)
    }
    guard let root else {
      throw mistake("the file is empty: expected solver and parameters", start)
    }
    return try convert(root, path: path)
  }

  private static func mistake(_ message: String, _ place: Place) -> Mistakes {
    Mistakes([
      Mistake(path: place.path, line: place.line, column: place.column, message: message)
    ])
  }

  private static func place(_ mark: Mark?, _ path: String) -> Place {
    Place(path: path, line: mark?.line ?? 1, column: mark?.column ?? 1)
  }

  private static func convert(_ node: Node, path: String) throws(Mistakes) -> YAML {
    switch node {
    case .scalar(let scalar):
      return .scalar(convert(scalar, path: path))
    case .sequence(let sequence):
      var items: [YAML] = []
      for item in sequence { items.append(try convert(item, path: path)) }
      return .sequence(items, place(sequence.mark, path))
    case .mapping(let mapping):
      var pairs: [(key: YAMLScalar, value: YAML)] = []
      for (key, value) in mapping {
        guard case .scalar(let scalar) = key else {
          throw mistake("expected a name before ':'", place(key.mark, path))
        }
        pairs.append((convert(scalar, path: path), try convert(value, path: path)))
      }
      return .mapping(pairs, place(mapping.mark, path))
    case .alias(let alias):
      throw mistake("anchors and aliases are not supported", place(alias.mark, path))
    }
  }

  private static func convert(_ scalar: Node.Scalar, path: String) -> YAMLScalar {
    let isQuoted = scalar.style == .singleQuoted || scalar.style == .doubleQuoted
    let isBlock = scalar.style == .literal || scalar.style == .folded
    return YAMLScalar(
      text: scalar.string, isQuoted: isQuoted || isBlock, isBlock: isBlock,
      place: place(scalar.mark, path))
  }

  /// The first `&name` at the start of a token. Comments are not told apart: there a space after the &
  /// helps.
  private static func firstAnchor(_ text: String, path: String) -> Place? {
    var line = 1
    var column = 1
    var before: UInt8 = UInt8(ascii: " ")
    var candidate: Place?
    for byte in text.utf8 {
      if let candidate, isNameByte(byte) || byte >= 0x80 { return candidate }
      candidate = nil
      if byte == UInt8(ascii: "&"), before != UInt8(ascii: "&"), !isNameByte(before) {
        candidate = Place(path: path, line: line, column: column)
      }
      before = byte
      if byte == 0x0a {
        line += 1
        column = 1
      } else if byte & 0xc0 != 0x80 {
        column += 1
      }
    }
    return nil
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func describe(_ error: YamlError, path: String) -> Mistakes {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let prefix = context.map { "\($0.text): " } ?? ""
      return mistake("not YAML: \(prefix)\(problem)", place(mark, path))
    case .reader(let problem, _, _, _):
      return mistake("not YAML: \(problem)", Place(path: path, line: 1, column: 1))
    case .duplicatedKeysInMapping(let keys, let context):
      return mistake(
        "the same key twice: \(keys.joined(separator: ", "))", place(context.mark, path))
    default:
      return mistake("not YAML: \(error)", Place(path: path, line: 1, column: 1))
    }
  }
}
