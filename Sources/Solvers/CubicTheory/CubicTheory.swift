import Kernels
import SweepModel

/// The adaptive-kernel theory of the cubic teacher at finite d: Rubin, Seroussi & Ringel, ICLR 2024, with
/// the errata of Design.md.
public struct CubicTheory: Solver {
  public static let name = "cubic-theory"
  public static let summary =
    "Cubic teacher, two-layer erf network: self-consistent theory at finite d, its wells and phase"
  public static let version: Int32 = 1
  public static let numerics = NumericsDependence.nothing

  /// The defaults are the paper's base point: n = 3000, d = 150, N = 700.
  public static let parameters: [Parameter] = [
    Parameter(
      "n", .real, .closed(1e-2, 1e10), default: .integer(3000), "number of samples; real-valued"),
    Parameter(
      "d", .real, .closed(0.5, 1e7), default: .integer(150), "input dimension; real-valued"),
    Parameter(
      "N", .real, .closed(0.1, 1e10), default: .integer(700), "width of the network; real-valued"),
    Parameter(
      "sigma2", .real, .closed(1e-7, 1e6), default: .real(0.2),
      "ridge, the temperature of training: variance of the target's noise"),
    Parameter(
      "sigma_a2", .real, .closed(1e-8, 1e4), default: .real(8.0 / 700),
      "prior variance of a readout weight is sigma_a2/N"),
    Parameter(
      "sigma_w2", .real, .closed(1e-4, 1e4), default: .real(0.5),
      "prior variance of an input weight is sigma_w2/d"),
    Parameter(
      "epsilon", .real, .closed(-30, 30), default: .real(-0.3),
      "teacher y = He1(z) + epsilon He3(z)"),
  ]

  /// The places of `columns`.
  enum Place: Int, CaseIterable {
    case interaction, linearDiscrepancy, cubicDiscrepancy, learnedLinear, learnedCubic
    case meanSquare, wellPlace, wellAction, barrierPlace, barrierAction, dropletFraction
    case centreCurvature, phase, residual, iterations
  }

  public static func columns(for fixed: [String: Value]) throws(SolverRefusal) -> [Column] {
    [
      Column(
        "u", .float64, "effective interaction n^2 sigma_a2/(sigma2^2 d N)", source: "paper 3.1"),
      Column("b", .float64, "linear part of the mean discrepancy y - f", source: "A.12"),
      Column("c", .float64, "cubic part of the mean discrepancy y - f", source: "A.12"),
      Column("learned_linear", .float64, "1 - b"),
      Column(
        "learned_cubic", .float64, "(epsilon - c)/epsilon; NaN at epsilon = 0",
        mayBeAbsent: true),
      Column("q_mean_square", .float64, "<q^2>, q = w.w*"),
      Column(
        "q_star", .float64, "outer minimum of the action Shat; NaN where there is none",
        mayBeAbsent: true),
      Column("action_star", .float64, "Shat(q_star)", mayBeAbsent: true),
      Column(
        "q_barrier", .float64,
        "local maximum of Shat before q_star, 0 if the centre is no minimum", mayBeAbsent: true),
      Column("action_barrier", .float64, "Shat(q_barrier)", mayBeAbsent: true),
      Column(
        "droplet_fraction", .float64, "mass of |q| > q_barrier; 0 without an outer minimum"),
      Column(
        "centre_curvature", .float64, "Shat''(0) = 1/sigma_w2 - (4u/pi) b^2/(1 + 2 sigma_w2)"),
      Column(
        "phase", .int64,
        "at this N: GFL if fewer than one droplet is expected, GMFL-II if fewer than one neuron in"
          + " the central well, else GMFL-I; read together with centre_curvature",
        labels: ["GFL", "GMFL-I", "GMFL-II"]),
      Column("residual", .float64, "|x - s (Q + s I)^-1 y| / |y|, x = (b, sqrt6 c), s = sigma2/n"),
      Column("iterations", .int64, "Newton steps taken"),
    ]
  }

  public init(fixed: [String: Value]) throws(SolverRefusal) {}

  public func start(
    unit: UnitIndex, arguments: Arguments, random: borrowing RandomStreams
  ) throws(SolverFailure) -> any UnitInProgress {
    CubicUnit(
      CubicEnsemble(
        n: arguments.real(0), d: arguments.real(1), networkWidth: arguments.real(2),
        sigma2: arguments.real(3), sigmaA2: arguments.real(4), sigmaW2: arguments.real(5),
        epsilon: arguments.real(6)))
  }
}

/// One point; it is finished in one go, in well under a millisecond.
private struct CubicUnit: UnitInProgress {
  let ensemble: CubicEnsemble
  var solution: CubicSolution?

  init(_ ensemble: CubicEnsemble) { self.ensemble = ensemble }

  mutating func advance(
    until deadline: UInt64, clock: SolverClock
  ) throws(SolverFailure) -> UnitProgress {
    let solution = CubicSolution(ensemble)
    if let failure = solution.failure { throw failure }
    self.solution = solution
    return .finished
  }

  func write(into outputs: Outputs) {
    guard let solution else { preconditionFailure("the unit has not finished") }
    func set(_ place: CubicTheory.Place, _ value: Double) { outputs.set(place.rawValue, value) }
    let epsilon = ensemble.epsilon
    let (b, c) = (solution.b, solution.c)
    set(.interaction, ensemble.interaction)
    set(.linearDiscrepancy, b)
    set(.cubicDiscrepancy, c)
    set(.learnedLinear, 1 - b)
    // Absent at epsilon = 0, and where epsilon is too small to divide by.
    let learnedCubic = (epsilon - c) / epsilon
    set(.learnedCubic, learnedCubic.isFinite ? learnedCubic : .nan)
    set(.meanSquare, solution.meanSquare)
    let outer = solution.outer.map { (solution.place($0.well), solution.place($0.barrier)) }
    set(.wellPlace, outer?.0.q ?? .nan)
    set(.wellAction, outer?.0.action ?? .nan)
    set(.barrierPlace, outer?.1.q ?? .nan)
    set(.barrierAction, outer?.1.action ?? .nan)
    let fraction = solution.dropletFraction
    set(.dropletFraction, fraction)
    set(.centreCurvature, solution.centreCurvature)
    outputs.set(
      CubicTheory.Place.phase.rawValue, solution.phase(dropletFraction: fraction).rawValue)
    set(.residual, solution.residual)
    outputs.set(CubicTheory.Place.iterations.rawValue, Int64(solution.iterations))
  }
}
