/// What a solver asks for: one parameter's name, type, range, default and meaning.
public struct Parameter: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case real
    /// Accepts 88.0 and refuses 88.5 with a hint to round.
    case integer
    /// One of a few named choices.
    case choice([String])
  }

  /// snake_case; stands in sweep files and as a column's name.
  public var name: String
  public var kind: Kind
  /// The values that are accepted; absent for choices.
  public var range: ParameterRange
  /// The value where the sweep file gives none.
  public var defaultValue: Value
  /// One line, with the symbol of the paper where it has one.
  public var meaning: String
  /// Whether it tells two points apart. Budgets (steps, chains, checkpoint interval) do not, and are
  /// scalars: never an axis.
  public var isIdentity: Bool
  /// Whether it fixes the shape of a column and therefore cannot be an axis.
  public var isFixed: Bool

  public init(
    _ name: String, _ kind: Kind, _ range: ParameterRange = .any, default defaultValue: Value,
    _ meaning: String, isIdentity: Bool = true, isFixed: Bool = false
  ) {
    self.name = name
    self.kind = kind
    self.range = range
    self.defaultValue = defaultValue
    self.meaning = meaning
    self.isIdentity = isIdentity
    self.isFixed = isFixed
  }
}

/// An interval of real numbers, each end open or closed. NaN is in no interval; infinities only in
/// `any` with `allowsInfinity`.
public struct ParameterRange: Hashable, Sendable {
  public var lower: Double
  public var upper: Double
  public var includesLower: Bool
  public var includesUpper: Bool

  public init(
    lower: Double, includesLower: Bool = true, upper: Double, includesUpper: Bool = true
  ) {
    self.lower = lower
    self.upper = upper
    self.includesLower = includesLower
    self.includesUpper = includesUpper
  }

  /// Every finite number.
  public static let any = ParameterRange(
    lower: -.infinity, includesLower: false, upper: .infinity, includesUpper: false)
  /// Every finite number above zero.
  public static let positive = ParameterRange(
    lower: 0, includesLower: false, upper: .infinity, includesUpper: false)
  /// Zero and every finite number above.
  public static let notNegative = ParameterRange(
    lower: 0, includesLower: true, upper: .infinity, includesUpper: false)

  public static func closed(_ lower: Double, _ upper: Double) -> ParameterRange {
    ParameterRange(lower: lower, upper: upper)
  }

  @inlinable public func contains(_ value: Double) -> Bool {
    (includesLower ? value >= lower : value > lower)
      && (includesUpper ? value <= upper : value < upper)
  }
}

extension ParameterRange: CustomStringConvertible {
  public var description: String {
    if self == .any { return "any finite number" }
    if upper == .infinity { return "\(includesLower ? ">=" : ">") \(Self.spell(lower))" }
    if lower == -.infinity { return "\(includesUpper ? "<=" : "<") \(Self.spell(upper))" }
    return
      "\(includesLower ? "[" : "(")\(Self.spell(lower)), \(Self.spell(upper))\(includesUpper ? "]" : ")")"
  }

  private static func spell(_ bound: Double) -> String {
    bound == bound.rounded() && abs(bound) < 1e15 ? "\(Int64(bound))" : "\(bound)"
  }
}
