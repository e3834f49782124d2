import Kernels
import SweepModel

/// Computes nothing: for benchmarks and for tests of the machinery. It spends time as it is told, gives
/// one uniform number from its random stream, and misbehaves at given units.
public struct Null: Solver {
  public static let name = "null"
  public static let summary = "No physics: spends time, draws one number, fails where it is told to"
  public static let version: Int32 = 1
  public static let numerics = NumericsDependence.nothing

  private enum Place {
    static let index = 0
    static let busy = 1
    static let sleep = 2
    static let crash = 3
    static let hang = 4
    static let exit = 5
    static let notANumber = 6
    static let malformed = 7
    static let error = 8
  }

  public static let parameters: [Parameter] = [
    Parameter("index", .integer, default: .integer(0), "any number, to tell points apart"),
    Parameter(
      "busy_microseconds", .real, .closed(0, 3.6e9), default: .integer(0),
      "time spent computing"),
    Parameter(
      "sleep_milliseconds", .real, .closed(0, 3.6e6), default: .integer(0), "time spent asleep"),
    fault("crash_unit", "ends its process by a signal"),
    fault("hang_unit", "never ends"),
    fault("exit_unit", "ends its process with code 0 and no row"),
    fault("nan_unit", "gives NaN"),
    fault("malformed_unit", "writes a malformed row"),
    fault("error_unit", "fails with a reason"),
  ]

  /// Faults tell no points apart, so that a faulty run's other rows equal a healthy run's.
  private static func fault(_ name: String, _ does: String) -> Parameter {
    Parameter(
      name, .integer, ParameterRange(lower: -1, upper: .infinity, includesUpper: false),
      default: .integer(-1), "number of the unit that \(does); -1 none", isIdentity: false)
  }

  public static func columns(for fixed: [String: Value]) throws(SolverRefusal) -> [Column] {
    [Column("draw", .float64, "a uniform number in [0, 1) from the stream `draw`")]
  }

  public init(fixed: [String: Value]) throws(SolverRefusal) {}

  public func start(
    unit: UnitIndex, arguments: Arguments, random: borrowing RandomStreams
  ) throws(SolverFailure) -> any UnitInProgress {
    func strikes(_ place: Int) -> Bool { arguments.integer(place) == unit }
    if strikes(Place.error) { throw .error("unit \(unit) was told to fail") }
    var work = NullUnit()
    if strikes(Place.notANumber) {
      work.draw = .nan
    } else {
      let key = random.key(stream: "draw")
      work.draw = Philox4x32(key: key.key, counterHigh: key.counterHigh).uniform(at: 0)
    }
    if strikes(Place.crash) { work.misbehaviour = .crash }
    if strikes(Place.hang) { work.misbehaviour = .hang }
    if strikes(Place.exit) { work.misbehaviour = .exit }
    if strikes(Place.malformed) { work.misbehaviour = .malformedRow }
    // Whole microseconds: an hour of them fits in 32 bits, so that the unit stays three words and
    // needs no box on the heap.
    work.busyMicroseconds = UInt32(arguments.real(Place.busy))
    work.sleepMicroseconds = UInt32(arguments.real(Place.sleep) * 1000)
    return work
  }
}

private struct NullUnit: UnitInProgress {
  var draw = 0.0
  var busyMicroseconds: UInt32 = 0
  var sleepMicroseconds: UInt32 = 0
  var misbehaviour: Misbehaviour?

  mutating func advance(
    until deadline: UInt64, clock: SolverClock
  ) throws(SolverFailure) -> UnitProgress {
    if busyMicroseconds > 0 || sleepMicroseconds > 0 {
      spend(&busyMicroseconds, until: deadline, clock) { until in
        while clock.now() < until {}
      }
      spend(&sleepMicroseconds, until: deadline, clock) { until in clock.sleep(until) }
      if busyMicroseconds > 0 || sleepMicroseconds > 0 { return .unfinished }
    }
    return misbehaviour.map { .misbehave($0) } ?? .finished
  }

  /// Passes the time that is owed, or as much of it as the deadline leaves, and writes off what passed.
  private func spend(
    _ microseconds: inout UInt32, until deadline: UInt64, _ clock: SolverClock,
    by wait: (_ until: UInt64) -> Void
  ) {
    guard microseconds > 0 else { return }
    let start = clock.now()
    guard start < deadline else { return }
    wait(min(start + 1000 * UInt64(microseconds), deadline))
    let passed = (clock.now() - start + 999) / 1000
    microseconds -= UInt32(min(UInt64(microseconds), passed))
  }

  func write(into outputs: Outputs) {
    outputs.set(0, draw)
  }
}
