import SweepFile
import SweepModel
import TestSupport
import Testing

@Suite struct MistakeTests {
  @Test(
    "a mistake has its place, what was expected and the nearest name",
    arguments: [
      ("solver: cubic-teory", "1:9: unknown solver 'cubic-teory'; did you mean 'cubic-theory'?"),
      ("parameters: {}", "1:1: no solver: expected one of cubic-theory, trial"),
      ("- 1", "1:1: expected a mapping with solver and parameters, not a list"),
      ("", "1:1: the file is empty: expected solver and parameters"),
      ("solver: trial\nparametrs: {}", "2:1: unknown key 'parametrs'; did you mean 'parameters'?"),
      (
        "solver: trial\nparameters: {rat: 1}",
        "2:14: trial has no parameter 'rat', and no expression uses it; did you mean 'rate'?"
      ),
      (
        "solver: trial\nparameters: {count: 88.5}",
        "2:21: count must be an integer, not 88.5; use a whole number, or round(...) under derive"
      ),
      ("solver: trial\nparameters: {count: many}", "2:21: count must be an integer, not 'many'"),
      (
        "solver: trial\nparameters: {rate: 8/700}",
        "2:20: '8/700' looks like arithmetic: put it under derive"
      ),
      ("solver: trial\nparameters: {rate: }", "2:20: rate has no value here"),
      ("solver: trial\nparameters: {rate: -1}", "2:20: -1.0 is out of range: expected >= 0"),
      (
        "solver: trial\nparameters: {rate: [1, 2, -1]}", "2:27: -1.0 is out of range: expected >= 0"
      ),
      (
        "solver: trial\nparameters: {rate: [1, 2, 1.0]}",
        "2:27: 1.0 is given twice (values 1 and 3)"
      ),
      ("solver: trial\nparameters: {rate: []}", "2:20: rate has an empty list"),
      ("solver: trial\nparameters: {rate: 1e999}", "2:20: 1e999 is too large for a number"),
      (
        "solver: trial\nparameters: {kind: ful}",
        "2:20: 'ful' is no choice of kind: expected one of full, semi-lazy, 1; did you mean 'full'?"
      ),
      (
        "solver: trial\nparameters: {steps: [1, 2]}", "2:14: it is a budget and must have one value"
      ),
      (
        "solver: trial\nparameters: {bins: [1, 2]}",
        "2:14: it sets the shape of a column and must have one value"
      ),
      (
        "solver: trial\nparameters: {rate: {linspac: [0, 1, 3]}}",
        "2:21: unknown form of values 'linspac'; did you mean 'linspace'?"
      ),
      (
        "solver: trial\nparameters: {rate: {linspace: [0, 1]}}",
        "2:31: linspace takes [first, last, count]"
      ),
      (
        "solver: trial\nparameters: {count: {linspace: [1, 2, 3]}}",
        "2:22: count must be an integer, and linspace gives 1.5; give an axis another name and use round(...) under derive"
      ),
      (
        "solver: trial\nparameters: {rate: {geomspace: [0, 1, 3]}}",
        "2:21: a geometric axis needs two ends of one sign, neither of them 0"
      ),
      (
        "solver: trial\nparameters: {rate: {range: [3, 3]}}",
        "2:28: the range is empty: its stop is left out"
      ),
      ("solver: trial\nparameters: {rate: 1, rate: 2}", "2:14: the same key twice: rate"),
      ("solver: trial\nparameters: {pi: 1}", "2:14: 'pi' is reserved; choose another name"),
      (
        "solver: trial\nparameters: {a-b: 1}",
        "2:14: 'a-b' is no name: expected letters, digits and _ (at most 64)"
      ),
      (
        "solver: trial\nparameters: {histogram: [1, 2]}\nwhere: histogram > 0",
        "2:14: trial has a column of that name; choose another"
      ),
      (
        "solver: trial\nderive: {rate: 2 +}",
        "2:19: expected a number, a name or '(', found the end"
      ),
      (
        "solver: trial\nderive: {rate: cuont}",
        "2:16: unknown name 'cuont'; did you mean 'count'?"
      ),
      (
        "solver: trial\nderive: {rate: \"min(1, cont)\"}",
        "2:24: unknown name 'cont'; did you mean 'count'?"
      ),
      (
        "solver: trial\nderive: {count: 1.5 * 3}",
        "2:21: the value is not an integer; use round(...)"
      ),
      ("solver: trial\nderive: {rate: count - 6}", "2:22: -1.0 is out of range: expected >= 0"),
      ("solver: trial\nderive: {a: b, b: a, rate: a}", "2:13: it depends on itself: a <- b <- a"),
      (
        "solver: trial\nparameters: {rate: 1}\nderive: {rate: 2}",
        "3:10: 'rate' already has values (line 2); a derived name cannot"
      ),
      ("solver: trial\nwhere: rate + 1", "2:13: expected a condition such as a < b, not a real"),
      (
        "solver: trial\nreplicates: 0",
        "2:13: replicates must be a whole number from 1 to 4611686018427387903, not '0'"
      ),
      ("solver: trial\nlevels: {count: 3}", "2:10: 'count' is also a parameter"),
      ("solver: trial\nseed: x", "2:7: seed must be a whole number, not 'x'"),
      (
        "solver: trial\ncommon_random_numbers: [rat]",
        "2:25: common_random_numbers takes parameters of trial, and 'rat' is none; did you mean 'rate'?"
      ),
      (
        "solver: trial\nlimits: {stall: 10}",
        "2:17: expected a duration such as 90s, 1h30m or 02:00:00, not '10'"
      ),
      (
        "solver: trial\nparameters: {rate: [1, 2], count: [1, 2, 3]}\nzip: [[rate, count]]",
        "3:7: zipped axes differ in length: rate has 2, count has 3"
      ),
      (
        "solver: trial\nparameters: {rate: [1, 2]}\nzip: [[rate, cont]]",
        "3:14: there is no axis 'cont'"
      ),
      (
        "solver: trial\npoints: [{rate: 1}, {count: 2}]",
        "2:22: the first point has no 'count'; all points give the same parameters"
      ),
      (
        "solver: trial\npoints: [{rate: 1}, {rate: 1.0}]",
        "2:28: 1.0 is given twice (values 1 and 2)"
      ),
      ("solver: trial\npoints: none.csv", "2:9: cannot read 'none.csv': no such file"),
      (
        "solver: trial\nparameters: {a: &x 1}",
        "2:17: anchors and aliases ('&name', '*name') are not supported"
      ),
      (
        "solver: trial\ncommand: [python3]",
        "2:1: 'command' belongs to solver: command, which this build does not have"
      ),
      ("solver: [", "2:1: not YAML: while parsing a flow node: did not find expected node content"),
      (
        "solver: trial\nname: ../x",
        "2:7: expected a name of letters, digits, '-', '_' and '.' that can be a folder, not '../x'"
      ),
    ])
  func table(text: String, expected: String) {
    #expect(mistakes(text) == ["s.yaml:" + expected])
  }

  @Test(
    "all mistakes are listed, in the order of the file, and none that only follows from another")
  func all() {
    let text = """
      name: many
      solver: cubic-theory
      parameters:
        beta: [1, two, 3]
        sigma2base: {linspace: [0, x, 3]}
        epsilom: -0.3
        n: pi
      derive:
        N: 700*betta
        sigma2: sigma2base + beta
        d: (beta
      where: sigma2 <
      seed: seven
      """
    #expect(
      mistakes(text).map { $0.replacing("s.yaml:", with: "") } == [
        "4:9: beta mixes numbers and texts; quote all of its values or none",
        "5:30: the last value must be a number, not 'x'",
        "6:3: cubic-theory has no parameter 'epsilom', and no expression uses it; "
          + "did you mean 'epsilon'?",
        "7:6: 'pi' looks like arithmetic: put it under derive",
        "9:10: unknown name 'betta'; did you mean 'beta'?",
        "11:11: expected ')' (inside { } an expression with a comma must be quoted)",
        "12:16: expected a number, a name or '(', found the end",
        "13:7: seed must be a whole number, not 'seven'",
      ])
  }

  @Test(
    "a derived value out of range is found at corners and first points, unless where leaves it out")
  func samples() throws {
    let text = """
      solver: trial
      parameters: {a: {linspace: [0, 10, 30001]}}
      derive: {rate: 10 - 2 * a + a}
      """
    #expect(try readSweep(text).grid.unitCount == 30001)
    let bad = text.replacing("10 - 2", with: "9.5 - 2")
    #expect(
      mistakes(bad) == [
        "s.yaml:3:16: -0.5 is out of range: expected >= 0 (at a=10.0)"
      ])
    #expect(try readSweep(bad + "\nwhere: a < 9").grid.unitCount == 30001)
  }

  @Test("hostile files neither hang nor trap")
  func hostile() {
    var bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<12 {
      let before = level == 1 ? "a" : "a\(level - 1)"
      bomb +=
        "a\(level): &a\(level) [\((0..<9).map { _ in "*\(before)" }.joined(separator: ", "))]\n"
    }
    #expect(mistakes(bomb).count == 1)
    #expect(mistakes(String(repeating: "[", count: 100_000)).count == 1)
    #expect(mistakes(String(repeating: "{a: ", count: 100_000)).count == 1)
    #expect(mistakes(String(repeating: "- ", count: 100_000)).count == 1)
    let steps = (0..<3000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
    #expect(mistakes(steps).count == 1)
    let deep = String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
    #expect(mistakes("solver: trial\nparameters: {rate: \(deep)}").count == 1)
    #expect(mistakes("solver: trial\nparameters: {\(deep): 1}").count == 1)
    #expect(mistakes("x: " + String(repeating: "y", count: 5 << 20)).count == 1)
    let long = "solver: trial\nwhere: " + String(repeating: "(", count: 20_000)
    #expect(mistakes(long).count == 1)
    let huge = "solver: trial\nparameters: {rate: {linspace: [0, 1, 99999999999]}}"
    #expect(mistakes(huge).count == 1)
    let product =
      "solver: trial\nparameters: {a: {range: [9000000000000000]}, rate: {range: [9000000000000000]}}\nderive: {count: round(a)}"
    #expect(mistakes(product).first?.hasSuffix("the grid has 2^62 units or more") == true)
  }

  @Test("mutated files never trap", arguments: 0..<4)
  func fuzz(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed) + 100)
    let whole =
      SweepFileTests.example.replacing("replicates: 50", with: "levels: {data: 2, network: 3}")
      + "\npoints: [{sigma_w2: 1, a: x}, {sigma_w2: 2, a: y}]"
      + "\nzip: [[beta, b]]\n"
    let base = Array(
      whole.replacing("epsilon: -0.3", with: "b: [1, 2, 3, 4]\n  epsilon: -0.3")
        .replacing(">= 1\"", with: ">= 1 or b > 0 and a != 'x'\"").utf8)
    #expect(throws: Never.self) { try readSweep(String(decoding: base, as: UTF8.self)) }
    let extras = Array("[]{}:,-&*#'\"\\|>%@`?! \n\t0123456789abcNn+/^().eé".utf8)
    var accepted = 0
    for _ in 0..<250 {
      var bytes = base
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes.remove(at: place)
        case 1: bytes[place] = extras.randomElement(using: &random) ?? 0
        case 2: bytes.insert(extras.randomElement(using: &random) ?? 0, at: place)
        case 3: bytes[place] = UInt8.random(in: 0...255, using: &random)
        default:
          let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
          let part = bytes[place..<end]
          bytes.insert(
            contentsOf: part, at: Int.random(in: 0...bytes.count, using: &random))
        }
      }
      if (try? readSweep(String(decoding: bytes, as: UTF8.self))) != nil { accepted += 1 }
    }
    #expect(accepted > 0)
    for _ in 0..<250 {
      let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      _ = try? readSweep(String(decoding: bytes, as: UTF8.self))
      _ = try? readSweep(
        "solver: trial\npoints: p.csv", files: ["p.csv": String(decoding: bytes, as: UTF8.self)])
    }
  }
}
