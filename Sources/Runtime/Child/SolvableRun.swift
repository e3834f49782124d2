import Solvers
import SweepModel

/// A run as this program can compute it: its grid, and the solver from this program's registry.
struct SolvableRun {
  let grid: Grid
  let solver: any Solver.Type

  init(_ description: RunDescription) throws {
    let name = description.solverName
    guard let solver = Registry.solver(named: name),
      let interface = Registry.interfaces.first(where: { $0.name == name })
    else { throw ChildFailure("this program has no solver '\(name)'") }
    self.solver = solver
    grid = try Grid(segments: description.segments, solver: interface)
  }
}
