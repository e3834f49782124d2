import SweepModel

/// Solvers, for people and as JSON.
package enum SolverText {
  package static func list(_ solvers: [SolverInterface]) -> String {
    Table(solvers.map { [$0.name, $0.summary] }).text
      + "\nspinodal solvers NAME describes one.\n"
  }

  package static func description(of solver: SolverInterface) throws(CommandFailure) -> String {
    var text = "\(solver.name), version \(solver.version)\n\(solver.summary)\n\nParameters\n"
    text +=
      Table(
        solver.parameters.map { parameter in
          [
            "  " + parameter.name, type(parameter), "default \(parameter.defaultValue)",
            parameter.meaning + notes(parameter),
          ]
        }
      ).text
    text += "\nColumns\n"
    text +=
      Table(
        try columns(of: solver).map { column in
          [
            "  " + column.name, column.type.numpyName + shape(column),
            column.meaning + labels(column)
              + (column.mayBeAbsent ? " (NaN where there is none)" : "")
              + (column.source.isEmpty ? "" : " [\(column.source)]"),
          ]
        }
      ).text
    return text
  }

  /// With the defaults of those parameters that fix a shape.
  private static func columns(of solver: SolverInterface) throws(CommandFailure) -> [Column] {
    var fixed: [String: Value] = [:]
    for parameter in solver.parameters where parameter.isFixed {
      fixed[parameter.name] = parameter.defaultValue
    }
    do {
      return try solver.columns(fixed)
    } catch {
      throw .error("\(solver.name) refuses its own default of \(error.parameter): \(error.reason)")
    }
  }

  private static func type(_ parameter: Parameter) -> String {
    switch parameter.kind {
    case .real: "real, \(parameter.range)"
    case .integer where parameter.range == .any: "integer"
    case .integer: "integer, \(parameter.range)"
    case .choice(let names): names.joined(separator: " | ")
    }
  }

  private static func notes(_ parameter: Parameter) -> String {
    if parameter.isFixed { return " (fixes a shape: one value a sweep)" }
    return parameter.isIdentity ? "" : " (tells no points apart)"
  }

  private static func shape(_ column: Column) -> String {
    column.shape.isEmpty ? "" : "[" + column.shape.map(String.init).joined(separator: ", ") + "]"
  }

  private static func labels(_ column: Column) -> String {
    guard !column.labels.isEmpty else { return "" }
    let names = column.labels.enumerated().map { "\($0.offset) \($0.element)" }
    return ": " + names.joined(separator: ", ")
  }

  // MARK: JSON

  package static func json(_ solvers: [SolverInterface]) -> JSONValue {
    [
      "schema": 1,
      "solvers": .array(
        solvers.map {
          [
            "name": .string($0.name), "version": .integer(Int64($0.version)),
            "summary": .string($0.summary),
          ]
        }),
    ]
  }

  package static func json(_ solver: SolverInterface) throws(CommandFailure) -> JSONValue {
    [
      "schema": 1, "name": .string(solver.name), "version": .integer(Int64(solver.version)),
      "summary": .string(solver.summary), "parameters": .array(solver.parameters.map(json)),
      "columns": .array(try columns(of: solver).map(json)),
    ]
  }

  private static func json(_ parameter: Parameter) -> JSONValue {
    var kind = "real"
    var choices = JSONValue.null
    switch parameter.kind {
    case .real: break
    case .integer: kind = "integer"
    case .choice(let names):
      kind = "choice"
      choices = .array(names.map { .string($0) })
    }
    // Infinite bounds become null: there is none.
    return [
      "name": .string(parameter.name), "type": .string(kind),
      "minimum": .real(parameter.range.lower), "maximum": .real(parameter.range.upper),
      "includes_minimum": .boolean(parameter.range.includesLower),
      "includes_maximum": .boolean(parameter.range.includesUpper), "choices": choices,
      "default": JSONValue(parameter.defaultValue), "meaning": .string(parameter.meaning),
      "identity": .boolean(parameter.isIdentity), "fixes_a_shape": .boolean(parameter.isFixed),
    ]
  }

  private static func json(_ column: Column) -> JSONValue {
    [
      "name": .string(column.name), "type": .string(column.type.numpyName),
      "shape": .array(column.shape.map { .integer(Int64($0)) }), "meaning": .string(column.meaning),
      "source": column.source.isEmpty ? nil : .string(column.source),
      "may_be_absent": .boolean(column.mayBeAbsent),
      "labels": .array(column.labels.map { .string($0) }),
    ]
  }
}
