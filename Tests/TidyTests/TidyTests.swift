import Foundation
import Testing

/// The repository as its own test data.
private enum Repository {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  static func contents(_ path: String) throws -> String {
    try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
  }

  /// Every file below the folders, sorted, without what a build or an editor leaves.
  static func paths(_ folders: [String], ending: [String]) -> [String] {
    folders.flatMap { folder in
      (FileManager.default.enumerator(atPath: "\(root)/\(folder)")?.allObjects ?? [])
        .compactMap { $0 as? String }
        .filter { name in ending.contains { name.hasSuffix($0) } && !name.contains("__pycache__") }
        .map { "\(folder)/\($0)" }
        .filter {
          var isFolder: ObjCBool = false
          return FileManager.default.fileExists(atPath: "\(root)/\($0)", isDirectory: &isFolder)
            && !isFolder.boolValue
        }
    }.sorted()
  }

  static func swift(_ folders: [String]) throws -> [SourceText] {
    try paths(folders, ending: [".swift"]).map { SourceText(path: $0, try contents($0)) }
  }
}

/// Goal: the walls between the rooms, and the habits that keep results the same everywhere, hold by a
/// test and not by memory. Each check is shown to work on a bad snippet in `CheckTests`.
@Suite struct TidyTests {
  @Test("the manifest's rooms are this test's rooms")
  func manifest() throws {
    let found = Rooms.manifest(try Repository.contents("Package.swift"))
      .sorted { $0.room < $1.room }
    let expected = Rooms.imports.sorted { $0.room < $1.room }
    #expect(found.map(\.room) == expected.map(\.room))
    for (one, other) in zip(found, expected) {
      #expect(one.imports.sorted() == other.imports.sorted(), "\(one.room)")
    }
  }

  @Test("every import of Sources stands in its room's line")
  func imports() throws {
    let files = try Repository.swift(["Sources"])
    #expect(files.count > 20)
    for finding in files.flatMap(Checks.imports) { Issue.record("\(finding)") }
    for finding in try Repository.swift(["Tests"]).flatMap(Checks.imports) {
      Issue.record("\(finding)")
    }
  }

  @Test("pure rooms have no clock, system randomness, file, socket or task")
  func purity() throws {
    for finding in try Repository.swift(["Sources"]).flatMap(Checks.purity) {
      Issue.record("\(finding)")
    }
  }

  @Test("pure rooms never go through a Dictionary or a Set in its own order")
  func order() throws {
    let rooms = Dictionary(grouping: try Repository.swift(["Sources"]), by: \.room)
    for room in Rooms.pure {
      for finding in Checks.hashedOrder(rooms[room] ?? []) { Issue.record("\(finding)") }
    }
  }

  @Test("only executables print")
  func printing() throws {
    for finding in try Repository.swift(["Sources"]).flatMap(Checks.printing) {
      Issue.record("\(finding)")
    }
  }

  @Test("files and functions are short, and no file is empty")
  func lengths() throws {
    let files = try Repository.swift(["Sources", "Tests"])
    for finding in files.flatMap(Checks.fileLength) + files.flatMap(Checks.functionLength) {
      Issue.record("\(finding)")
    }
    for finding in files.flatMap(Checks.emptiness) { Issue.record("\(finding)") }
    for allowance in allowances {
      #expect(!allowance.reason.isEmpty)
      let file = try #require(
        files.first { $0.path == allowance.path }, "\(allowance.path) is gone")
      guard let function = allowance.function else { continue }
      #expect(Checks.functions(file).contains { $0.name == function }, "\(function) is gone")
    }
  }

  @Test("nothing is marked unfinished, and nothing names a place of one machine")
  func leftovers() throws {
    let endings = [".swift", ".c", ".h", ".md", ".sh", ".py", ".yaml", ".json"]
    for path in Repository.paths(
      ["Sources", "Tests", "deploy", "sweeps", ".ci", ".github"], ending: endings)
      + ["README.md", "Package.swift", ".ci/run"]
    {
      for finding in Checks.leftovers(path: path, try Repository.contents(path)) {
        Issue.record("\(finding)")
      }
    }
  }

  @Test("every room begins its page with its invariants")
  func pages() throws {
    for (room, _) in Rooms.imports where !room.hasPrefix("C") && !Rooms.executables.contains(room) {
      let lines = try Repository.contents("Sources/\(room)/Design.md").split(separator: "\n")
      #expect(lines.first.map(String.init) == "# \(room)")
      let section = lines.first { $0.hasPrefix("## ") }
      #expect(section.map(String.init) == "## Invariants", "\(room)")
    }
  }

  @Test("shell scripts are short, stop at the first failure, and are executable")
  func scripts() throws {
    for path in Repository.paths(["deploy", "Tests"], ending: [".sh"]) + [".ci/run"] {
      let lines = try Repository.contents(path).split(
        separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count <= 80, "\(path) has \(lines.count) lines")
      #expect(lines.contains("set -euo pipefail"), "\(path)")
      #expect(FileManager.default.isExecutableFile(atPath: "\(Repository.root)/\(path)"), "\(path)")
    }
  }
}
