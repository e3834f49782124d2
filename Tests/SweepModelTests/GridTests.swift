import SweepModel
import TestSupport
import Testing

@Suite struct GridTests {
  static let parameters = [
    Parameter("n", .integer, .positive, default: .integer(10), "samples"),
    Parameter("sigma2", .real, .positive, default: .real(0.1), "noise"),
    Parameter("kind", .choice(["full", "lazy"]), default: .text("full"), "kernel"),
    Parameter("steps", .integer, .positive, default: .integer(100), "budget", isIdentity: false),
  ]
  static let solver = testSolver(
    parameters,
    outputs: [Column("loss"), Column("label", .int64), Column("curve", shape: [3])])

  static func sweep() throws -> Sweep {
    Sweep(
      name: "t", solver: "test",
      axes: [
        Axis("beta", .reals([0.5, 1, 2])),
        Axis(
          form: .zip,
          members: [
            .init(name: "kind", values: .texts(["lazy", "full"])),
            .init(name: "n", values: .integers([7, 9])),
          ]),
        Axis("k", .progression(first: 1, step: 2, count: 4)),
      ],
      scalars: [Scalar(name: "steps", value: .integer(50))],
      derived: [Derived(name: "sigma2", expression: try .parse("beta * k / 8"))],
      levels: [ReplicateLevel(name: "data", count: 2), ReplicateLevel(name: "network", count: 5)])
  }

  @Test("units count up with the last axis faster and replicates fastest")
  func order() throws {
    let grid = try Grid(sweep: Self.sweep(), solver: Self.solver)
    #expect(grid.unitCount == 3 * 2 * 4 * 2 * 5)
    var point = grid.makePoint()
    var unit: Int64 = 0
    for beta in [0.5, 1, 2] {
      for (kind, n) in [("lazy", Int64(7)), ("full", 9)] {
        for k in [1.0, 3, 5, 7] {
          for data in 0..<Int64(2) {
            for network in 0..<Int64(5) {
              grid.evaluate(unit, into: &point)
              #expect(point.unit == unit)
              #expect(point.levels == [data, network])
              #expect(point.level(1) == network)
              #expect(point.integer(0) == n)
              #expect(point.real(1) == beta * k / 8)
              #expect(point.value(2) == .text(kind))
              #expect(point.choice(2) == (kind == "full" ? 0 : 1))
              #expect(point.integer(3) == 50)
              #expect(
                point.recorded.map(\.name) == ["beta", "kind", "n", "k", "steps", "sigma2"])
              #expect(
                point.recorded.map(\.value) == [
                  .real(beta), .text(kind), .integer(n), .real(k), .integer(50),
                  .real(beta * k / 8),
                ])
              unit += 1
            }
          }
        }
      }
    }
    #expect(unit == grid.unitCount)
  }

  @Test("a row's bytes hold unit, parameters and levels where the layout says")
  func rows() throws {
    let grid = try Grid(sweep: Self.sweep(), solver: Self.solver)
    var point = grid.makePoint()
    grid.evaluate(57, into: &point)
    var row = [UInt8](repeating: 0xaa, count: grid.layout.byteCount)
    row.withUnsafeMutableBytes { bytes in
      grid.rows.writePrefix(of: point, to: bytes)
      grid.rows.setOutputsAbsent(in: bytes)
      grid.rows.set(0.25, output: 0, in: bytes)
      grid.rows.set([1, 2, .infinity], output: 2, in: bytes)
      grid.rows.writeEnd(
        status: grid.rows.statusOfOutputs(in: UnsafeRawBufferPointer(bytes)), attempt: 2,
        worker: 3, wallSeconds: 0.5, to: bytes)
    }
    func read<T: BitwiseCopyable>(_ name: String, _ type: T.Type, _ element: Int = 0) throws -> T {
      let field = try #require(grid.layout.field(named: name))
      return row.withUnsafeBytes {
        $0.loadUnaligned(fromByteOffset: field.offset + element * MemoryLayout<T>.size, as: T.self)
      }
    }
    #expect(try read("unit", Int64.self) == 57)
    #expect(try read("beta", Double.self) == 0.5)
    #expect(try read("kind", UInt32.self, 0) == UInt32(UInt8(ascii: "f")))
    #expect(try read("kind", UInt32.self, 3) == UInt32(UInt8(ascii: "l")))
    #expect(try read("n", Int64.self) == 9)
    #expect(try read("k", Double.self) == 3)
    #expect(try read("sigma2", Double.self) == 0.5 * 3 / 8)
    #expect(try read("data", Int64.self) == 1)
    #expect(try read("network", Int64.self) == 2)
    #expect(try read("loss", Double.self) == 0.25)
    #expect(try read("label", Int64.self) == Column.absentInteger)
    #expect(try read("curve", Double.self, 1) == 2)
    #expect(try read("status", Int16.self) == RowStatus.notFinite.rawValue)
    #expect(try read("attempt", Int16.self) == 2)
    #expect(try read("worker", Int32.self) == 3)
    #expect(try read("wall_seconds", Double.self) == 0.5)
    #expect(row.suffix(4) == [0xaa, 0xaa, 0xaa, 0xaa])
  }

  @Test("a grid of 10^12 units opens and gives its last point")
  func large() throws {
    let axes = (0..<4).map { place in
      Axis("x\(place)", .reals((0..<1000).map { Double($0) + 0.5 }))
    }
    let solver = testSolver(
      (0..<4).map { Parameter("x\($0)", .real, default: .real(0), "") })
    let grid = try Grid(
      sweep: Sweep(name: "t", solver: "test", axes: axes), solver: solver)
    #expect(grid.unitCount == 1_000_000_000_000)
    var point = grid.makePoint()
    grid.evaluate(123_456_789_012, into: &point)
    #expect((0..<4).map { point.real($0) } == [123.5, 456.5, 789.5, 12.5])
  }

  @Test("segments follow one another, and a point finds its own")
  func segments() throws {
    let sweep = try Self.sweep()
    var more = sweep
    more.axes[0] = Axis("beta", .reals([4]))
    let first = Segment(sweep: sweep)
    let count = try #require(first.unitCount)
    let second = Segment(base: count, sweep: more, levels: [2...3, 0...4])
    let grid = try Grid(segments: [first, second], solver: Self.solver)
    #expect(grid.unitCount == count + 80)
    var point = grid.makePoint()
    for unit in [0, count - 1, count, count + 79, 3] {
      grid.evaluate(unit, into: &point)
      #expect(point.recorded[0].value == .real(unit >= count ? 4 : unit < 40 ? 0.5 : 2))
      #expect(
        point.level(0)
          == (unit >= count ? (unit == count ? 2 : 3) : unit == 3 ? 0 : unit == 0 ? 0 : 1))
    }
    #expect(throws: SweepProblems.self) { try Grid(segments: [second], solver: Self.solver) }
  }

  @Test("derived values that the solver does not take make a point with a problem")
  func refusals() throws {
    var sweep = try Self.sweep()
    sweep.axes[2] = Axis("k", .reals([-8, 8]))
    let grid = try Grid(sweep: sweep, solver: Self.solver)
    var point = grid.makePoint()
    #expect(
      point.refusal
        == SolverRefusal(parameter: "sigma2", reason: "-0.5 is out of range: expected > 0"))
    grid.evaluate(10, into: &point)
    #expect(point.refusal == nil)
    let problems = grid.sampleProblems()
    #expect(problems.count == 1)
    #expect(
      problems.first?.description
        == "sigma2: -0.5 is out of range: expected > 0 (at beta=0.5, kind=lazy, n=7, k=-8.0, steps=50)"
    )
    // where can leave such points out.
    sweep.condition = try .parse("k > 0 and kind == 'lazy'")
    let admitted = try Grid(sweep: sweep, solver: Self.solver)
    #expect(admitted.sampleProblems().isEmpty)
    let excluded = try admitted.excludedUnits()
    #expect(excluded.count == 3 * 2 * 2 * 10 - 3 * 10)
    #expect(excluded.contains(0) && !excluded.contains(10))
  }

  @Test(
    "a fraction where an integer belongs is refused, and no value of another point stays behind")
  func fractions() throws {
    let sweep = Sweep(
      name: "t", solver: "test", axes: [Axis("a", .reals([1, 2, 3]))],
      derived: [
        Derived(name: "n", expression: try .parse("100 * a / 2")),
        Derived(name: "sigma2", expression: try .parse("n / 10 * (9007199254740992 ^ (a - 2))")),
      ])
    let grid = try Grid(sweep: sweep, solver: Self.solver)
    var point = grid.makePoint()
    #expect(point.integer(0) == 50 && point.refusal == nil)
    var odd = sweep
    odd.axes = [Axis("a", .reals([2, 2.01]))]
    let fraction = try Grid(sweep: odd, solver: Self.solver)
    point = fraction.makePoint()
    fraction.evaluate(1, into: &point)
    #expect(point.refusal?.parameter == "n")
    #expect(point.refusal?.reason == "the value is not an integer; use round(...)")
    #expect(point.integer(0) == Column.absentInteger && point.real(1).isNaN)
  }

  @Test("points that only differ in auxiliary names collide, unless where leaves one out")
  func collisions() throws {
    var sweep = Sweep(
      name: "t", solver: "test",
      axes: [Axis("a", .reals([1, 2, -2, 3])), Axis("n", .integers([4, 5]))],
      derived: [Derived(name: "sigma2", expression: try .parse("a ^ 2"))])
    let collision = try #require(try Grid(sweep: sweep, solver: Self.solver).firstCollision())
    #expect(collision == (2, 4))
    sweep.condition = try .parse("a > 0")
    #expect(try Grid(sweep: sweep, solver: Self.solver).firstCollision() == nil)
  }
}
