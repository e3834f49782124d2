/// The types of the expression language. `/` gives reals, `round`, `floor` and `ceil` integers,
/// comparisons booleans; `+ - *`, `abs`, `min` and `max` of integers stay integers, and so does `^`
/// with a literal exponent that is not negative. Text is only compared.
public enum ExpressionType: String, Sendable {
  case integer
  case real
  case boolean
  case text
}

/// A step of a compiled expression: slots of 64 bits in, one slot out.
struct Instruction: Sendable {
  enum Operation: UInt8, Sendable {
    case copy
    case toReal, toExactInteger
    case addIntegers, subtractIntegers, multiplyIntegers, negateInteger, raiseInteger
    case addReals, subtractReals, multiplyReals, divideReals, negateReal, raiseReal
    case roundReal, floorReal, ceilReal
    case absInteger, minIntegers, maxIntegers, absReal, minReals, maxReals
    case sqrt, exp, log, log10, sin, cos
    case lessIntegers, lessOrEqualIntegers, lessReals, lessOrEqualReals
    case equalReals, notEqualReals, equalBits, notEqualBits
    case not
    /// Passes over the next `right` instructions if `left` is false (true).
    case skipUnless, skipIf
  }

  var operation: Operation
  var left: Int32
  var right: Int32
  var result: Int32
}

/// Why an instruction has no result.
enum ArithmeticFault: Sendable {
  case integerOverflow
  case notInteger

  var reason: String {
    switch self {
    case .integerOverflow: "the integer does not fit in 64 bits"
    case .notInteger: "the value is not an integer; use round(...)"
    }
  }
}

enum Program {
  /// Runs instructions over slots, each of which holds the bits of an Int64, a Double, a boolean (0 or 1)
  /// or the number of a text.
  /// - Returns: the place of the instruction that failed, or nil.
  static func run(
    _ instructions: UnsafeBufferPointer<Instruction>, _ slots: UnsafeMutableBufferPointer<UInt64>
  ) -> Int? {
    var place = 0
    while place < instructions.count {
      let step = instructions[place]
      switch step.operation {
      case .skipUnless: if slots[Int(step.left)] == 0 { place += Int(step.right) }
      case .skipIf: if slots[Int(step.left)] != 0 { place += Int(step.right) }
      default:
        guard let bits = evaluate(step, slots) else { return place }
        slots[Int(step.result)] = bits
      }
      place += 1
    }
    return nil
  }

  /// What went wrong when an instruction has no result.
  static func fault(of operation: Instruction.Operation) -> ArithmeticFault {
    operation == .toExactInteger ? .notInteger : .integerOverflow
  }

  @inline(__always)
  static func evaluate(_ step: Instruction, _ slots: UnsafeMutableBufferPointer<UInt64>) -> UInt64?
  {
    let left = slots[Int(step.left)]
    let right = slots[Int(step.right)]
    switch step.operation {
    case .copy: return left
    case .toReal: return Double(Int64(bitPattern: left)).bitPattern
    case .toExactInteger, .roundReal, .floorReal, .ceilReal:
      return toInteger(step.operation, Double(bitPattern: left))
    case .addIntegers, .subtractIntegers, .multiplyIntegers, .negateInteger, .raiseInteger,
      .absInteger, .minIntegers, .maxIntegers, .lessIntegers, .lessOrEqualIntegers:
      return integers(step.operation, Int64(bitPattern: left), Int64(bitPattern: right))
    case .equalBits: return left == right ? 1 : 0
    case .notEqualBits: return left != right ? 1 : 0
    case .not: return left ^ 1
    case .skipUnless, .skipIf: return 0
    default:
      return reals(step.operation, Double(bitPattern: left), Double(bitPattern: right))
    }
  }

  private static func toInteger(_ operation: Instruction.Operation, _ value: Double) -> UInt64? {
    let whole: Double
    switch operation {
    case .roundReal: whole = value.rounded(.toNearestOrAwayFromZero)
    case .floorReal: whole = value.rounded(.down)
    case .ceilReal: whole = value.rounded(.up)
    default:
      whole = value.rounded(.towardZero)
      if whole != value { return nil }
    }
    guard let integer = Int64(exactly: whole) else { return nil }
    return UInt64(bitPattern: integer)
  }

  private static func integers(_ operation: Instruction.Operation, _ left: Int64, _ right: Int64)
    -> UInt64?
  {
    let (value, overflow): (Int64, Bool)
    switch operation {
    case .addIntegers: (value, overflow) = left.addingReportingOverflow(right)
    case .subtractIntegers: (value, overflow) = left.subtractingReportingOverflow(right)
    case .multiplyIntegers: (value, overflow) = left.multipliedReportingOverflow(by: right)
    case .negateInteger: (value, overflow) = (0 as Int64).subtractingReportingOverflow(left)
    case .raiseInteger: (value, overflow) = raise(left, right)
    case .absInteger:
      (value, overflow) =
        left < 0 ? (0 as Int64).subtractingReportingOverflow(left) : (left, false)
    case .minIntegers: (value, overflow) = (min(left, right), false)
    case .maxIntegers: (value, overflow) = (max(left, right), false)
    case .lessIntegers: (value, overflow) = (left < right ? 1 : 0, false)
    default: (value, overflow) = (left <= right ? 1 : 0, false)
    }
    return overflow ? nil : UInt64(bitPattern: value)
  }

  /// `exponent` is not negative.
  private static func raise(_ base: Int64, _ exponent: Int64) -> (Int64, Bool) {
    var result: Int64 = 1
    var square = base
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 {
        let (product, overflow) = result.multipliedReportingOverflow(by: square)
        if overflow { return (0, true) }
        result = product
      }
      rest >>= 1
      guard rest > 0 else { break }
      let (product, overflow) = square.multipliedReportingOverflow(by: square)
      if overflow { return (0, true) }
      square = product
    }
    return (result, false)
  }

  private static func reals(_ operation: Instruction.Operation, _ left: Double, _ right: Double)
    -> UInt64
  {
    switch operation {
    case .lessReals: return left < right ? 1 : 0
    case .lessOrEqualReals: return left <= right ? 1 : 0
    case .equalReals: return left == right ? 1 : 0
    case .notEqualReals: return left != right ? 1 : 0
    default: break
    }
    let value: Double
    switch operation {
    case .addReals: value = left + right
    case .subtractReals: value = left - right
    case .multiplyReals: value = left * right
    case .divideReals: value = left / right
    case .negateReal: value = -left
    case .raiseReal: value = Elementary.pow(left, right)
    case .absReal: value = abs(left)
    case .minReals: value = left.isNaN || left < right ? left : right
    case .maxReals: value = left.isNaN || left > right ? left : right
    case .sqrt: value = left.squareRoot()
    case .exp: value = Elementary.exp(left)
    case .log: value = Elementary.log(left)
    case .log10: value = Elementary.log10(left)
    case .sin: value = Elementary.sin(left)
    default: value = Elementary.cos(left)
    }
    // One NaN for all, whatever its sign on this machine: it may stand in a row.
    return value.isNaN ? Double.nan.bitPattern : value.bitPattern
  }
}
