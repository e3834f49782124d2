/// A parsed sweep: what a sweep file says, with every value in the type that its parameter is declared
/// with. The reading of files is the room SweepFile's; checking against a solver is `Grid`'s.
public struct Sweep: Sendable {
  /// Names the run's folder; no part of the canonical bytes.
  public var name: String
  public var solver: String
  /// Slowest first: listed points, if any, then the axes in file order.
  public var axes: [Axis]
  /// Parameters with one value, in file order.
  public var scalars: [Scalar]
  /// In file order, which is no order of evaluation.
  public var derived: [Derived]
  public var condition: Expression?
  /// Outermost first; at least one.
  public var levels: [ReplicateLevel]
  public var seed: Int64
  /// Parameters that are left out of the random key.
  public var commonRandomNumbers: [String]
  /// No part of the canonical bytes.
  public var limits: UnitLimits

  public init(
    name: String, solver: String, axes: [Axis] = [], scalars: [Scalar] = [],
    derived: [Derived] = [], condition: Expression? = nil,
    levels: [ReplicateLevel] = [ReplicateLevel(name: "replicate", count: 1)], seed: Int64 = 0,
    commonRandomNumbers: [String] = [], limits: UnitLimits = UnitLimits()
  ) {
    self.name = name
    self.solver = solver
    self.axes = axes
    self.scalars = scalars
    self.derived = derived
    self.condition = condition
    self.levels = levels
    self.seed = seed
    self.commonRandomNumbers = commonRandomNumbers
    self.limits = limits
  }

  /// The names that are columns, in column order: axes (slowest first), scalars, derived.
  public var columnNames: [String] {
    axes.flatMap { $0.members.map(\.name) } + scalars.map(\.name) + derived.map(\.name)
  }
}

public struct Scalar: Hashable, Sendable {
  public var name: String
  public var value: Value

  public init(name: String, value: Value) {
    self.name = name
    self.value = value
  }
}

public struct Derived: Sendable {
  public var name: String
  public var expression: Expression

  public init(name: String, expression: Expression) {
    self.name = name
    self.expression = expression
  }
}

/// An index that repeats every point, e.g. `data` and `network`; its values are 0 to count - 1.
public struct ReplicateLevel: Hashable, Sendable {
  public var name: String
  public var count: Int64

  public init(name: String, count: Int64) {
    self.name = name
    self.count = count
  }
}

/// How long a unit may run before its child is killed and blamed; nil for the solver's own.
public struct UnitLimits: Hashable, Sendable {
  /// Longest time without reported progress.
  public var stallMilliseconds: Int64?
  /// Longest time in all.
  public var timeMilliseconds: Int64?

  public init(stallMilliseconds: Int64? = nil, timeMilliseconds: Int64? = nil) {
    self.stallMilliseconds = stallMilliseconds
    self.timeMilliseconds = timeMilliseconds
  }
}

/// One dimension of the grid: a parameter, or several that move together (`zip`, listed points).
public struct Axis: Hashable, Sendable {
  public enum Form: UInt8, Sendable {
    case values = 1
    case zip = 2
    case points = 3
  }

  public struct Member: Hashable, Sendable {
    public var name: String
    public var values: AxisValues

    public init(name: String, values: AxisValues) {
      self.name = name
      self.values = values
    }
  }

  public var form: Form
  /// At least one; all with as many values.
  public var members: [Member]

  public init(form: Form, members: [Member]) {
    self.form = form
    self.members = members
  }

  public init(_ name: String, _ values: AxisValues) {
    self.init(form: .values, members: [Member(name: name, values: values)])
  }

  public var count: Int64 { members.first?.values.count ?? 0 }
}

/// The values of a parameter along an axis.
public enum AxisValues: Hashable, Sendable {
  case reals([Double])
  case integers([Int64])
  case texts([String])
  /// `first, first + step, ...`: integers that need no list.
  case progression(first: Int64, step: Int64, count: Int64)

  /// Values that are listed one by one, over all axes of a sweep, at most.
  public static let listedLimit = 10_000_000

  public var count: Int64 {
    switch self {
    case .reals(let values): Int64(values.count)
    case .integers(let values): Int64(values.count)
    case .texts(let values): Int64(values.count)
    case .progression(_, _, let count): count
    }
  }

  /// Integers in their one canonical form: a progression where they are one of three or more.
  public static func of(_ values: [Int64]) -> AxisValues {
    guard values.count >= 3 else { return .integers(values) }
    let (step, overflow) = values[1].subtractingReportingOverflow(values[0])
    guard !overflow, step != 0 else { return .integers(values) }
    for place in 2..<values.count {
      let (next, overflow) = values[place - 1].addingReportingOverflow(step)
      if overflow || next != values[place] { return .integers(values) }
    }
    return .progression(first: values[0], step: step, count: Int64(values.count))
  }

  /// Reals in their one canonical form: a progression where they are one of three or more integers.
  public static func of(_ values: [Double]) -> AxisValues {
    guard values.count >= 3,
      values.allSatisfy({
        abs($0) <= 0x1p53 && $0 == $0.rounded(.towardZero) && !($0 == 0 && $0.sign == .minus)
      })
    else { return .reals(values) }
    if case .progression(let first, let step, let count) = of(values.map { Int64($0) }) {
      return .progression(first: first, step: step, count: count)
    }
    return .reals(values)
  }

  public subscript(_ place: Int64) -> Value {
    switch self {
    case .reals(let values): .real(values[Int(place)])
    case .integers(let values): .integer(values[Int(place)])
    case .texts(let values): .text(values[Int(place)])
    case .progression(let first, let step, let count):
      if place >= 0 && place < count {
        .integer(first + step * place)
      } else {
        preconditionFailure("no such place on the axis")
      }
    }
  }
}
