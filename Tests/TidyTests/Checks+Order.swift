extension Checks {
  /// Iteration over a Dictionary or a Set, whose order differs from process to process. Names are
  /// followed through a whole room by their declarations: a heuristic, and a strict one.
  static func hashedOrder(_ room: [SourceText]) -> [Finding] {
    guard let first = room.first, Rooms.pure.contains(first.room) else { return [] }
    let names = room.reduce(into: Set<String>()) { $0.formUnion(hashedNames($1)) }
    return room.flatMap { file in
      file.tokens.indices.compactMap { index in
        names.contains(file.tokens[index].text) && isVisited(file, index)
          ? file.finding(
            file.tokens[index],
            "\(file.tokens[index].text) is hashed and has no order: use an array or sort it first")
          : nil
      }
    }
  }

  /// Names declared with a type or a first value that is a Dictionary or a Set.
  static func hashedNames(_ file: SourceText) -> Set<String> {
    var names: Set<String> = []
    for index in file.tokens.indices {
      let next = file.text(at: index + 1)
      guard next == ":" || next == "=" else { continue }
      let value = file.text(at: index + 2)
      let opensType = file.text(at: index + 3)
      let isNamed =
        ["Set", "Dictionary"].contains(value) && ["<", "(", "="].contains(opensType)
      if isNamed || (value == "[" && isPair(file, index + 2)) {
        names.insert(file.tokens[index].text)
      }
    }
    return names
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
