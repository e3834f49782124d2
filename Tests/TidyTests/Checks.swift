/// Each check is a function from a file to what is wrong in it, so that each can be shown to find
/// something in a bad snippet.
enum Checks {
  static let functionLineLimit = 60
  static let fileLineLimit = 400

  static func imports(_ file: SourceText) -> [Finding] {
    let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
    let allowed = Rooms.allowed(file.room)
    var found: [Finding] = []
    for (index, token) in file.tokens.enumerated() where token.text == "import" {
      var next = index + 1
      if kinds.contains(file.text(at: next)) { next += 1 }
      var name = file.text(at: next)
      while file.text(at: next + 1) == "-" {  // no module has one; a program's name may
        name += "-" + file.text(at: next + 2)
        next += 2
      }
      if file.text(at: index - 1) == "testable" {
        found.append(file.finding(token, "no @testable: tests also build in release"))
      }
      if !file.room.isEmpty, !allowed.contains(name) {
        found.append(
          file.finding(
            token, "\(file.room) may not import \(name); see Package.swift and Rooms.swift"))
      }
    }
    return found
  }

  /// Names that make a result depend on more than its input, each with its remedy.
  static let impure: [(names: [String], remedy: String)] = [
    (
      [
        "ContinuousClock", "SuspendingClock", "DispatchTime", "Date", "clock_gettime",
        "gettimeofday", "BootClock", "WallClock", "time",
      ],
      "no clocks: the event loop passes the time in"
    ),
    (
      [
        "SystemRandomNumberGenerator", "arc4random", "getrandom", "Hasher", "hashValue",
        "ObjectIdentifier",
      ],
      "nothing that differs from process to process: use a seeded generator"
    ),
    (
      ["FileManager", "FileHandle", "FilePath", "fopen", "fread", "fwrite", "mmap"],
      "no files: Host and RunFolder have them"
    ),
    (["socket", "URLSession", "zmq_send", "zmq_recv"], "no sockets: Transport has them"),
    (
      [
        "Task", "actor", "async", "await", "TaskGroup", "Thread", "DispatchQueue", "Mutex",
        "Atomic", "pthread_create",
      ],
      "no concurrency: a value with one owner"
    ),
  ]

  static func purity(_ file: SourceText) -> [Finding] {
    guard Rooms.pure.contains(file.room) else { return [] }
    var found: [Finding] = []
    for (index, token) in file.tokens.enumerated() {
      for (names, remedy) in impure where names.contains(token.text) {
        let next = file.text(at: index + 1)
        // Ordinary words are harmless as the names of members, arguments and cases.
        let isWord = token.text.first?.isLowercase == true
        if isWord, token.text != "async", token.text != "await" {
          let called = next == "(" && file.text(at: index - 1) != "."
          let declared = token.text == "actor" && file.text(at: index + 2) == "{"
          let member = token.text == "hashValue" && file.text(at: index - 1) == "."
          if !called, !declared, !member { continue }
        }
        if ["func", "case"].contains(file.text(at: index - 1)) { continue }
        found.append(file.finding(token, "\(token.text): \(remedy)"))
      }
    }
    return found + unseeded(file)
  }

  /// Draws from the system's generator: `random`, `shuffled` and their kin without `using:`.
  private static func unseeded(_ file: SourceText) -> [Finding] {
    let draws: Set = ["random", "shuffled", "shuffle", "randomElement"]
    return file.tokens.indices.compactMap { index in
      guard draws.contains(file.tokens[index].text), file.text(at: index - 1) == ".",
        file.text(at: index + 1) == "("
      else { return nil }
      let arguments = file.tokens[(index + 1)...file.closing(index + 1)]
      if arguments.contains(where: { $0.text == "using" }) { return nil }
      return file.finding(
        file.tokens[index], "\(file.tokens[index].text) without using: a seeded generator")
    }
  }

  static func printing(_ file: SourceText) -> [Finding] {
    guard !file.room.isEmpty, !Rooms.executables.contains(file.room) else { return [] }
    return file.tokens.indices.compactMap { index in
      let name = file.tokens[index].text
      guard ["print", "debugPrint", "dump"].contains(name), file.text(at: index + 1) == "(",
        ![".", "func"].contains(file.text(at: index - 1))
      else { return nil }
      return file.finding(file.tokens[index], "\(name) outside the executables")
    }
  }

  static func fileLength(_ file: SourceText) -> [Finding] {
    if let allowance = allowances.first(where: { $0.path == file.path && $0.function == nil }) {
      return ratchet(allowance, file.lineCount, fileLineLimit, line: 1)
    }
    guard file.lineCount > fileLineLimit else { return [] }
    return [
      Finding(
        path: file.path, line: 1,
        message: "\(file.lineCount) lines, more than \(fileLineLimit): give each topic its file")
    ]
  }

  static func functionLength(_ file: SourceText) -> [Finding] {
    functions(file).flatMap { function -> [Finding] in
      let allowance = allowances.first {
        $0.path == file.path && $0.function == function.name
      }
      if let allowance {
        return ratchet(allowance, function.lineCount, functionLineLimit, line: function.line)
      }
      guard function.lineCount > functionLineLimit else { return [] }
      let size = "\(function.lineCount) lines, more than \(functionLineLimit)"
      return [
        Finding(path: file.path, line: function.line, message: "\(function.name) has \(size)")
      ]
    }
  }

  private static func ratchet(
    _ allowance: Allowance, _ lineCount: Int, _ limit: Int, line: Int
  ) -> [Finding] {
    if lineCount == allowance.lineCount, lineCount > limit { return [] }
    let name = allowance.function ?? "the file"
    let message =
      lineCount <= limit
      ? "\(name) no longer needs its allowance: take it out of the list"
      : "\(name) has \(lineCount) lines, its allowance says \(allowance.lineCount)"
    return [Finding(path: allowance.path, line: line, message: message)]
  }

  static func emptiness(_ file: SourceText) -> [Finding] {
    file.tokens.isEmpty
      ? [Finding(path: file.path, line: 1, message: "an empty file: remove it")] : []
  }

  /// Marks of unfinished work, and places that exist on one machine only. Over any text.
  static func leftovers(path: String, _ contents: String) -> [Finding] {
    // Put together here, so that this file does not find itself.
    let banned = ["FIX" + "ME", "TO" + "DO", "X" + "XX", "/wor" + "k/", "shar" + "ed/"]
    var found: [Finding] = []
    for (number, line) in contents.split(
      separator: "\n", omittingEmptySubsequences: false
    ).enumerated() {
      for word in banned where line.contains(word) {
        if word == "X" + "XX", line.contains("XX" + "XX") { continue }  // mkdtemp's
        found.append(Finding(path: path, line: number + 1, message: "contains \(word)"))
      }
    }
    return found
  }
}

extension SourceText {
  func finding(_ token: Token, _ message: String) -> Finding {
    Finding(path: path, line: token.line, message: message)
  }
}
