import SweepModel
import TestSupport
import Testing

/// An expression's text parses as the same tree.
@Suite struct ExpressionTextTests {
  @Test(
    "brackets stand where they are needed and nowhere else",
    arguments: [
      "a + b * c", "(a + b) * c", "a - (b - c)", "a - b - c", "a / (b * c)", "-a^2", "(-a)^2",
      "a^b^c", "(a^b)^c", "2^-1", "-(a + b)", "not a < b and c or d", "not (a and b)",
      "(a or b) and c", "(a < b) == c", "max(a, b + 1, -c)", "kind == 'full'",
      "kind == \"it's\"", "1e-06 * pi", "a * -b",
    ])
  func canonical(text: String) throws {
    #expect("\(try Expression.parse(text))" == text)
  }

  @Test("random trees come back as they were")
  func roundTrip() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix64(seed: seed)
    for _ in 0..<2000 {
      let text = Self.expression(depth: 5, &random)
      let tree = try Expression.parse(text)
      let again = try Expression.parse("\(tree)")
      #expect(
        Self.bytes(tree) == Self.bytes(again), "seed \(seed): \(text) became \(tree)")
    }
  }

  private static func bytes(_ tree: Expression) -> [UInt8] {
    Sweep(name: "", solver: "", condition: tree).canonicalBytes
  }

  /// A text with brackets around everything.
  private static func expression(depth: Int, _ random: inout SplitMix64) -> String {
    guard depth > 0 else {
      return ["a", "b", "2", "0.5", "1e-06", "true", "'x'"].randomElement(using: &random) ?? "a"
    }
    func next() -> String { expression(depth: depth - 1, &random) }
    switch Int.random(in: 0..<5, using: &random) {
    case 0: return next()
    case 1: return "(-\(next()))"
    case 2: return "(not \(next()))"
    case 3: return "max(\(next()), \(next()))"
    default:
      let symbols = BinaryOperator.allCases.map(\.symbol)
      return "(\(next()) \(symbols.randomElement(using: &random) ?? "+") \(next()))"
    }
  }
}
