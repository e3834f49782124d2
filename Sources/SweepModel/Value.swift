/// The value of a parameter at one point of a grid.
public enum Value: Hashable, Sendable {
  case integer(Int64)
  case real(Double)
  case text(String)
  case boolean(Bool)
}

extension Value {
  /// The value as a real number, if it is a number.
  @inlinable public var real: Double? {
    switch self {
    case .real(let value): value
    case .integer(let value): Double(value)
    case .text, .boolean: nil
    }
  }
}

extension Value: CustomStringConvertible {
  /// As a user would type it in a sweep file: the shortest text that reads back as the same value.
  public var description: String {
    switch self {
    case .integer(let value): "\(value)"
    case .real(let value): value.isNaN ? "nan" : "\(value)"
    case .text(let value): value
    case .boolean(let value): value ? "true" : "false"
    }
  }
}
