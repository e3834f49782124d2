import SweepModel

/// Every built-in solver, one line each.
public enum Registry {
  public static let all: [any Solver.Type] = [
    CubicTheory.self,
    Null.self,
  ]

  public static func solver(named name: String) -> (any Solver.Type)? {
    all.first { $0.name == name }
  }

  /// What the sweep model needs to know of each.
  public static let interfaces: [SolverInterface] = all.map(interface)

  private static func interface(_ solver: any Solver.Type) -> SolverInterface {
    SolverInterface(
      name: solver.name, summary: solver.summary, version: solver.version,
      parameters: solver.parameters, numerics: solver.numerics,
      columns: { (fixed) throws(SolverRefusal) in try solver.columns(for: fixed) })
  }
}

/// A solver made ready for one sweep: what a solver child holds.
public struct SolverSession: Sendable {
  public let columns: [Column]
  public let parameters: [Parameter]
  private let solver: any Solver

  /// - Parameter fixed: the values of the parameters marked `isFixed`, by name.
  public init(_ type: any Solver.Type, fixed: [String: Value] = [:]) throws(SolverRefusal) {
    columns = try type.columns(for: fixed)
    parameters = type.parameters
    solver = try type.init(fixed: fixed)
  }

  /// Checks every argument against its parameter's kind and range, then starts the unit.
  public func start(
    unit: UnitIndex, arguments: Arguments, random: borrowing RandomStreams
  ) throws(SolverFailure) -> any UnitInProgress {
    if let failure = arguments.refusal(by: parameters) { throw failure }
    return try solver.start(unit: unit, arguments: arguments, random: random)
  }
}
