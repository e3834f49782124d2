import Solvers
import SweepModel

/// Runs units of one solver outside any process machinery, as a solver child would.
struct SolverTrial {
  let solver: any Solver.Type
  let session: SolverSession
  let layout: RowLayout
  let writer: RowWriter

  init(_ solver: any Solver.Type, fixed: [String: Value] = [:]) throws {
    self.solver = solver
    session = try SolverSession(solver, fixed: fixed)
    layout = RowLayout(parameters: [], levels: [], outputs: session.columns)
    writer = RowWriter(outputsOf: layout)
  }

  /// What rows hold before a solver writes.
  static let filler: UInt8 = 0xA5

  struct Outcome {
    var row: [UInt8]
    var status: RowStatus
    var misbehaviour: Misbehaviour?
  }

  /// Defaults for the parameters that are not named.
  func arguments(_ given: [String: Value] = [:]) -> Arguments {
    Arguments(solver.parameters.map { given[$0.name] ?? $0.defaultValue })
  }

  /// A key that depends on stream and seed only.
  static func streams(seed: UInt64) -> RandomStreams {
    RandomStreams { stream in
      let sum = stream.utf8.reduce(UInt64(1)) { $0 &* 31 &+ UInt64($1) }
      return RandomKey(key: seed, counterHigh: sum)
    }
  }

  func run(
    unit: UnitIndex = 0, _ arguments: Arguments, seed: UInt64 = 1, clock: SolverClock = .still
  ) throws(SolverFailure) -> Outcome {
    var work = try session.start(
      unit: unit, arguments: arguments, random: Self.streams(seed: seed))
    var misbehaviour: Misbehaviour?
    slices: while true {
      switch try work.advance(until: clock.now() + 1_000_000, clock: clock) {
      case .finished: break slices
      case .unfinished: continue
      case .misbehave(let how):
        misbehaviour = how
        break slices
      }
    }
    var row = [UInt8](repeating: Self.filler, count: layout.byteCount)
    let status = row.withUnsafeMutableBytes { bytes in
      let outputs = Outputs(writer, row: bytes)
      work.write(into: outputs)
      return outputs.status
    }
    return Outcome(row: row, status: status, misbehaviour: misbehaviour)
  }

  func real(_ name: String, in outcome: Outcome) throws -> Double {
    Double(bitPattern: try word(name, in: outcome))
  }

  func integer(_ name: String, in outcome: Outcome) throws -> Int64 {
    Int64(bitPattern: try word(name, in: outcome))
  }

  private func word(_ name: String, in outcome: Outcome) throws -> UInt64 {
    guard let field = layout.field(named: name) else { throw NoSuchColumn(name: name) }
    return outcome.row.withUnsafeBytes {
      UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: field.offset, as: UInt64.self))
    }
  }
}

struct NoSuchColumn: Error { var name: String }

extension SolverClock {
  /// For units that wait for nothing.
  static let still = SolverClock(now: { 0 }, sleep: { _ in })
}
