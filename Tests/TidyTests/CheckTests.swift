import Testing

private func source(_ contents: String, room: String = "Wire") -> SourceText {
  SourceText(path: "Sources/\(room)/Snippet.swift", contents)
}

private func lines(_ findings: [Finding]) -> [Int] { findings.map(\.line) }

@Suite struct CheckTests {
  @Test("comments and strings hold no code")
  func tokens() {
    let file = source(
      #"""
      // Task
      /* Task /* Task */ Task */ let a = "Task \(b + "Task") \" Task" // Task
      let c = #"Task " \(Task)"#
      let d = """
        Task " Task
        """
      end
      """#)
    #expect(
      file.tokens.map(\.text) == [
        "let", "a", "=", "\"\"", "let", "c", "=", "\"\"", "let", "d", "=", "\"\"", "end",
      ])
    #expect(file.tokens.map(\.line) == [2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 7])
  }

  @Test("an import outside the room's line is found, whatever its form")
  func imports() {
    let bad = [
      "import Foundation", "import struct Foundation.Date", "@preconcurrency import Glibc",
      "public import Host", "@testable import Scheduling",
    ]
    for line in bad { #expect(lines(Checks.imports(source("\n" + line))) == [2], "\(line)") }
    #expect(Checks.imports(source("import Scheduling\nimport SweepModel")).isEmpty)
    #expect(Checks.imports(source("import Glibc", room: "Host")).isEmpty)
  }

  @Test(
    "what a pure room may not do is found",
    arguments: [
      "let now = ContinuousClock.now", "let d = Date()", "let t = time(nil)",
      "var g = SystemRandomNumberGenerator()", "let n = Int.random(in: 0..<9)",
      "list.shuffle()", "let l = list.shuffled()", "let e = list.randomElement()",
      "let h = a.hashValue", "let o = ObjectIdentifier(a)", "let f = FileManager.default",
      "let f = fopen(p, m)", "let s = socket(1, 2, 3)", "Task { }", "actor Worker { }",
      "func f() async { }", "let a = await b", "let m = Mutex(1)",
    ])
  func purity(line: String) {
    #expect(lines(Checks.purity(source("\n" + line))) == [2])
    #expect(Checks.purity(source(line, room: "Runtime")).isEmpty)
  }

  @Test(
    "what only looks like it is not found",
    arguments: [
      "let n = Int.random(in: 0..<9, using: &generator)", "let t = limits.time",
      "case time(Int)", "list.shuffle(using: &generator)", "case .time(let limit): f(limit)",
      "struct TaskName { }", "func hash(into hasher: inout H) { }",
    ])
  func harmless(line: String) {
    #expect(Checks.purity(source(line)).isEmpty)
  }

  @Test("going through a hashed collection is found, also from another file of the room")
  func order() {
    let declarations = source(
      """
      struct S {
        var table: [Int: [String]] = [:]
        let seen = Set<Int>()
        let list: [Int] = []
      }
      """)
    let bad = [
      "for (key, value) in table {", "for key in table.keys {",
      "for v in self.a.table.values where v {",
      "for s in seen {", "let m = table.map { $0 }", "let f = seen.first",
      "let k = table.values.reduce(0, +)",
    ]
    for line in bad {
      #expect(lines(Checks.hashedOrder([declarations, source("\n" + line)])) == [2], "\(line)")
    }
    let good = [
      "for key in table.keys.sorted() {", "let l = table.map { f($0) }\n  .sorted { $0 < $1 }",
      "for l in list {", "if seen.contains(3) {",
      "let n = table.count",
      "let v = table[3]", "while let x = list.first {", "if let v = table[1] {",
    ]
    for line in good {
      #expect(Checks.hashedOrder([declarations, source(line)]).isEmpty, "\(line)")
    }
  }

  @Test("a local name is hashed only where it is known")
  func localOrder() {
    let file = source(
      """
      extension S {
        func f(names: Set<Int>) {
          for n in names { g(n) }
          let own = Set(names)
          while true { for n in own { g(n) } }
        }
        func h(own: [Int]) { for n in own { g(n) } }
      }
      """)
    #expect(lines(Checks.hashedOrder([file])) == [3, 5])
    let other = SourceText(
      path: "Sources/Wire/Other.swift", "func k() { for n in names { g(n) } }")
    #expect(Checks.hashedOrder([other, file]).count == 2)
  }

  @Test("printing is found outside executables")
  func printing() {
    #expect(
      lines(Checks.printing(source("print(\"a\")\ndump(a)\na.print()\nfunc print(a) {}"))) == [
        1, 2,
      ])
    #expect(Checks.printing(source("print(1)", room: "spinodal")).isEmpty)
  }

  @Test("a long function is found, a requirement without a body is not one")
  func functionLengths() {
    let body = String(repeating: "  a()\n", count: 59)
    let long = "func f<T: P>(a: Int = { 3 }(), b: T) throws(E) -> [T] where T: Q {\n\(body)}\n"
    let short = "func g() {\n\(body.dropFirst(6))}\n"
    #expect(Checks.functions(source(long)).map(\.lineCount) == [61])
    #expect(lines(Checks.functionLength(source(long))) == [1])
    #expect(Checks.functionLength(source(short)).isEmpty)
    let others = """
      protocol P {
        func a(b: Int) -> Int
        init(c: Int)
        var d: Int { get }
      }
      struct S {
        let s = T.init(e)
        init() { self.init(a: 1) }
        deinit { }
        subscript(i: Int) -> Int { 0 }
        static func < (l: S, r: S) -> Bool { true }
      }
      """
    #expect(Checks.functions(source(others)).map(\.line) == [8, 9, 10, 11])
  }

  @Test("a long file and an empty one are found")
  func fileLengths() {
    #expect(Checks.fileLength(source(String(repeating: "\n", count: 401))).count == 1)
    #expect(Checks.fileLength(source(String(repeating: "\n", count: 400))).isEmpty)
    #expect(Checks.emptiness(source("// nothing\n")).count == 1)
    #expect(Checks.emptiness(source("let a = 1")).isEmpty)
  }

  @Test("leftovers are found in any text")
  func leftovers() {
    let bad = ["// FIX" + "ME", "# TO" + "DO: later", "cd /wor" + "k/main", "see ../shar" + "ed/x"]
    for line in bad {
      #expect(lines(Checks.leftovers(path: "a.sh", "\n" + line)) == [2], "\(line)")
    }
    #expect(Checks.leftovers(path: "a.sh", "mkdtemp aXX" + "XX" + "XX\nit works").isEmpty)
  }

  @Test("a manifest's rooms are read with their imports")
  func manifest() {
    let found = Rooms.manifest(
      """
          .target(name: "CHost"),
          room("A"),
          room("B", ["A", crypto]),
          program(
            "p",
            [
              "A", "B", arguments,
            ]),
          .target(name: "TestSupport", path: "Tests/TestSupport"),
      """)
    #expect(found.map(\.room) == ["A", "B", "p", "CHost"])
    #expect(found.map(\.imports) == [[], ["A", "Crypto"], ["A", "B", "ArgumentParser"], []])
  }
}
