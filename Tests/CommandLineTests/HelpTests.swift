import Testing
import spinodal

/// The texts that teach: a change of them is seen and accepted, not met by accident.
@Suite struct HelpTests {
  @Test("the help of every command is as kept", arguments: Program.commandNames)
  func help(command: String) throws {
    try Snapshot.expect(Program.help(command, columns: 80) + "\n", "help-\(command)")
  }

  @Test("the root's help is as kept")
  func root() throws {
    try Snapshot.expect(Program.help(columns: 80) + "\n", "help")
  }

  @Test("every spelling that scripts rely on stands in the help")
  func spellings() {
    let spellings: [(command: String, options: [String])] = [
      ("run", ["--out", "--slots", "--listen", "--json", "--dry-run", "--lease", "--take-over"]),
      ("serve", ["--out", "--listen"]), ("worker", ["--access", "--slots", "--wait"]),
      ("collect", ["--to", "--bookkeeping", "--partial"]), ("status", ["--json"]),
      ("solvers", ["--json"]), ("verify", []),
    ]
    for (command, options) in spellings {
      #expect(Program.commandNames.contains(command))
      let words = Program.help(command, columns: 200)
      for option in options {
        #expect(words.contains(option + " ") || words.contains(option + "\n"))
      }
    }
  }

  @Test("the solver child is not offered to people")
  func hidden() {
    #expect(!Program.help(columns: 80).contains("solver-child"))
    #expect(!Program.help("worker", columns: 80).contains("--own"))
  }
}
