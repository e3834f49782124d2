import SweepModel

/// A solver's interface for tests; `outputs` are its columns.
func testSolver(
  _ parameters: [Parameter], outputs: [Column] = [Column("result")], name: String = "test"
) -> SolverInterface {
  SolverInterface(
    name: name, summary: "for tests", version: 1, parameters: parameters, numerics: .nothing,
    columns: { _ in outputs })
}
