/// Words of a command line that a user is to copy.
package enum ShellText {
  /// In quotes if a shell would not take it as it stands.
  package static func quoted(_ word: String) -> String {
    let plain = word.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: "-._/=+:,@%".utf8.contains(byte)
      }
    }
    if plain && !word.isEmpty { return word }
    let escaped = word.map { $0 == "'" ? "'\\''" : String($0) }.joined()
    return "'\(escaped)'"
  }
}
