import SweepModel
import TestSupport
import Testing

@Suite struct RandomKeyTests {
  private func sweep(_ change: (inout Sweep) throws -> Void = { _ in }) throws -> Sweep {
    var sweep = Sweep(
      name: "t", solver: "test",
      axes: [Axis("beta", .reals([0.5, 1, 2])), Axis("n", .integers([7, 8]))],
      scalars: [Scalar(name: "kind", value: .text("lazy"))],
      derived: [Derived(name: "sigma2", expression: try .parse("beta / 8"))],
      levels: [ReplicateLevel(name: "data", count: 2), ReplicateLevel(name: "network", count: 3)],
      seed: 5)
    try change(&sweep)
    return sweep
  }

  private func keys(_ sweep: Sweep, _ stream: String = "noise", _ solver: SolverInterface? = nil)
    throws -> [RandomKey]
  {
    let grid = try Grid(sweep: sweep, solver: solver ?? GridTests.solver)
    var point = grid.makePoint()
    return (0..<grid.unitCount).map {
      grid.evaluate($0, into: &point)
      return point.key(stream: stream)
    }
  }

  /// SHA-256 of the bytes spelled out below, computed with Python's hashlib.
  @Test("a key is the first 128 bits of SHA-256 over the documented bytes")
  func documented() throws {
    let key = try keys(sweep())[0]
    var message = Array("spinodal random numbers 1".utf8)
    func append(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { message += $0 } }
    func append(_ text: String) { message += [UInt8(text.utf8.count)] + Array(text.utf8) }
    append(5)
    append("test")
    append("noise")
    message.append(2)
    append(0)
    append(0)
    append("kind")
    message.append(3)
    append(4)
    message += Array("lazy".utf8)
    append("n")
    message.append(1)
    append(7)
    append("sigma2")
    message.append(2)
    append(0.0625.bitPattern)
    let digest = Fingerprint(of: message).bytes
    func word(_ place: Int) -> UInt64 {
      digest[place..<(place + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    #expect(key == RandomKey(key: word(0), counterHigh: word(8)))
  }

  @Test("units, streams, seeds and solvers have keys of their own")
  func different() throws {
    let base = try keys(sweep())
    #expect(Set(base).count == base.count)
    let others = try [
      keys(sweep(), "weights"), keys(sweep { $0.seed = 6 }),
      keys(sweep { $0.solver = "other" }, "noise", testSolver(GridTests.parameters, name: "other")),
    ]
    for other in others { #expect(Set(base).isDisjoint(with: other)) }
  }

  @Test("networks share the data set's stream, data sets share nothing")
  func levels() throws {
    let data = try keys(sweep(), "data")
    for unit in data.indices { #expect(data[unit] == data[unit / 3 * 3]) }
    #expect(Set(data).count == data.count / 3)
  }

  @Test("neither numbers, order, auxiliary names nor budgets touch a key")
  func unmoved() throws {
    let base = try keys(sweep())
    let reordered = try keys(
      sweep {
        $0.axes = [Axis("n", .integers([8, 7])), Axis("beta", .reals([3, 2, 1, 0.5]))]
        $0.scalars.append(Scalar(name: "steps", value: .integer(77)))
      })
    // In the reordered sweep n = 7 comes second and beta runs 3, 2, 1, 0.5.
    for beta in 0..<3 {
      for n in 0..<2 {
        for replicate in 0..<6 {
          #expect(
            base[(beta * 2 + n) * 6 + replicate]
              == reordered[((1 - n) * 4 + 3 - beta) * 6 + replicate])
        }
      }
    }
    let renamed = try keys(
      sweep {
        $0.axes[0] = Axis("size", .reals([4, 8, 16]))
        $0.derived = [Derived(name: "sigma2", expression: try .parse("size / 64"))]
      })
    #expect(renamed == base)
  }

  @Test("common random numbers are the same at every value, and only there")
  func common() throws {
    let base = try keys(sweep { $0.commonRandomNumbers = ["sigma2"] })
    for beta in 1..<3 { #expect(base[(beta * 12)..<(beta * 12 + 12)] == base[0..<12]) }
    #expect(Set(base).count == 12)
  }

  @Test("a value that differs in the 13th digit is the same point, one at its default is none")
  func identity() throws {
    func identity(_ value: Double) throws -> Identity {
      let sweep = Sweep(
        name: "t", solver: "test", scalars: [Scalar(name: "sigma2", value: .real(value))])
      return try Grid(sweep: sweep, solver: GridTests.solver).makePoint().identity
    }
    #expect(try identity(0.15) == identity(0.1 + 0.05))
    #expect(try identity(0.15) == identity(0.15 * (1 + 1e-14)))
    #expect(try identity(0.15) != identity(0.15 * (1 + 1e-11)))
    #expect(try identity(0.1).bytes.isEmpty)
    #expect(try identity(0.1 * (1 + 1e-14)).bytes.isEmpty)
  }
}
