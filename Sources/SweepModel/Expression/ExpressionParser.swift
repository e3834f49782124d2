extension Expression {
  /// Parses the text of an expression. From loose to tight: `or`, `and`, `not`, one comparison,
  /// `+ -`, `* /`, unary minus, `^` (right-associative).
  public static func parse(_ text: String) throws(ExpressionMistake) -> Expression {
    guard text.utf8.count <= byteLimit else {
      throw ExpressionMistake(
        position: byteLimit, message: "an expression has at most \(byteLimit) bytes")
    }
    var parser = try ExpressionParser(text)
    return try parser.whole()
  }
}

/// Recursive descent; `nesting` bounds the recursion, `Expression.depthLimit` the trees that loops build.
struct ExpressionParser {
  private var lexer: ExpressionLexer
  private var token: ExpressionToken
  private var position: Int
  private var nesting = 0

  init(_ text: String) throws(ExpressionMistake) {
    lexer = ExpressionLexer(text)
    (token, position) = try lexer.next()
  }

  private mutating func advance() throws(ExpressionMistake) {
    (token, position) = try lexer.next()
  }

  private func mistake(_ message: String, at place: Int? = nil) -> ExpressionMistake {
    ExpressionMistake(position: place ?? position, message: message)
  }

  private func make(_ node: Expression.Node, at place: Int, over depth: Int)
    throws(ExpressionMistake) -> Expression
  {
    guard depth < Expression.depthLimit else {
      throw mistake("more than \(Expression.depthLimit) operations deep; split it", at: place)
    }
    return Expression(node, position: place)
  }

  mutating func whole() throws(ExpressionMistake) -> Expression {
    if token == .end { throw mistake("expected an expression") }
    let expression = try disjunction()
    guard token == .end else { throw mistake(unexpected()) }
    return expression
  }

  private func unexpected() -> String {
    switch token {
    case .symbol(")"): "')' without '('"
    case .name, .integer, .real, .text, .symbol("("):
      "expected an operator before \(token.spelled)"
    case .symbol, .end: "unexpected \(token.spelled)"
    }
  }

  private mutating func nested(
    _ parse: (inout ExpressionParser) throws(ExpressionMistake) -> Expression
  ) throws(ExpressionMistake) -> Expression {
    guard nesting < Expression.depthLimit else {
      throw mistake("more than \(Expression.depthLimit) operations deep; split it")
    }
    nesting += 1
    defer { nesting -= 1 }
    return try parse(&self)
  }

  private mutating func binary(
    _ operation: BinaryOperator, _ left: Expression, at place: Int,
    _ parse: (inout ExpressionParser) throws(ExpressionMistake) -> Expression
  ) throws(ExpressionMistake) -> Expression {
    try advance()
    let right = try nested(parse)
    return try make(
      .binary(operation, left, right), at: place, over: max(left.depth, right.depth))
  }

  private mutating func disjunction() throws(ExpressionMistake) -> Expression {
    var left = try conjunction()
    while token == .name("or") {
      left = try binary(.or, left, at: position) { (parser) throws(ExpressionMistake) in
        try parser.conjunction()
      }
    }
    return left
  }

  private mutating func conjunction() throws(ExpressionMistake) -> Expression {
    var left = try inversion()
    while token == .name("and") {
      left = try binary(.and, left, at: position) { (parser) throws(ExpressionMistake) in
        try parser.inversion()
      }
    }
    return left
  }

  private mutating func inversion() throws(ExpressionMistake) -> Expression {
    guard token == .name("not") else { return try comparison() }
    let place = position
    try advance()
    let operand = try nested { (parser) throws(ExpressionMistake) in try parser.inversion() }
    return try make(.not(operand), at: place, over: operand.depth)
  }

  private static func comparison(_ token: ExpressionToken) -> BinaryOperator? {
    switch token {
    case .symbol("<"): .less
    case .symbol("<="): .lessOrEqual
    case .symbol(">"): .greater
    case .symbol(">="): .greaterOrEqual
    case .symbol("=="): .equal
    case .symbol("!="): .notEqual
    default: nil
    }
  }

  private mutating func comparison() throws(ExpressionMistake) -> Expression {
    let left = try sum()
    guard let operation = Self.comparison(token) else { return left }
    let whole = try binary(operation, left, at: position) { (parser) throws(ExpressionMistake) in
      try parser.sum()
    }
    if Self.comparison(token) != nil {
      throw mistake("comparisons do not chain: write 'a < b and b < c'")
    }
    return whole
  }

  private mutating func sum() throws(ExpressionMistake) -> Expression {
    var left = try product()
    while token == .symbol("+") || token == .symbol("-") {
      let operation = token == .symbol("+") ? BinaryOperator.add : .subtract
      left = try binary(operation, left, at: position) { (parser) throws(ExpressionMistake) in
        try parser.product()
      }
    }
    return left
  }

  private mutating func product() throws(ExpressionMistake) -> Expression {
    var left = try unary()
    while token == .symbol("*") || token == .symbol("/") {
      let operation = token == .symbol("*") ? BinaryOperator.multiply : .divide
      left = try binary(operation, left, at: position) { (parser) throws(ExpressionMistake) in
        try parser.unary()
      }
    }
    return left
  }

  private mutating func unary() throws(ExpressionMistake) -> Expression {
    guard token == .symbol("-") || token == .symbol("+") else { return try power() }
    let place = position
    let negates = token == .symbol("-")
    try advance()
    let operand = try nested { (parser) throws(ExpressionMistake) in try parser.unary() }
    return negates ? try make(.negation(operand), at: place, over: operand.depth) : operand
  }

  private mutating func power() throws(ExpressionMistake) -> Expression {
    let base = try atom()
    guard token == .symbol("^") else { return base }
    return try binary(.power, base, at: position) { (parser) throws(ExpressionMistake) in
      try parser.unary()
    }
  }

  private mutating func atom() throws(ExpressionMistake) -> Expression {
    let place = position
    switch token {
    case .integer(let value):
      try advance()
      return Expression(.integer(value), position: place)
    case .real(let value):
      try advance()
      return Expression(.real(value), position: place)
    case .text(let text):
      try advance()
      return Expression(.text(text), position: place)
    case .symbol("("):
      try advance()
      let inner = try nested { (parser) throws(ExpressionMistake) in try parser.disjunction() }
      guard token == .symbol(")") else { throw mistake("expected ')'") }
      try advance()
      return inner
    case .name(let name):
      try advance()
      return try named(name, at: place)
    case .symbol, .end:
      throw mistake("expected a number, a name or '(', found \(token.spelled)")
    }
  }

  private mutating func named(_ name: String, at place: Int) throws(ExpressionMistake) -> Expression
  {
    if token == .symbol("(") {
      guard let function = Function(name: name) else {
        let near = Suggestion.hint(for: name, among: Function.allCases.map(\.name))
        throw mistake("unknown function '\(name)'\(near)", at: place)
      }
      return try call(function, at: place)
    }
    switch name {
    case "pi": return Expression(.real(Double.pi), position: place)
    case "true": return Expression(.boolean(true), position: place)
    case "false": return Expression(.boolean(false), position: place)
    case "and", "or", "not":
      throw mistake("expected a number, a name or '(', found '\(name)'", at: place)
    default: break
    }
    if Function(name: name) != nil {
      throw mistake("'\(name)' is a function: expected '(' after it", at: place)
    }
    return Expression(.name(name), position: place)
  }

  private mutating func call(_ function: Function, at place: Int) throws(ExpressionMistake)
    -> Expression
  {
    var arguments: [Expression] = []
    repeat {
      try advance()
      if token == .symbol(")") && arguments.isEmpty { break }
      arguments.append(
        try nested { (parser) throws(ExpressionMistake) in try parser.disjunction() })
    } while token == .symbol(",") && arguments.count < 64
    guard token == .symbol(")") else { throw mistake("expected ',' or ')'") }
    try advance()
    let counts = function.argumentCounts
    guard counts.contains(arguments.count) else {
      let wanted = counts.count == 1 ? "one argument" : "two or more arguments"
      throw mistake("\(function.name) takes \(wanted), not \(arguments.count)", at: place)
    }
    let depth = arguments.reduce(0) { max($0, $1.depth) }
    return try make(.call(function, arguments), at: place, over: depth)
  }
}
