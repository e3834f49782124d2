/// A parsed expression of a sweep file's `derive` or `where`: a tree whose nodes know their place in
/// the text. Two spellings of the same tree have the same canonical bytes.
public struct Expression: Sendable {
  public indirect enum Node: Sendable {
    case integer(Int64)
    case real(Double)
    case text(String)
    case boolean(Bool)
    case name(String)
    case negation(Expression)
    case not(Expression)
    case binary(BinaryOperator, Expression, Expression)
    case call(Function, [Expression])
  }

  public let node: Node
  /// Bytes from the start of the text, of the token that makes the node.
  public let position: Int
  /// Nodes from here to the farthest leaf; bounded, so that walks may recurse.
  public let depth: Int

  /// The deepest tree that is accepted, from text and from bytes alike.
  public static let depthLimit = 100
  public static let byteLimit = 10_000

  /// Traps if the tree is deeper than `depthLimit`; the parser and the decoder check before.
  init(_ node: Node, position: Int) {
    self.node = node
    self.position = position
    depth = 1 + Self.greatestDepth(below: node)
    precondition(depth <= Self.depthLimit + 1, "an expression is too deep")
  }

  private static func greatestDepth(below node: Node) -> Int {
    switch node {
    case .integer, .real, .text, .boolean, .name: 0
    case .negation(let operand), .not(let operand): operand.depth
    case .binary(_, let left, let right): max(left.depth, right.depth)
    case .call(_, let arguments): arguments.reduce(0) { max($0, $1.depth) }
    }
  }

  /// Names that the expression uses, in the order of their first use.
  public var names: [String] {
    var names: [String] = []
    collect(into: &names)
    return names
  }

  private func collect(into names: inout [String]) {
    switch node {
    case .integer, .real, .text, .boolean: break
    case .name(let name): if !names.contains(name) { names.append(name) }
    case .negation(let operand), .not(let operand): operand.collect(into: &names)
    case .binary(_, let left, let right):
      left.collect(into: &names)
      right.collect(into: &names)
    case .call(_, let arguments): for argument in arguments { argument.collect(into: &names) }
    }
  }
}

/// Raw values stand in canonical bytes and never change.
public enum BinaryOperator: UInt8, CaseIterable, Sendable {
  case add = 1
  case subtract
  case multiply
  case divide
  case power
  case less
  case lessOrEqual
  case greater
  case greaterOrEqual
  case equal
  case notEqual
  case and
  case or

  public var symbol: String {
    switch self {
    case .add: "+"
    case .subtract: "-"
    case .multiply: "*"
    case .divide: "/"
    case .power: "^"
    case .less: "<"
    case .lessOrEqual: "<="
    case .greater: ">"
    case .greaterOrEqual: ">="
    case .equal: "=="
    case .notEqual: "!="
    case .and: "and"
    case .or: "or"
    }
  }
}

/// Raw values stand in canonical bytes and never change.
public enum Function: UInt8, CaseIterable, Sendable {
  case round = 1
  case floor
  case ceil
  case abs
  case min
  case max
  case sqrt
  case exp
  case log
  case log10
  case sin
  case cos

  public var name: String {
    switch self {
    case .round: "round"
    case .floor: "floor"
    case .ceil: "ceil"
    case .abs: "abs"
    case .min: "min"
    case .max: "max"
    case .sqrt: "sqrt"
    case .exp: "exp"
    case .log: "log"
    case .log10: "log10"
    case .sin: "sin"
    case .cos: "cos"
    }
  }

  init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  /// How many arguments it takes; `min` and `max` take two or more.
  var argumentCounts: ClosedRange<Int> {
    switch self {
    case .min, .max: 2...32
    default: 1...1
    }
  }
}

/// What is wrong with an expression, and where.
public struct ExpressionMistake: Error, Hashable, Sendable {
  /// Bytes from the start of the text.
  public var position: Int
  public var message: String

  public init(position: Int, message: String) {
    self.position = position
    self.message = message
  }
}
