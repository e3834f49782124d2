import SweepModel
import TestSupport
import Testing

@Suite struct ExpressionTests {
  /// Evaluates by way of a grid: `y` derived from axes with one value.
  private func value(_ text: String, _ given: [(String, Double)] = []) throws -> Double {
    let solver = testSolver([Parameter("y", .real, default: .real(0), "result")])
    let sweep = Sweep(
      name: "t", solver: "test",
      axes: given.map { Axis($0.0, .reals([$0.1])) },
      derived: [Derived(name: "y", expression: try Expression.parse(text))])
    let grid = try Grid(sweep: sweep, solver: solver)
    let point = grid.makePoint()
    if let refusal = point.refusal, !point.real(0).isNaN { throw refusal }
    return point.real(0)
  }

  @Test(
    "values follow the usual precedence",
    arguments: [
      ("1 + 2 * 3", 7.0), ("(1 + 2) * 3", 9), ("2 ^ 3 ^ 2", 512), ("-2 ^ 2", -4), ("2 ^ -1", 0.5),
      ("8 / 700 / 2", 8.0 / 700 / 2), ("7 / 2", 3.5), ("6 - 2 - 1", 3), ("- - 3", 3), ("+3", 3),
      ("min(3, 1, 2)", 1), ("max(3.5, 4)", 4), ("abs(-3)", 3), ("sqrt(16)", 4), ("round(2.5)", 3),
      ("round(-2.5)", -3), ("floor(-2.5)", -3), ("ceil(2.1)", 3), ("exp(0)", 1), ("log(1)", 0),
      ("log10(1000)", 3), ("sin(0)", 0), ("cos(0)", 1), ("cos(pi)", -1), ("2e-06 * 1E6", 2),
      (".5 + 5.", 5.5), ("10 ^ 3", 1000), ("2 ^ 0.5 * 2 ^ 0.5 < 2 or true", .nan),
    ])
  func precedence(text: String, expected: Double) throws {
    if expected.isNaN {
      #expect(throws: SweepProblems.self) { try value(text) }
    } else {
      #expect(try value(text) == expected)
    }
  }

  @Test("names take their values, also through other derived names in any order")
  func names() throws {
    let solver = testSolver([
      Parameter("N", .integer, default: .integer(1), "width"),
      Parameter("d", .integer, default: .integer(1), "input"),
    ])
    let sweep = Sweep(
      name: "t", solver: "test", axes: [Axis("beta", .reals([0.125, 0.5, 1]))],
      derived: [
        Derived(name: "d", expression: try .parse("N + half")),
        Derived(name: "N", expression: try .parse("round(700*beta)")),
        Derived(name: "half", expression: try .parse("N - N / 2 + 0.5 * 0 * N")),
      ])
    // 44 is 88 - 44; 0.5 * 0 * N keeps the sum real, and d takes 132.0 as 132.
    let grid = try Grid(sweep: sweep, solver: solver)
    let point = grid.makePoint()
    #expect(point.integer(0) == 88)
    #expect(point.integer(1) == 132)
  }

  @Test(
    "mistakes have a place",
    arguments: [
      ("1 +", 3), ("1 + * 2", 4), ("(1", 2), ("1)", 1), ("foo(1)", 0), ("1 + foo", 4), ("1 2", 2),
      ("min(1)", 0), ("a ** b", 2), ("1 < 2 < 3", 6), ("2 && 3", 2), ("'abc", 0), ("1 = 1", 2),
      ("", 0), ("sqrt", 0), ("1 + not 2", 4), ("99999999999999999999", 0), ("3x", 1), ("é", 0),
      ("9223372036854775807 + 1", 20), ("1 + true", 2), ("not 1", 4), ("round(1e30)", 0),
      ("and", 0), ("sin(1, 2)", 0), ("sin()", 0),
    ])
  func places(text: String, position: Int) {
    do {
      _ = try value(text)
      Issue.record("'\(text)' was accepted")
    } catch let mistake as ExpressionMistake {
      #expect(mistake.position == position, "\(mistake.message)")
    } catch let problems as SweepProblems {
      guard case .derived(_, let place)? = problems.problems.first?.subject else {
        Issue.record("\(problems)")
        return
      }
      #expect(place == position, "\(problems)")
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test("unknown names and functions get the nearest known one")
  func suggestions() {
    #expect(
      throws: ExpressionMistake(
        position: 0, message: "unknown function 'sqr'; did you mean 'sqrt'?")
    ) { try Expression.parse("sqr(2)") }
    #expect(Suggestion.nearest(to: "sigma3", among: ["sigma2", "sigma_a2", "n"]) == "sigma2")
    #expect(Suggestion.nearest(to: "epsilom", among: ["sigma2", "epsilon"]) == "epsilon")
    #expect(Suggestion.nearest(to: "zzz", among: ["sigma2", "epsilon"]) == nil)
  }

  @Test("depth is limited, whichever way it grows")
  func depth() throws {
    for text in [
      String(repeating: "(", count: 5000) + "1",
      String(repeating: "-", count: 5000) + "1",
      String(repeating: "not ", count: 2000) + "true",
      (0..<4000).map { _ in "1" }.joined(separator: "+"),
      (0..<4000).map { _ in "1" }.joined(separator: "^"),
      String(repeating: "abs(", count: 2000) + "1",
      String(repeating: "1", count: 20_000),
    ] {
      #expect(throws: ExpressionMistake.self) { try Expression.parse(text) }
    }
    let wide = (0..<90).map { _ in "1" }.joined(separator: "+")
    #expect(try value(wide) == 90)
  }

  @Test("the right side of and and or counts only where it matters")
  func connectives() throws {
    let solver = testSolver([Parameter("x", .real, default: .real(0), "x")])
    var sweep = Sweep(
      name: "t", solver: "test", axes: [Axis("x", .reals([0, 1, 2, 3]))],
      condition: try .parse("x > 0 and round(6 / x) != 2 or x == 3"))
    // round(6 / 0) has no value, and is not asked for.
    let excluded = try Grid(sweep: sweep, solver: solver).excludedUnits()
    #expect((0..<4).map { excluded.contains($0) } == [true, false, false, false])
    sweep.condition = try .parse("round(6 / x) != 2")
    let grid = try Grid(sweep: sweep, solver: solver)
    #expect(throws: SweepProblems.self) { try grid.excludedUnits() }
  }

  @Test("random text never traps, and what parses has canonical bytes that read back")
  func fuzz() throws {
    var random = SplitMix64(seed: 11)
    let parts = [
      "1", "2.5", "x", "y", "(", ")", "+", "-", "*", "/", "^", "<", ">=", "==", "and", "or", "not",
      "round", "min", "sqrt", ",", "'a'", "true", "pi", " ", "1e5", "é", "\"", "&", "=", "exp",
    ]
    var parsed = 0
    for _ in 0..<20_000 {
      var text = ""
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        text += (parts.randomElement(using: &random) ?? "") + " "
      }
      guard let expression = try? Expression.parse(text) else { continue }
      parsed += 1
      let sweep = Sweep(
        name: "", solver: "s", derived: [Derived(name: "z", expression: expression)])
      let back = try Sweep(canonicalBytes: sweep.canonicalBytes)
      #expect(back.canonicalBytes == sweep.canonicalBytes)
    }
    #expect(parsed > 100)
  }
}
