import SweepModel
import Testing
import spinodal

/// A changed sweep is refused with what changed, in the words of the sweep file.
@Suite struct SweepTextTests {
  private func sweep(_ change: (inout Sweep) throws -> Void = { _ in }) throws -> Sweep {
    var sweep = Sweep(
      name: "s", solver: "cubic-theory",
      axes: [Axis("sigma2", .reals([0.1, 0.2, 0.3])), Axis("epsilon", .reals([-0.3]))],
      scalars: [Scalar(name: "beta", value: .real(0.5))],
      derived: [Derived(name: "N", expression: try Expression.parse("round(700*beta)"))],
      condition: try Expression.parse("sigma2 < 0.35 or beta >= 1"))
    try change(&sweep)
    return sweep
  }

  @Test("equal sweeps do not differ, whatever their names and limits")
  func equal() throws {
    let other = try sweep {
      $0.name = "other"
      $0.limits.timeMilliseconds = 5
    }
    #expect(try SweepText.differences(stored: sweep(), given: other) == [])
  }

  @Test("each change is a line")
  func changes() throws {
    let changed = try sweep {
      $0.axes[0] = Axis("sigma2", .reals([0.1, 0.2]))
      $0.scalars = []
      $0.derived[0].expression = try Expression.parse("round(800*beta)")
      $0.seed = 7
      $0.commonRandomNumbers = ["sigma2"]
    }
    #expect(
      try SweepText.differences(stored: sweep(), given: changed) == [
        "sigma2: [0.1, 0.2, 0.3] in the run, [0.1, 0.2] now",
        "beta: 0.5 in the run, nothing now",
        "derive.N: round(700 * beta) in the run, round(800 * beta) now",
        "seed: 0 in the run, 7 now",
        "common_random_numbers: nothing in the run, sigma2 now",
      ])
  }

  @Test("another order is a difference")
  func order() throws {
    let turned = try sweep { $0.axes.reverse() }
    let lines = try SweepText.differences(stored: sweep(), given: turned)
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix("the order of the parameters: ") == true)
  }

  @Test("a change inside a long list is found")
  func longList() throws {
    let values = (0..<100).map { Double($0) }
    var others = values
    others[41] = 40.5
    let stored = try sweep { $0.axes[0] = Axis("sigma2", .reals(values)) }
    let given = try sweep { $0.axes[0] = Axis("sigma2", .reals(others)) }
    #expect(
      SweepText.differences(stored: stored, given: given)
        == ["sigma2: value 42 is 41.0 in the run, 40.5 now"])
  }
}
