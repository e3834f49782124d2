import SweepFile
import SweepModel
import Testing

/// The interface of cubic-theory, as far as sweep files see it (theory.md 1.1).
let cubicTheory = SolverInterface(
  name: "cubic-theory", summary: "theory of the cubic teacher", version: 1,
  parameters: [
    Parameter("n", .real, .positive, default: .real(3000), "samples"),
    Parameter("d", .real, .positive, default: .real(150), "input dimension"),
    Parameter("N", .real, .positive, default: .real(700), "width"),
    Parameter("sigma2", .real, .positive, default: .real(0.2), "noise"),
    Parameter("sigma_a2", .real, .positive, default: .real(8.0 / 700), "readout prior"),
    Parameter("sigma_w2", .real, .positive, default: .real(0.5), "weight prior"),
    Parameter("epsilon", .real, default: .real(-0.3), "cubic part"),
  ], numerics: .nothing,
  columns: { _ in [Column("q_star", mayBeAbsent: true), Column("phase", .int64)] })

/// A solver with parameters of every kind.
let trial = SolverInterface(
  name: "trial", summary: "for tests", version: 1,
  parameters: [
    Parameter("count", .integer, .closed(1, 1000), default: .integer(5), "integer"),
    Parameter("rate", .real, .notNegative, default: .real(0.5), "real"),
    Parameter("kind", .choice(["full", "semi-lazy", "1"]), default: .text("full"), "choice"),
    Parameter("steps", .integer, .positive, default: .integer(10), "budget", isIdentity: false),
    Parameter("bins", .integer, .closed(1, 100), default: .integer(3), "shape", isFixed: true),
  ], numerics: .nothing,
  columns: { fixed in
    guard case .integer(let bins)? = fixed["bins"] else { return [] }
    return [Column("histogram", shape: [Int(bins)])]
  })

func readSweep(_ text: String, files: [String: String] = [:]) throws(Mistakes)
  -> SweepFile.Reading
{
  try SweepFile.read(text: text, path: "s.yaml", solvers: [cubicTheory, trial]) { path in
    files[path].map { .success($0) } ?? .failure(SweepFile.Unreadable("no such file"))
  }
}

/// The mistakes of a sweep that must have some.
func mistakes(_ text: String, files: [String: String] = [:]) -> [String] {
  do {
    _ = try readSweep(text, files: files)
    Issue.record("accepted: \(text)")
    return []
  } catch {
    return error.list.map(\.description)
  }
}

/// The values of an axis of `trial`.
func axis(_ name: String, _ spelled: String) throws -> [Value] {
  let reading = try readSweep(
    "solver: trial\nparameters:\n  \(name): \(spelled)\nwhere: \"\(name) == \(name)\"\n")
  let axis = try #require(reading.sweep.axes.first)
  return (0..<axis.count).map { axis.members[0].values[$0] }
}
