import Solvers
import SweepModel
import TestSupport
import Testing

/// What every solver of the registry promises. A new solver is tested here by its line in the registry.
@Suite struct ContractTests {
  struct Entry: Sendable, CustomTestStringConvertible {
    let solver: any Solver.Type
    var testDescription: String { solver.name }
  }

  static let all = Registry.all.map { Entry(solver: $0) }

  private static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, first >= 97 && first <= 122 || name == "N" else {
      return false
    }
    return name.utf8.allSatisfy { $0 >= 97 && $0 <= 122 || $0 >= 48 && $0 <= 57 || $0 == 95 }
      || name == "N"
  }

  @Test("it describes itself in full", arguments: all)
  func description(_ entry: Entry) throws {
    let solver = entry.solver
    #expect(solver.version > 0 && !solver.summary.isEmpty && !solver.summary.contains("\n"))
    let columns = try solver.columns(for: [:])
    let names = solver.parameters.map(\.name) + columns.map(\.name)
    #expect(Set(names).count == names.count, "names are used twice")
    for name in names { #expect(Self.isName(name), "\(name)") }
    let reserved: Set = [
      "unit", "status", "attempt", "worker", "wall_seconds", "crc", "replicate", "pi", "lambda",
    ]
    #expect(reserved.isDisjoint(with: names))
    for parameter in solver.parameters {
      #expect(!parameter.meaning.isEmpty, "\(parameter.name)")
    }
    for column in columns {
      #expect(!column.meaning.isEmpty, "\(column.name)")
      #expect(column.shape.allSatisfy { $0 > 0 })
      #expect(column.labels.isEmpty || column.type == .int64)
    }
    let interface = try #require(Registry.interfaces.first { $0.name == solver.name })
    #expect(interface.parameters == solver.parameters)
    #expect(try interface.columns([:]) == columns)
    #expect(Registry.solver(named: solver.name) == solver)
  }

  @Test("its defaults are accepted, and every output is written", arguments: all)
  func defaults(_ entry: Entry) throws {
    let trial = try SolverTrial(entry.solver)
    let outcome = try trial.run(trial.arguments())
    #expect(outcome.status == .ok && outcome.misbehaviour == nil)
    for place in trial.layout.outputFields {
      let field = trial.layout.fields[place]
      let bytes = outcome.row[field.offset..<field.offset + field.column.byteCount]
      #expect(!bytes.allSatisfy { $0 == SolverTrial.filler }, "\(field.column.name)")
    }
    // What stands around the outputs is not the solver's.
    let outputs = trial.layout.fields[trial.layout.outputFields]
    let first = try #require(outputs.first).offset
    #expect(outcome.row[..<first].allSatisfy { $0 == SolverTrial.filler })
    #expect(outcome.row[trial.layout.statusOffset...].allSatisfy { $0 == SolverTrial.filler })
  }

  @Test("the same key and arguments give the same bits, whatever came between", arguments: all)
  func sameBits(_ entry: Entry) throws {
    let trial = try SolverTrial(entry.solver)
    let again = try SolverTrial(entry.solver)
    var random = SplitMix64(seed: 11)
    var rows: [(Arguments, UInt64, [UInt8])] = []
    for seed in 0..<50 as Range<UInt64> {
      let arguments = Self.randomArguments(entry.solver, &random)
      guard let outcome = try? trial.run(arguments, seed: seed) else { continue }
      rows.append((arguments, seed, outcome.row))
    }
    #expect(rows.count > 10)
    for (arguments, seed, row) in rows.shuffled(using: &random) {
      #expect(try again.run(unit: 7, arguments, seed: seed).row == row)
    }
  }

  /// Values around the defaults, of the right kind and within the ranges.
  private static func randomArguments(
    _ solver: any Solver.Type, _ random: inout SplitMix64
  ) -> Arguments {
    Arguments(
      solver.parameters.map { parameter in
        // Null's faults and times are no mathematics.
        guard solver != Null.self, case .real = parameter.kind,
          let value = parameter.defaultValue.real
        else { return parameter.defaultValue }
        let varied = value * Double.random(in: 0.5...2, using: &random)
        return .real(parameter.range.contains(varied) ? varied : value)
      })
  }

  @Test("what a parameter does not take is refused with its name", arguments: all)
  func refusals(_ entry: Entry) throws {
    let trial = try SolverTrial(entry.solver)
    for parameter in entry.solver.parameters {
      var bad: [Value] = [.boolean(true)]
      switch parameter.kind {
      case .real:
        bad += [.real(.nan), .real(.infinity), .real(-.infinity), .text("1")]
        bad += Self.outside(parameter.range).map { .real($0) }
      case .integer:
        bad += [.real(.nan), .real(.infinity), .real(0.5), .text("1")]
        bad += Self.outside(parameter.range).compactMap { Int64(exactly: $0) }.map { .integer($0) }
      case .choice: bad += [.real(1), .text("no such choice")]
      }
      for value in bad {
        do {
          _ = try trial.run(trial.arguments([parameter.name: value]))
          Issue.record("\(parameter.name) = \(value) was taken")
        } catch {
          #expect(error.status == .refusedParameters, "\(error)")
          #expect(error.parameter == parameter.name)
          #expect("\(error)".contains(parameter.name))
        }
      }
    }
    #expect(throws: SolverFailure.self) { try trial.run(Arguments([])) }
  }

  private static func outside(_ range: ParameterRange) -> [Double] {
    var values: [Double] = []
    if range.lower > -.infinity {
      values.append(range.includesLower ? (range.lower - 1) : range.lower)
      values.append(range.lower - 1e6)
    }
    if range.upper < .infinity { values.append(range.upper * 2 + 1) }
    return values
  }
}
