extension Expression {
  private enum Tag: UInt8 {
    case integer = 1
    case real
    case text
    case boolean
    case name
    case negation
    case not
    case binary
    case call
  }

  func write(to writer: inout ByteWriter) {
    switch node {
    case .integer(let value):
      writer.write(Tag.integer.rawValue)
      writer.write(value)
    case .real(let value):
      writer.write(Tag.real.rawValue)
      writer.write(value)
    case .text(let value):
      writer.write(Tag.text.rawValue)
      writer.write(value)
    case .boolean(let value):
      writer.write(Tag.boolean.rawValue)
      writer.write(UInt8(value ? 1 : 0))
    case .name(let value):
      writer.write(Tag.name.rawValue)
      writer.write(value)
    case .negation(let operand):
      writer.write(Tag.negation.rawValue)
      operand.write(to: &writer)
    case .not(let operand):
      writer.write(Tag.not.rawValue)
      operand.write(to: &writer)
    case .binary(let operation, let left, let right):
      writer.write(Tag.binary.rawValue)
      writer.write(operation.rawValue)
      left.write(to: &writer)
      right.write(to: &writer)
    case .call(let function, let arguments):
      writer.write(Tag.call.rawValue)
      writer.write(function.rawValue)
      writer.write(UInt8(arguments.count))
      for argument in arguments { argument.write(to: &writer) }
    }
  }

  static func read(from reader: inout ByteReader) throws(DecodingMistake) -> Expression {
    try read(from: &reader, room: depthLimit)
  }

  private static func read(from reader: inout ByteReader, room: Int) throws(DecodingMistake)
    -> Expression
  {
    guard room > 0 else { throw DecodingMistake("an expression is too deep") }
    guard let tag = Tag(rawValue: try reader.read(UInt8.self)) else {
      throw DecodingMistake("an unknown part of an expression")
    }
    let node: Node
    switch tag {
    case .integer: node = .integer(try reader.read(Int64.self))
    case .real: node = .real(try reader.readReal())
    case .text: node = .text(try reader.readText())
    case .boolean: node = .boolean(try reader.read(UInt8.self) == 1)
    case .name: node = .name(try reader.readText())
    case .negation: node = .negation(try read(from: &reader, room: room - 1))
    case .not: node = .not(try read(from: &reader, room: room - 1))
    case .binary:
      guard let operation = BinaryOperator(rawValue: try reader.read(UInt8.self)) else {
        throw DecodingMistake("an unknown operator")
      }
      let left = try read(from: &reader, room: room - 1)
      node = .binary(operation, left, try read(from: &reader, room: room - 1))
    case .call:
      guard let function = Function(rawValue: try reader.read(UInt8.self)) else {
        throw DecodingMistake("an unknown function")
      }
      let count = Int(try reader.read(UInt8.self))
      guard function.argumentCounts.contains(count) else {
        throw DecodingMistake("a function with the wrong number of arguments")
      }
      var arguments: [Expression] = []
      for _ in 0..<count { arguments.append(try read(from: &reader, room: room - 1)) }
      node = .call(function, arguments)
    }
    return Expression(node, position: 0)
  }
}
