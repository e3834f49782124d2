import Foundation
import Solvers
import SweepModel
import Testing

/// Rows that were computed independently; tolerances as the file states them.
@Suite struct CubicGoldenTests {
  struct Table: Decodable {
    /// By the names of parameters and columns; null where there is no outer minimum.
    var rows: [[String: Double?]]
  }

  enum Tolerance {
    case relative(Double)
    case absolute(Double)

    /// In units of the tolerance; an absolute tolerance of 0 wants equality.
    func deviation(_ value: Double, _ expected: Double) -> Double {
      let off = abs(value - expected)
      switch self {
      case .relative(let part): return off / (expected == 0 ? part : part * abs(expected))
      case .absolute(let part): return off == 0 ? 0 : off / part
      }
    }
  }

  /// The worst deviation of a column, in units of its tolerance.
  struct Worst {
    var deviation = 0.0
    var place = "nowhere"
  }

  static func table() throws -> Table {
    guard
      let url = Bundle.module.url(
        forResource: "cubic_theory", withExtension: "json", subdirectory: "Golden")
    else { throw NoSuchColumn(name: "Golden/cubic_theory.json") }
    return try JSONDecoder().decode(Table.self, from: Data(contentsOf: url))
  }

  static let columns: [(String, Tolerance)] = [
    ("u", .relative(1e-9)), ("b", .relative(1e-9)), ("c", .relative(1e-9)),
    ("q_mean_square", .relative(1e-9)), ("q_star", .relative(1e-8)),
    ("q_barrier", .relative(1e-8)), ("action_star", .absolute(1e-10)),
    ("action_barrier", .absolute(1e-10)), ("droplet_fraction", .relative(1e-7)),
    ("phase", .absolute(0)),
  ]

  @Test("every row of the golden table comes out, and the worst deviation is named")
  func golden() throws {
    let trial = try SolverTrial(CubicTheory.self)
    let rows = try Self.table().rows
    #expect(rows.count == 52)
    var worst = [Worst](repeating: Worst(), count: Self.columns.count)
    for (number, row) in rows.enumerated() {
      var parameters: [String: Value] = [:]
      for parameter in CubicTheory.parameters {
        parameters[parameter.name] = .real(try #require(row[parameter.name] ?? nil))
      }
      let outcome = try trial.run(trial.arguments(parameters))
      let place = "row \(number): \(parameters)"
      #expect(outcome.status == .ok, "\(place)")
      for (column, (name, tolerance)) in Self.columns.enumerated() {
        let value =
          name == "phase"
          ? Double(try trial.integer(name, in: outcome)) : try trial.real(name, in: outcome)
        guard let expected = try #require(row[name], "\(name)") else {
          #expect(value.isNaN, "\(name) in \(place)")
          continue
        }
        let deviation = tolerance.deviation(value, expected)
        if !(deviation <= worst[column].deviation) {
          worst[column] = Worst(deviation: deviation, place: place)
        }
      }
    }
    for ((name, _), worst) in zip(Self.columns, worst) {
      #expect(
        worst.deviation <= 1,
        "\(name) is off by \(worst.deviation) times its tolerance in \(worst.place)")
      print("golden: \(name): worst \(worst.deviation) of its tolerance in \(worst.place)")
    }
  }
}
