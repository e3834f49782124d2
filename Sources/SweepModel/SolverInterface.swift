/// What the sweep model knows of a solver: enough to read a sweep file, lay out rows and name units.
/// The room Solvers makes one for each entry of its registry.
public struct SolverInterface: Sendable {
  public var name: String
  /// One line for lists.
  public var summary: String
  /// Rises when the solver's results change.
  public var version: Int32
  public var parameters: [Parameter]
  /// What the bits of its results depend on beside its inputs (promise 4).
  public var numerics: NumericsDependence
  /// Its columns, given the values of the parameters marked `isFixed`, by name.
  public var columns: @Sendable (_ fixed: [String: Value]) throws(SolverRefusal) -> [Column]

  public init(
    name: String, summary: String, version: Int32, parameters: [Parameter],
    numerics: NumericsDependence,
    columns: @escaping @Sendable (_ fixed: [String: Value]) throws(SolverRefusal) -> [Column]
  ) {
    self.name = name
    self.summary = summary
    self.version = version
    self.parameters = parameters
    self.numerics = numerics
    self.columns = columns
  }
}

public enum NumericsDependence: Hashable, Sendable {
  case nothing
  case mathLibrary
  case blasKernels
}

/// A parameter that a solver cannot take: which one, and why.
public struct SolverRefusal: Error, Hashable, Sendable {
  public var parameter: String
  public var reason: String

  public init(parameter: String, reason: String) {
    self.parameter = parameter
    self.reason = reason
  }
}
