extension Checks {
  /// A name that holds a Dictionary or a Set, and where it does.
  struct Hashed: Hashable {
    var name: String
    var path: String
    /// Tokens of the file, for a local name or a parameter; nil for a member, known to its whole room.
    var scope: Range<Int>?
  }

  /// Iteration over a Dictionary or a Set, whose order differs from process to process. Names are
  /// followed by their declarations, types by nothing: a heuristic, and a strict one.
  static func hashedOrder(_ room: [SourceText]) -> [Finding] {
    guard let first = room.first, Rooms.pure.contains(first.room) else { return [] }
    let hashed = room.flatMap(hashedNames)
    return room.flatMap { file in
      file.tokens.indices.compactMap { index in
        let name = file.tokens[index].text
        let isMember = file.text(at: index - 1) == "."
        let isHashed = hashed.contains {
          guard let scope = $0.scope else { return $0.name == name }
          return $0.name == name && !isMember && $0.path == file.path && scope.contains(index)
        }
        return isHashed && isVisited(file, index)
          ? file.finding(
            file.tokens[index], "\(name) is hashed and has no order: use an array or sort it first")
          : nil
      }
    }
  }

  /// Names declared with a type or a first value that is a Dictionary or a Set.
  static func hashedNames(_ file: SourceText) -> [Hashed] {
    let blocks = file.blocks
    return file.tokens.indices.compactMap { index in
      let name = file.tokens[index].text
      let value = file.text(at: index + 2)
      guard name.first?.isLetter == true, [":", "="].contains(file.text(at: index + 1)) else {
        return nil
      }
      let isNamed =
        ["Set", "Dictionary"].contains(value)
        && ["<", "(", "="].contains(file.text(at: index + 3))
      guard isNamed || (value == "[" && isPair(file, index + 2)) else { return nil }
      var scope: Range<Int>?
      if !["let", "var"].contains(file.text(at: index - 1)) {
        // A parameter, for the body that follows.
        let open = file.tokens[index...].firstIndex { $0.text == "{" }
        scope = index..<(open.map { file.closing($0) } ?? index)
      } else if let block = blocks[index], !block.isType {
        scope = index..<file.closing(block.open)
      }
      return Hashed(name: name, path: file.path, scope: scope)
    }
  }

  /// Whether a bracket holds `Key: Value`, `key: value` or `:` itself at its own depth.
  private static func isPair(_ file: SourceText, _ open: Int) -> Bool {
    var depth = 0
    for index in open..<file.tokens.count {
      switch file.tokens[index].text {
      case "[", "(", "{": depth += 1
      case "]", ")", "}":
        depth -= 1
        if depth == 0 { return false }
      case ":" where depth == 1: return true
      case "," where depth == 1: return false
      default: break
      }
    }
    return false
  }

  private static func isVisited(_ file: SourceText, _ index: Int) -> Bool {
    let visitors: Set = [
      "map", "compactMap", "flatMap", "reduce", "forEach", "first", "enumerated", "makeIterator",
      "popFirst", "lazy", "joined", "prefix", "dropFirst", "startIndex",
    ]
    var next = index + 1
    if file.text(at: next) == ".", ["keys", "values"].contains(file.text(at: next + 1)) {
      next += 2
    }
    if file.text(at: next) == ".", visitors.contains(file.text(at: next + 1)) {
      var end = next + 2
      while ["(", "{"].contains(file.text(at: end)) { end = file.closing(end) + 1 }
      return file.text(at: end) != "." || file.text(at: end + 1) != "sorted"
    }
    // `in name {`, also as `in self.a.name.values where`
    guard file.text(at: next) == "{" || file.text(at: next) == "where" else { return false }
    var before = index - 1
    while file.text(at: before) == "." { before -= 2 }
    return file.text(at: before) == "in"
  }
}

extension SourceText {
  struct Block {
    var open: Int
    /// The body of a type or an extension, whose names are members.
    var isType: Bool
  }

  /// The innermost block around each token; nil at the top level.
  var blocks: [Block?] {
    let kinds: Set = ["struct", "enum", "class", "extension", "protocol"]
    var open: [Block] = []
    var sawKind = false
    return tokens.indices.map { index in
      let enclosing = open.last
      switch tokens[index].text {
      case "{":
        open.append(Block(open: index, isType: sawKind))
        sawKind = false
      case "}":
        if !open.isEmpty { open.removeLast() }
        sawKind = false
      case let text where kinds.contains(text) && self.text(at: index - 1) != ".":
        sawKind = true
      case "func", "init", "var": sawKind = false
      default: break
      }
      return enclosing
    }
  }
}
