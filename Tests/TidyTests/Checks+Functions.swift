extension Checks {
  struct Function: Hashable {
    var name: String
    var line: Int
    var lineCount: Int
  }

  /// Every function, initialiser and subscript with a body.
  static func functions(_ file: SourceText) -> [Function] {
    let starters: Set = ["func", "init", "deinit", "subscript"]
    return file.tokens.indices.compactMap { index in
      let keyword = file.tokens[index].text
      guard starters.contains(keyword), ![".", "`"].contains(file.text(at: index - 1)),
        let open = body(file, after: index)
      else { return nil }
      let line = file.tokens[index].line
      return Function(
        name: keyword == "func" ? file.text(at: index + 1) : keyword, line: line,
        lineCount: file.tokens[file.closing(open)].line - line + 1)
    }
  }

  /// The body's opening brace; nil for a requirement of a protocol and for anything that only looks
  /// like a declaration.
  private static func body(_ file: SourceText, after keyword: Int) -> Int? {
    let declarations: Set = [
      "func", "init", "deinit", "subscript", "var", "let", "case", "static", "public", "private",
      "package", "internal", "mutating", "associatedtype", "@", "struct", "enum", "class", "}",
    ]
    var index = keyword + 1
    if file.tokens[keyword].text == "deinit" { return file.text(at: index) == "{" ? index : nil }
    // The name, generic parameters, and then the parameters' bracket.
    while index < file.tokens.count, file.tokens[index].text != "(" {
      if ["{", "}"].contains(file.tokens[index].text) { return nil }
      index += 1
    }
    guard index < file.tokens.count else { return nil }
    index = file.closing(index) + 1
    while index < file.tokens.count {
      let text = file.tokens[index].text
      if text == "{" { return index }
      if text == "(" {
        index = file.closing(index) + 1
        continue
      }
      if text == "}" || (file.isFirstOnLine(index) && declarations.contains(text)) { return nil }
      index += 1
    }
    return nil
  }
}
