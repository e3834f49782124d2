import SweepModel

/// Turns a YAML document into a `Sweep`, gathering every mistake on the way.
struct SweepReader {
  let path: String
  let solvers: [SolverInterface]
  var solver: SolverInterface?
  var sweep: Sweep
  var mistakes: [Mistake] = []
  var attachments: [SweepFile.Attachment] = []

  /// Where each parameter, level and other name stands.
  var places: [String: Place] = [:]
  var valuePlaces: [String: [Place]] = [:]
  var levelPlaces: [String: Place] = [:]
  var commonPlaces: [String: Place] = [:]
  var solverPlace: Place
  var derivedTexts: [String: YAMLScalar] = [:]
  var conditionText: YAMLScalar?
  /// Names whose values were not understood: what the model says of them is no news.
  var damaged: Set<String> = []
  /// Expressions that were not understood: what they name may be used all the same.
  var damagedExpressions: [String] = []

  static let keys = [
    "name", "solver", "parameters", "derive", "zip", "where", "points", "replicates", "levels",
    "seed", "common_random_numbers", "limits",
  ]

  init(path: String, solvers: [SolverInterface]) {
    self.path = path
    self.solvers = solvers
    sweep = Sweep(name: "", solver: "")
    solverPlace = Place(path: path, line: 1, column: 1)
  }

  mutating func report(_ message: String, _ place: Place) {
    mistakes.append(
      Mistake(path: place.path, line: place.line, column: place.column, message: message))
  }

  mutating func read(
    _ root: YAML, readFile: (String) -> Result<String, SweepFile.Unreadable>
  ) throws(Mistakes) -> SweepFile.Reading {
    guard case .mapping(let pairs, _) = root else {
      report("expected a mapping with solver and parameters, not \(root.kind)", root.place)
      throw Mistakes(mistakes)
    }
    var given: [String: YAML] = [:]
    for (key, value) in pairs {
      if Self.keys.contains(key.text) {
        given[key.text] = value
      } else if ["command", "columns", "budget"].contains(key.text) {
        report(
          "'\(key.text)' belongs to solver: command, which this build does not have", key.place)
      } else {
        let hint = Suggestion.hint(for: key.text, among: Self.keys)
        report("unknown key '\(key.text)'\(hint)", key.place)
      }
    }
    readName(given["name"])
    readSolver(given["solver"], root.place)
    if let points = given["points"] { readPoints(points, readFile: readFile) }
    if let parameters = given["parameters"] { readParameters(parameters) }
    if let zip = given["zip"] { readZip(zip) }
    if let derive = given["derive"] { readDerived(derive) }
    if let condition = given["where"] { readCondition(condition) }
    readLevels(replicates: given["replicates"], levels: given["levels"])
    if let seed = given["seed"] { readSeed(seed) }
    if let common = given["common_random_numbers"] { readCommonRandomNumbers(common) }
    if let limits = given["limits"] { readLimits(limits) }
    return try finish()
  }

  private mutating func readName(_ value: YAML?) {
    guard let value else {
      let file = path.split(separator: "/").last.map(String.init) ?? "sweep"
      let stem = file.split(separator: ".").first.map(String.init) ?? "sweep"
      sweep.name = Self.isFolderName(stem) ? stem : "sweep"
      return
    }
    guard case .scalar(let scalar) = value, Self.isFolderName(scalar.text) else {
      report(
        "expected a name of letters, digits, '-', '_' and '.' that can be a folder, not \(value.kind)",
        value.place)
      return
    }
    sweep.name = scalar.text
  }

  private static func isFolderName(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 100 else { return false }
    func isPlain(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    return isPlain(first)
      && text.utf8.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
  }

  private mutating func readSolver(_ value: YAML?, _ start: Place) {
    let names = solvers.map(\.name)
    guard let value else {
      report("no solver: expected one of \(names.joined(separator: ", "))", start)
      return
    }
    solverPlace = value.place
    guard case .scalar(let scalar) = value, !scalar.isEmpty else {
      report("expected a solver's name, not \(value.kind)", value.place)
      return
    }
    sweep.solver = scalar.text
    solver = solvers.first { $0.name == scalar.text }
    if solver == nil {
      let hint = Suggestion.hint(for: scalar.text, among: names)
      report(
        "unknown solver '\(scalar.text)'"
          + (hint.isEmpty ? "; expected one of \(names.joined(separator: ", "))" : hint),
        value.place)
    }
  }

  // MARK: The end

  private mutating func finish() throws(Mistakes) -> SweepFile.Reading {
    if let solver {
      do {
        let grid = try Grid(sweep: sweep, solver: solver)
        if mistakes.isEmpty {
          let problems = grid.sampleProblems()
          if problems.isEmpty {
            return SweepFile.Reading(
              sweep: sweep, solver: solver, grid: grid, attachments: attachments)
          }
          for problem in problems { report(problem.message, place(of: problem.subject)) }
        }
      } catch {
        for problem in error.problems where !isNoNews(problem.subject) {
          report(problem.message, place(of: problem.subject))
        }
      }
    }
    if mistakes.isEmpty { report("the sweep cannot be used", solverPlace) }
    throw Mistakes(Self.ordered(mistakes))
  }

  /// By place, each once, the order of finding among equals; those of the sweep file itself first.
  private static func ordered(_ mistakes: [Mistake]) -> [Mistake] {
    let first = mistakes.first?.path
    var seen: Set<Mistake> = []
    return mistakes.filter { seen.insert($0).inserted }.enumerated().sorted { one, other in
      let left = one.element
      let right = other.element
      if (left.path == first) != (right.path == first) { return left.path == first }
      if left.line != right.line { return left.line < right.line }
      if left.column != right.column { return left.column < right.column }
      return one.offset < other.offset
    }.map(\.element)
  }

  private func isNoNews(_ subject: SweepProblem.Subject) -> Bool {
    switch subject {
    case .unused(let name):
      damaged.contains(name) || damagedExpressions.contains { $0.contains(name) }
    case .parameter(let name), .value(let name, _), .derived(let name, _): damaged.contains(name)
    // A condition on a name whose values are unknown may be right or wrong.
    case .condition: !damaged.isEmpty
    case .sweep, .solver, .level, .commonRandomNumbers: false
    }
  }

  private func place(of subject: SweepProblem.Subject) -> Place {
    let start = Place(path: path, line: 1, column: 1)
    switch subject {
    case .sweep: return start
    case .solver: return solverPlace
    case .parameter(let name), .unused(let name): return places[name] ?? start
    case .value(let name, let place):
      if let list = valuePlaces[name], place < list.count { return list[Int(place)] }
      return places[name] ?? start
    case .derived(let name, let position):
      return derivedTexts[name]?.place(ofByte: position) ?? places[name] ?? start
    case .condition(let position): return conditionText?.place(ofByte: position) ?? start
    case .level(let name): return levelPlaces[name] ?? start
    case .commonRandomNumbers(let name): return commonPlaces[name] ?? start
    }
  }
}
