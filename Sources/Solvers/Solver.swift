import SweepModel

/// What the author of a solver writes. One type a solver, one line in `Registry`.
///
/// A solver is made once for a sweep, from the values of its fixed parameters, and then starts one unit
/// after the other. It reads no clock, no file and no random source but the streams it is given, so that
/// equal arguments and keys give equal rows, whatever was computed before (design, promise 4).
public protocol Solver: Sendable {
  /// As a sweep file spells it, e.g. `cubic-theory`.
  static var name: String { get }
  /// One line for lists.
  static var summary: String { get }
  /// Rises when the results change.
  static var version: Int32 { get }
  /// In the order in which `start` gets their values.
  static var parameters: [Parameter] { get }
  /// What the bits of the results depend on beside the arguments and keys.
  static var numerics: NumericsDependence { get }
  /// The columns, given the values of the parameters marked `isFixed`, by name.
  static func columns(for fixed: [String: Value]) throws(SolverRefusal) -> [Column]

  /// - Parameter fixed: the values of the parameters marked `isFixed`, by name.
  init(fixed: [String: Value]) throws(SolverRefusal)

  /// Starts a unit.
  /// - Parameters:
  ///   - unit: its number; of no meaning to a solver of physics.
  ///   - arguments: one value for each of `parameters`, already within their ranges.
  ///   - random: the keys of its random streams.
  func start(
    unit: UnitIndex, arguments: Arguments, random: borrowing RandomStreams
  ) throws(SolverFailure) -> any UnitInProgress
}

/// A unit that was started: a value that is advanced in slices of time and then gives its outputs.
public protocol UnitInProgress {
  /// Computes until the unit is finished or, at the next convenient place, `deadline` has passed.
  /// - Parameters:
  ///   - deadline: by `clock`, in nanoseconds; `UInt64.max` for none.
  ///   - clock: the only time a unit may know.
  mutating func advance(
    until deadline: UInt64, clock: SolverClock
  ) throws(SolverFailure) -> UnitProgress

  /// Writes each output column once. Called after `advance` has returned `finished`.
  func write(into outputs: Outputs)
}

public enum UnitProgress: Hashable, Sendable {
  case finished
  /// The deadline passed; advance again.
  case unfinished
  /// Machinery for tests, returned by `null` alone: the solver child does this to itself.
  case misbehave(Misbehaviour)
}

/// What a faulty solver does to the process that runs it. The child's loop carries it out, so that
/// solvers need no door to the system.
public enum Misbehaviour: Hashable, Sendable {
  /// Ends by a signal, as a segmentation fault does.
  case crash
  /// Never returns.
  case hang
  /// Ends the process with code 0, without a row.
  case exit
  /// Writes a row whose checksum is wrong.
  case malformedRow
}

/// Time as a unit may know it, handed in by the process that runs it.
public struct SolverClock: Sendable {
  /// Nanoseconds since some fixed moment; never decreases.
  public var now: @Sendable () -> UInt64
  /// Sleeps until `now()` is at least the given time.
  public var sleep: @Sendable (_ until: UInt64) -> Void

  public init(
    now: @escaping @Sendable () -> UInt64, sleep: @escaping @Sendable (_ until: UInt64) -> Void
  ) {
    self.now = now
    self.sleep = sleep
  }
}

/// Why a unit has no result: a status from 100 to 199 and a sentence for people. It becomes the unit's
/// row and a line in failures/.
public struct SolverFailure: Error, Hashable, Sendable {
  public var status: RowStatus
  /// The parameter that was refused, with status 101.
  public var parameter: String?
  public var reason: String

  /// The computation failed (status 100).
  public static func error(_ reason: String) -> SolverFailure {
    SolverFailure(status: .failed, parameter: nil, reason: reason)
  }

  /// A parameter's value cannot be taken (status 101).
  public static func refused(_ parameter: String, _ reason: String) -> SolverFailure {
    SolverFailure(status: .refusedParameters, parameter: parameter, reason: reason)
  }
}

extension SolverFailure: CustomStringConvertible {
  public var description: String { parameter.map { "\($0): \(reason)" } ?? reason }
}
