import ArgumentParser
import Host
import Kernels
import RunFolder
import Solvers
import SweepModel

/// The bare solvers, without any machinery, on one core. Seconds are processor time, ours and NumPy's, so
/// that a busy machine makes neither look slow.
struct Theory: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Points of the cubic theory per second on one core, beside NumPy.")

  @Option(help: "Points along each of sigma2 and epsilon.")
  var side = 32

  @Option(help: "Measurements of each figure.")
  var repeats = 5

  @Flag(inversion: .prefixedNo, help: "Measure NumPy as well.")
  var peer = true

  @Flag(help: "One JSON object, one key a figure.")
  var json = false

  /// Our side of one measurement takes about this long.
  private static let seconds = 0.2

  func validate() throws {
    guard side > 1, side <= 1000, repeats > 0, repeats <= 1000 else {
      throw ValidationError("--side is from 2 to 1000, --repeats from 1 to 1000")
    }
  }

  func run() throws {
    let points = points(scale: 1)
    let far = self.points(scale: 1e5 / 150)
    // One round to warm up and to check.
    let peerResult = peer ? try TheoryPeer.measure(side: side, repeats: repeats) : nil
    let meanB = try solve(points).meanB
    if let peerResult {
      // Not negligible to the last digits, but the same theory.
      guard abs(peerResult.meanB - meanB) < 1e-9, peerResult.goldenDeviation < 1e-9 else {
        throw TheoryPeer.Failure(
          description: "the NumPy peer computes something else: mean b \(peerResult.meanB) beside"
            + " \(meanB), off the golden table by \(peerResult.goldenDeviation)")
      }
    }
    var rates = Samples()
    var farRates = Samples()
    var exponentials = Samples()
    var nulls = Samples()
    for _ in 0..<repeats {
      // In turn, so that a drift of the machine's speed touches all alike.
      rates.add(try rate(points))
      farRates.add(try rate(far))
      exponentials.add(exponentialRate())
      nulls.add(try nullRate())
    }
    var figures = Figures()
    figures.note("processor", .string(EpochRecord.processorName()))
    figures.note("points", .integer(Int64(points.count)))
    figures.add("points_per_second", rates)
    figures.add("d_100000_points_per_second", farRates)
    figures.add("machine_exponentials_per_second", exponentials)
    figures.add(
      "fraction_of_exponential_limit",
      rates.median * exponentialsPerPoint(points) / exponentials.median)
    figures.add("null_units_per_second", nulls)
    if let peerResult {
      figures.note("peer_numpy_version", .string(peerResult.version))
      figures.add("peer_numpy_golden_deviation_relative", peerResult.goldenDeviation)
      figures.add("peer_numpy_points_per_second", peerResult.pointsPerSecond)
      figures.add("speed_over_numpy_ratio", rates.median / peerResult.pointsPerSecond.median)
    }
    figures.print(asJSON: json)
  }

  /// sigma2 0.08 to 0.4, epsilon -1 to -0.05; n, d, N and sigma_a2 of the base point, or scaled as the
  /// paper scales them.
  private func points(scale: Double) -> [Arguments] {
    let beta = scale * scale
    return (0..<side * side).map { place in
      let last = Double(side - 1)
      let sigma2 = 0.08 + 0.32 * Double(place / side) / last
      let epsilon = -1 + 0.95 * Double(place % side) / last
      return Arguments([
        .real(3000 * beta), .real(150 * scale), .real(700 * beta), .real(sigma2),
        .real(8.0 / 700 / scale), .real(0.5), .real(epsilon),
      ])
    }
  }

  /// Every point to its whole row.
  private func solve(_ points: [Arguments]) throws -> (seconds: Double, meanB: Double) {
    let session = try SolverSession(CubicTheory.self)
    let layout = RowLayout(parameters: [], levels: [], outputs: session.columns)
    let writer = RowWriter(outputsOf: layout)
    let random = RandomStreams { _ in RandomKey(key: 0, counterHigh: 0) }
    let clock = SolverClock(now: { 0 }, sleep: { _ in })
    guard let b = layout.field(named: "b") else { throw ValidationError("no column b") }
    var row = [UInt8](repeating: 0, count: layout.byteCount)
    var sum = 0.0
    let start = ProcessorClock.seconds()
    for arguments in points {
      var unit = try session.start(unit: 0, arguments: arguments, random: random)
      while try unit.advance(until: .max, clock: clock) == .unfinished {}
      row.withUnsafeMutableBytes { bytes in
        unit.write(into: Outputs(writer, row: bytes))
        sum += Double(
          bitPattern: bytes.loadUnaligned(fromByteOffset: b.offset, as: UInt64.self))
      }
    }
    return (ProcessorClock.seconds() - start, sum / Double(points.count))
  }

  private func rate(_ points: [Arguments]) throws -> Double {
    var seconds = 0.0
    var count = 0
    while seconds < Self.seconds {
      seconds += try solve(points).seconds
      count += points.count
    }
    return Double(count) / seconds
  }

  /// About how many exponentials a point costs: its evaluations, each with as many nodes as the last.
  private func exponentialsPerPoint(_ points: [Arguments]) -> Double {
    let counts = points.map { point in
      let solution = CubicSolution(
        CubicEnsemble(
          n: point.real(0), d: point.real(1), networkWidth: point.real(2), sigma2: point.real(3),
          sigmaA2: point.real(4), sigmaW2: point.real(5), epsilon: point.real(6)))
      return Double(solution.evaluations * solution.sample.integral.nodeCount)
    }
    return counts.reduce(0, +) / Double(points.count)
  }

  /// The machine's own limit: the array exponential alone, in the first-level cache.
  private func exponentialRate() -> Double {
    var values = [Double](repeating: -1, count: 1024)
    var count = 0
    let start = ProcessorClock.seconds()
    var seconds = 0.0
    while seconds < Self.seconds {
      for _ in 0..<100 {
        KernelMath.exp(&values)
        count += values.count
      }
      seconds = ProcessorClock.seconds() - start
    }
    return Double(count) / seconds
  }

  /// Units of `null`, from the grid's point to the row's outputs.
  private func nullRate() throws -> Double {
    guard let null = Registry.interfaces.first(where: { $0.name == Null.name }) else {
      throw ValidationError("this build has no solver 'null'")
    }
    let units: Int64 = 100_000
    let sweep = Sweep(
      name: "null", solver: Null.name, levels: [ReplicateLevel(name: "replicate", count: units)])
    let grid = try Grid(sweep: sweep, solver: null)
    let session = try SolverSession(Null.self)
    let clock = SolverClock(now: { 0 }, sleep: { _ in })
    var row = [UInt8](repeating: 0, count: grid.layout.byteCount)
    var point = grid.makePoint()
    let start = ProcessorClock.seconds()
    for unit in 0..<units {
      grid.evaluate(unit, into: &point)
      var work = try session.start(
        unit: unit, arguments: Arguments(point), random: RandomStreams(point))
      _ = try work.advance(until: .max, clock: clock)
      row.withUnsafeMutableBytes { bytes in
        grid.rows.writePrefix(of: point, to: bytes)
        work.write(into: Outputs(grid.rows, row: bytes))
      }
    }
    return Double(units) / (ProcessorClock.seconds() - start)
  }
}
