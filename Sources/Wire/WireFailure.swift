/// Why some bytes are no message of ours. They came from outside, so this is an ordinary outcome.
public enum WireFailure: Error, Hashable, Sendable {
  /// The bytes end within this field.
  case truncated(field: String)
  /// More bytes than the message has.
  case trailing(byteCount: Int)
  /// Not the start of any message of this program.
  case foreign
  /// A message, other than hello and refused, of a version that is not spoken here.
  case otherVersion(UInt16)
  case unknownKind(UInt8)
  /// A worker's message where a coordinator's is expected, or the other way.
  case wrongDirection(kind: UInt8)
  /// A length or number beyond `Limits`.
  case overLimit(field: String, value: UInt64, limit: UInt64)
  case notUTF8(field: String)
  /// A value that no sender of ours writes.
  case badValue(field: String)
  /// Runs that are empty, unsorted, touching, or reach beyond the numbers that units have.
  case badRuns(field: String)
}

extension WireFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .truncated(let field): "the message ends within its \(field)"
    case .trailing(let count): "\(count) bytes follow the end of the message"
    case .foreign: "not a message of this program"
    case .otherVersion(let version): "a message of protocol version \(version)"
    case .unknownKind(let kind): "a message of unknown kind \(kind)"
    case .wrongDirection(let kind): "a message of kind \(kind), which goes the other way"
    case .overLimit(let field, let value, let limit):
      "\(field) is \(value), at most \(limit) allowed"
    case .notUTF8(let field): "\(field) is not UTF-8"
    case .badValue(let field): "\(field) has a value that cannot be"
    case .badRuns(let field): "\(field) is not a list of units"
    }
  }
}
