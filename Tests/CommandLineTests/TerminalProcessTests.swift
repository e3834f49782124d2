import Glibc
import Host
import TestSupport
import Testing

/// What a terminal shows, through a real pseudo-terminal.
@Suite struct TerminalProcessTests {
  /// Everything that a run writes to a terminal.
  private func screen(_ arguments: [String] = [], _ environment: [String: String]) throws -> String
  {
    let folder = try TemporaryFolder()
    try folder.writeNullSweep("s", units: 200, ["sleep_milliseconds": "4"])
    let ends = try Self.pseudoTerminal()
    try ends.reader.setNonblocking(true)
    let command = try Command(
      ["run", "s.yaml", "--slots", "1"] + arguments, in: folder, environment: environment,
      terminal: ends.terminal.raw)
    var bytes: [UInt8] = []
    var hasEnded = false
    while true {
      let got = try read(ends.reader)
      bytes += got
      if got.isEmpty {
        if hasEnded { break }
        BootClock.sleep(milliseconds: 5)
        hasEnded = command.process.reap() != nil
      }
    }
    #expect(try command.finish().exit == .exited(code: 0))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `posix_openpt` and its kin are not visible in Glibc; these are the calls beneath them.
  private static func pseudoTerminal() throws -> Ends {
    let reader = try FileSystem.open("/dev/ptmx", .readWrite)
    var locked: Int32 = 0
    var number: UInt32 = 0
    let (unlock, ask): (UInt, UInt) = (0x4004_5431, 0x8004_5430)  // TIOCSPTLCK, TIOCGPTN
    try #require(ioctl(reader.raw, unlock, &locked) == 0 && ioctl(reader.raw, ask, &number) == 0)
    return Ends(reader: reader, terminal: try FileSystem.open("/dev/pts/\(number)", .readWrite))
  }

  private struct Ends: ~Copyable {
    let reader: Descriptor
    let terminal: Descriptor
  }

  private func read(_ reader: borrowing Descriptor) throws -> [UInt8] {
    var piece = [UInt8](repeating: 0, count: 4096)
    let transfer = try piece.withUnsafeMutableBytes { try reader.tryRead(into: $0) }
    if case .bytes(let count) = transfer { return Array(piece[..<count]) }
    return []
  }

  @Test("progress is drawn in place and gone before the last words")
  func animated() throws {
    let text = try screen(["--no-color"], ["TERM": "xterm"])
    let line = try #require(text.split(separator: "\r").first { $0.contains("unit/s, 1 worker") })
    #expect(line.contains("%|") && line.contains("/200 [") && line.hasSuffix("\u{1b}[K"))
    let end = try #require(text.range(of: "runs/s is complete"))
    #expect(text[..<end.lowerBound].hasSuffix("\r\u{1b}[K"))
  }

  @Test("a dumb terminal gets plain lines", arguments: ["dumb", ""])
  func dumb(term: String) throws {
    let text = try screen([], ["TERM": term])
    #expect(!text.contains("\u{1b}"))
    #expect(!text.contains("%|"))
    #expect(text.contains("runs/s is complete"))
  }

  @Test("quiet leaves the terminal alone")
  func quiet() throws {
    #expect(try screen(["--quiet"], ["TERM": "xterm"]).isEmpty)
  }
}
