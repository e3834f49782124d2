/// Compiles expressions into instructions over slots. Whatever depends on constants only is computed
/// here, once.
struct ProgramBuilder {
  /// Where a name's value lies, and what it is.
  struct Operand {
    var slot: Int
    var type: ExpressionType
  }

  /// Bits of every slot: constants are final, the others are filled in at each point.
  var slots: [UInt64]
  var isConstant: [Bool]
  /// Slots from here on belong to the builder; a name's slot lies below.
  let namedSlotCount: Int
  private(set) var instructions: [Instruction] = []
  /// Where in the text each instruction comes from.
  private(set) var positions: [Int] = []
  var texts: TextPool
  /// Depth of `and` and `or` whose right side may be passed over: a fault there is none yet.
  private var conditionalDepth = 0

  init(slots: [UInt64], isConstant: [Bool], texts: TextPool) {
    self.slots = slots
    self.isConstant = isConstant
    namedSlotCount = slots.count
    self.texts = texts
  }

  /// Takes the instructions compiled so far.
  mutating func takeInstructions() -> (instructions: [Instruction], positions: [Int]) {
    defer {
      instructions = []
      positions = []
    }
    return (instructions, positions)
  }

  private mutating func constant(_ bits: UInt64) -> Int {
    slots.append(bits)
    isConstant.append(true)
    return slots.count - 1
  }

  private mutating func append(_ step: Instruction, at position: Int) {
    instructions.append(step)
    positions.append(position)
  }

  private mutating func emit(
    _ operation: Instruction.Operation, _ left: Int, _ right: Int, at position: Int
  ) throws(ExpressionMistake) -> Int {
    let result = constant(0)
    let step = Instruction(
      operation: operation, left: Int32(left), right: Int32(right), result: Int32(result))
    if isConstant[left] && isConstant[right] {
      if let bits = slots.withUnsafeMutableBufferPointer({ Program.evaluate(step, $0) }) {
        slots[result] = bits
        return result
      }
      if conditionalDepth == 0 {
        throw ExpressionMistake(
          position: position, message: Program.fault(of: operation).reason)
      }
    }
    isConstant[result] = false
    append(step, at: position)
    return result
  }

  /// Puts the value of `operand` into the slot of a name.
  mutating func assign(_ operand: Operand, toNamed slot: Int) {
    if isConstant[operand.slot] {
      slots[slot] = slots[operand.slot]
      isConstant[slot] = true
      return
    }
    isConstant[slot] = false
    if operand.slot >= namedSlotCount, let last = instructions.last,
      Int(last.result) == operand.slot
    {
      instructions[instructions.count - 1].result = Int32(slot)
    } else {
      append(
        Instruction(
          operation: .copy, left: Int32(operand.slot), right: 0, result: Int32(slot)),
        at: positions.last ?? 0)
    }
  }

  mutating func real(_ operand: Operand, at position: Int) throws(ExpressionMistake) -> Int {
    operand.type == .real
      ? operand.slot : try emit(.toReal, operand.slot, operand.slot, at: position)
  }

  /// A real that must be an integer's value, as that integer.
  mutating func exactInteger(_ operand: Operand, at position: Int) throws(ExpressionMistake) -> Int
  {
    operand.type == .integer
      ? operand.slot : try emit(.toExactInteger, operand.slot, operand.slot, at: position)
  }

  /// - Parameter scope: what a name means; nil if it is unknown.
  mutating func compile(
    _ expression: Expression, scope: (String) -> Operand?, unknown: (String) -> String
  ) throws(ExpressionMistake) -> Operand {
    let position = expression.position
    switch expression.node {
    case .integer(let value):
      return Operand(slot: constant(UInt64(bitPattern: value)), type: .integer)
    case .real(let value): return Operand(slot: constant(value.bitPattern), type: .real)
    case .boolean(let value): return Operand(slot: constant(value ? 1 : 0), type: .boolean)
    case .text(let text): return Operand(slot: constant(texts.number(of: text)), type: .text)
    case .name(let name):
      guard let operand = scope(name) else {
        throw ExpressionMistake(position: position, message: unknown(name))
      }
      return operand
    case .negation(let inner):
      let operand = try compile(inner, scope: scope, unknown: unknown)
      try requireNumber(operand, "-", at: position)
      let operation: Instruction.Operation =
        operand.type == .integer ? .negateInteger : .negateReal
      return Operand(
        slot: try emit(operation, operand.slot, operand.slot, at: position), type: operand.type)
    case .not(let inner):
      let operand = try compile(inner, scope: scope, unknown: unknown)
      try requireBoolean(operand, "not", at: inner.position)
      return Operand(
        slot: try emit(.not, operand.slot, operand.slot, at: position), type: .boolean)
    case .binary(let operation, let left, let right):
      if operation == .and || operation == .or {
        return try connective(operation, left, right, scope: scope, unknown: unknown)
      }
      let first = try compile(left, scope: scope, unknown: unknown)
      let second = try compile(right, scope: scope, unknown: unknown)
      return try binary(operation, first, second, exponent: right, at: position)
    case .call(let function, let arguments):
      var operands: [Operand] = []
      for argument in arguments {
        let operand = try compile(argument, scope: scope, unknown: unknown)
        try requireNumber(operand, function.name, at: argument.position)
        operands.append(operand)
      }
      return try call(function, operands, at: position)
    }
  }

  private func requireNumber(_ operand: Operand, _ what: String, at position: Int)
    throws(ExpressionMistake)
  {
    guard operand.type == .integer || operand.type == .real else {
      throw ExpressionMistake(
        position: position, message: "'\(what)' needs numbers, not a \(operand.type.rawValue)")
    }
  }

  private func requireBoolean(_ operand: Operand, _ what: String, at position: Int)
    throws(ExpressionMistake)
  {
    guard operand.type == .boolean else {
      throw ExpressionMistake(
        position: position,
        message: "'\(what)' needs conditions such as a < b, not a \(operand.type.rawValue)")
    }
  }
}

/// Distinct texts and their numbers, in the order of their first use.
struct TextPool: Sendable {
  private(set) var texts: [String] = []
  private var numbers: [String: UInt64] = [:]

  mutating func number(of text: String) -> UInt64 {
    if let number = numbers[text] { return number }
    let number = UInt64(texts.count)
    texts.append(text)
    numbers[text] = number
    return number
  }
}

extension ProgramBuilder {
  fileprivate mutating func connective(
    _ operation: BinaryOperator, _ left: Expression, _ right: Expression,
    scope: (String) -> Operand?, unknown: (String) -> String
  ) throws(ExpressionMistake) -> Operand {
    let first = try compile(left, scope: scope, unknown: unknown)
    try requireBoolean(first, operation.symbol, at: left.position)
    let position = left.position
    let result = constant(0)
    isConstant[result] = false
    append(
      Instruction(operation: .copy, left: Int32(first.slot), right: 0, result: Int32(result)),
      at: position)
    let skip = instructions.count
    append(
      Instruction(
        operation: operation == .and ? .skipUnless : .skipIf, left: Int32(result), right: 0,
        result: Int32(result)), at: position)
    conditionalDepth += 1
    defer { conditionalDepth -= 1 }
    let second = try compile(right, scope: scope, unknown: unknown)
    try requireBoolean(second, operation.symbol, at: right.position)
    append(
      Instruction(operation: .copy, left: Int32(second.slot), right: 0, result: Int32(result)),
      at: right.position)
    instructions[skip].right = Int32(instructions.count - 1 - skip)
    return Operand(slot: result, type: .boolean)
  }

  fileprivate mutating func binary(
    _ operation: BinaryOperator, _ left: Operand, _ right: Operand, exponent: Expression,
    at position: Int
  ) throws(ExpressionMistake) -> Operand {
    switch operation {
    case .equal, .notEqual:
      if left.type == right.type && left.type != .real {
        let same: Instruction.Operation = operation == .equal ? .equalBits : .notEqualBits
        return Operand(
          slot: try emit(same, left.slot, right.slot, at: position), type: .boolean)
      }
    default: break
    }
    try requireNumber(left, operation.symbol, at: position)
    try requireNumber(right, operation.symbol, at: position)
    var integers = left.type == .integer && right.type == .integer
    if operation == .power { integers = integers && Self.isNaturalLiteral(exponent) }
    let steps = Self.steps(operation)
    var type = ExpressionType.boolean
    switch operation {
    case .add, .subtract, .multiply, .power: type = integers ? .integer : .real
    case .divide: type = .real
    default: break
    }
    if integers, let step = steps.integers {
      let pair = steps.swapped ? (right.slot, left.slot) : (left.slot, right.slot)
      return Operand(slot: try emit(step, pair.0, pair.1, at: position), type: type)
    }
    let first = try real(left, at: position)
    let second = try real(right, at: position)
    let pair = steps.swapped ? (second, first) : (first, second)
    return Operand(slot: try emit(steps.reals, pair.0, pair.1, at: position), type: type)
  }

  private static func isNaturalLiteral(_ expression: Expression) -> Bool {
    if case .integer(let value) = expression.node { return value >= 0 }
    return false
  }

  private static func steps(_ operation: BinaryOperator) -> (
    integers: Instruction.Operation?, reals: Instruction.Operation, swapped: Bool
  ) {
    switch operation {
    case .add: (.addIntegers, .addReals, false)
    case .subtract: (.subtractIntegers, .subtractReals, false)
    case .multiply: (.multiplyIntegers, .multiplyReals, false)
    case .divide: (nil, .divideReals, false)
    case .power: (.raiseInteger, .raiseReal, false)
    case .less: (.lessIntegers, .lessReals, false)
    case .lessOrEqual: (.lessOrEqualIntegers, .lessOrEqualReals, false)
    case .greater: (.lessIntegers, .lessReals, true)
    case .greaterOrEqual: (.lessOrEqualIntegers, .lessOrEqualReals, true)
    case .equal, .and, .or: (.equalBits, .equalReals, false)
    case .notEqual: (.notEqualBits, .notEqualReals, false)
    }
  }

  fileprivate mutating func call(_ function: Function, _ operands: [Operand], at position: Int)
    throws(ExpressionMistake) -> Operand
  {
    let integers = operands.allSatisfy { $0.type == .integer }
    switch function {
    case .round, .floor, .ceil:
      if integers { return operands[0] }
      let step: Instruction.Operation =
        function == .round ? .roundReal : function == .floor ? .floorReal : .ceilReal
      let slot = operands[0].slot
      return Operand(slot: try emit(step, slot, slot, at: position), type: .integer)
    case .abs:
      let slot = operands[0].slot
      return Operand(
        slot: try emit(integers ? .absInteger : .absReal, slot, slot, at: position),
        type: operands[0].type)
    case .min, .max:
      let step: Instruction.Operation =
        function == .min
        ? (integers ? .minIntegers : .minReals) : (integers ? .maxIntegers : .maxReals)
      var result = integers ? operands[0].slot : try real(operands[0], at: position)
      for operand in operands.dropFirst() {
        let next = integers ? operand.slot : try real(operand, at: position)
        result = try emit(step, result, next, at: position)
      }
      return Operand(slot: result, type: integers ? .integer : .real)
    case .sqrt, .exp, .log, .log10, .sin, .cos:
      let slot = try real(operands[0], at: position)
      return Operand(
        slot: try emit(Self.realFunction(function), slot, slot, at: position), type: .real)
    }
  }

  private static func realFunction(_ function: Function) -> Instruction.Operation {
    switch function {
    case .sqrt: .sqrt
    case .exp: .exp
    case .log: .log
    case .log10: .log10
    case .sin: .sin
    default: .cos
    }
  }
}
