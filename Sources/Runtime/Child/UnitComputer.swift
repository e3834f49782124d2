import Glibc
import Host
import Shards
import Solvers
import SweepModel

/// Computes units of one run, one after the other, each to a whole row.
struct UnitComputer {
  private let grid: Grid
  private let session: SolverSession
  private let codec: RowCodec
  private var point: Point
  private var unit: UnitIndex = 0
  private var progress: (any UnitInProgress)?
  private var failure: SolverFailure?
  private var isMalformed = false
  /// The row that `finish` made.
  private(set) var row: [UInt8]

  private static let sliceNanoseconds: UInt64 = 10_000_000

  /// - Parameter description: a `RunDescription`'s bytes.
  init(description bytes: [UInt8]) throws {
    let run = try SolvableRun(RunDescription(decoding: bytes))
    try self.init(grid: run.grid, solver: run.solver)
  }

  init(grid: Grid, solver: any Solver.Type) throws {
    self.grid = grid
    point = grid.makePoint()
    var fixed: [String: Value] = [:]
    for (place, parameter) in solver.parameters.enumerated() where parameter.isFixed {
      fixed[parameter.name] = point.value(place)
    }
    session = try SolverSession(solver, fixed: fixed)
    codec = RowCodec(layout: grid.layout)
    row = codec.makeRow()
  }

  var rowByteCount: Int { row.count }

  private static let clock = SolverClock(
    now: { UInt64(BootClock.now()) },
    sleep: { until in
      while true {
        let left = Int64(until) - BootClock.now()
        if left <= 0 { return }
        usleep(UInt32(min(left / 1000 + 1, 500_000)))
      }
    })

  mutating func start(_ unit: UnitIndex) {
    self.unit = unit
    grid.evaluate(unit, into: &point)
    progress = nil
    failure = nil
    isMalformed = false
    if let refusal = point.refusal {
      failure = .refused(refusal.parameter, refusal.reason)
      return
    }
    do throws(SolverFailure) {
      progress = try session.start(
        unit: unit, arguments: Arguments(point), random: RandomStreams(point))
    } catch {
      failure = error
    }
  }

  /// Computes for a slice of time.
  /// - Returns: whether the unit is finished, well or not.
  mutating func advance() -> Bool {
    guard failure == nil else { return true }
    do throws(SolverFailure) {
      let deadline = UInt64(BootClock.now()) + Self.sliceNanoseconds
      switch try progress?.advance(until: deadline, clock: Self.clock) {
      case .finished, nil: return true
      case .unfinished: return false
      case .misbehave(let fault):
        misbehave(fault)
        return true
      }
    } catch {
      failure = error
      return true
    }
  }

  /// Writes the row.
  /// - Returns: why the unit failed, if it did.
  mutating func finish(attempt: Int16, worker: Int32, wallSeconds: Double) -> String? {
    // Moved out and back: the closure needs the rest of this value.
    var bytes = row
    row = []
    bytes.withUnsafeMutableBytes { row in
      grid.rows.writePrefix(of: point, to: row)
      let outputs = Outputs(grid.rows, row: row)
      var status = RowStatus.ok
      if let failure {
        outputs.setAllAbsent()
        status = failure.status
      } else {
        progress?.write(into: outputs)
        status = outputs.status
      }
      grid.rows.writeEnd(
        status: status, attempt: attempt, worker: worker, wallSeconds: wallSeconds, to: row)
      codec.seal(row)
      if isMalformed { row[row.count - 1] ^= 0xFF }
    }
    row = bytes
    return failure.map { "\($0)" }
  }

  /// What `null` asks for when a test wants a faulty program.
  private mutating func misbehave(_ fault: Misbehaviour) {
    switch fault {
    case .crash:
      // Past any handler that would print a backtrace first.
      signal(SIGSEGV, SIG_DFL)
      raise(SIGSEGV)
    case .hang: while true { sleep(3600) }
    case .exit: exit(0)
    case .malformedRow: isMalformed = true
    }
  }
}
