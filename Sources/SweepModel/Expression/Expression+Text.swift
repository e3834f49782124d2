extension Expression: CustomStringConvertible {
  /// A text that parses as this tree, with no more brackets than it needs.
  public var description: String { text(looserThan: 0) }

  /// How tight the outermost operation binds.
  private var tightness: Int {
    switch node {
    case .binary(.or, _, _): 1
    case .binary(.and, _, _): 2
    case .not: 3
    case .binary(.less, _, _), .binary(.lessOrEqual, _, _), .binary(.greater, _, _),
      .binary(.greaterOrEqual, _, _), .binary(.equal, _, _), .binary(.notEqual, _, _):
      4
    case .binary(.add, _, _), .binary(.subtract, _, _): 5
    case .binary(.multiply, _, _), .binary(.divide, _, _): 6
    case .negation: 7
    case .binary(.power, _, _): 8
    // A sign would be read as a negation, so it counts as one.
    case .integer(let value): value < 0 ? 7 : 9
    case .real(let value): value < 0 ? 7 : 9
    case .text, .boolean, .name, .call: 9
    }
  }

  private func text(looserThan least: Int) -> String {
    tightness < least ? "(\(bare))" : bare
  }

  private var bare: String {
    switch node {
    case .integer(let value): return "\(value)"
    case .real(let value): return value == Double.pi ? "pi" : "\(value)"
    case .text(let value): return value.contains("'") ? "\"\(value)\"" : "'\(value)'"
    case .boolean(let value): return value ? "true" : "false"
    case .name(let name): return name
    case .negation(let operand): return "-" + operand.text(looserThan: 7)
    case .not(let operand): return "not " + operand.text(looserThan: 3)
    case .binary(let operation, let left, let right):
      // Powers group from the right, comparisons not at all, the others from the left.
      let isPower = operation == .power
      let leftLeast = isPower || tightness == 4 ? tightness + 1 : tightness
      let rightLeast = isPower ? 7 : tightness + 1
      let symbol = isPower ? "^" : " \(operation.symbol) "
      return left.text(looserThan: leftLeast) + symbol + right.text(looserThan: rightLeast)
    case .call(let function, let arguments):
      let list = arguments.map { $0.text(looserThan: 0) }.joined(separator: ", ")
      return "\(function.name)(\(list))"
    }
  }
}
