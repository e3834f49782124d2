import Host
import Testing
import spinodal

/// What goes to a stream that is a terminal or none, by the conventions that users know.
@Suite struct ConsoleTests {
  private func style(
    terminal: Bool = true, noColour: Bool = false, _ environment: [String: String]
  ) -> Console.Style {
    Console.Style(isTerminal: terminal, noColour: noColour, environment: { environment[$0] })
  }

  @Test("colours and animation need a terminal that can do them")
  func styles() {
    let full = style(["TERM": "xterm", "LANG": "C.UTF-8"])
    #expect(full == Console.Style(isAnimated: true, hasColour: true, isUnicode: true))
    #expect(!style(terminal: false, ["TERM": "xterm"]).isAnimated)
    #expect(!style(["TERM": "dumb"]).isAnimated)
    #expect(!style([:]).isAnimated)
    #expect(!style(["TERM": "xterm", "NO_COLOR": "1"]).hasColour)
    #expect(style(["TERM": "xterm", "NO_COLOR": "1"]).isAnimated)
    #expect(!style(noColour: true, ["TERM": "xterm"]).hasColour)
    #expect(!style(["TERM": "xterm", "LC_ALL": "C", "LANG": "en_US.UTF-8"]).isUnicode)
    #expect(style(["TERM": "xterm", "LC_CTYPE": "en_US.utf8"]).isUnicode)
  }

  /// What a console writes.
  private func written(
    _ level: Console.Level, _ style: Console.Style, _ use: (Console) -> Void
  ) throws -> String {
    let pipe = try Pipe(capacity: 1 << 16)
    use(Console(level: level, style: style, descriptor: pipe.writeEnd.raw))
    let writer = pipe.writeEnd
    try writer.close()
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let reader = pipe.readEnd
    let count = try bytes.withUnsafeMutableBytes { try reader.readFully(into: $0) }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  private let plain = Console.Style(isAnimated: false, hasColour: false, isUnicode: true)
  private let rich = Console.Style(isAnimated: true, hasColour: true, isUnicode: true)
  private let half = Progress(
    ended: 5, total: 10, workers: 1, elapsedSeconds: 1, unitsPerSecond: 5)
  private let second: Int64 = 1_000_000_000

  @Test("levels keep errors and warnings always")
  func levels() throws {
    let say: (Console) -> Void = { console in
      console.say(.error, "a")
      console.say(.warning, "b")
      console.say(.note, "c")
      console.say(.detail, "d")
    }
    #expect(try written(.quiet, plain, say) == "error: a\nwarning: b\n")
    #expect(try written(.normal, plain, say) == "error: a\nwarning: b\nc\n")
    #expect(try written(.verbose, plain, say) == "error: a\nwarning: b\nc\nd\n")
  }

  @Test("a message clears the progress line and brings it back")
  func clearing() throws {
    let text = try written(.normal, rich) { console in
      console.show(half, at: 0)
      console.say(.note, "news")
      console.endProgress()
      console.say(.note, "end")
    }
    let line = "\r" + half.line(width: 79) + "\u{1b}[K"
    let clear = "\r\u{1b}[K"
    #expect(text == line + clear + "news\n" + line + clear + "end\n")
  }

  @Test("a progress line is drawn ten times a second at most")
  func pace() throws {
    let text = try written(.normal, rich) { console in
      for tick in 0..<1000 { console.show(half, at: Int64(tick) * second / 1000) }
    }
    #expect(text.filter { $0 == "\r" }.count == 10)
  }

  @Test("without a terminal a plain line comes every ten seconds, none for a short run")
  func plainLines() throws {
    let text = try written(.normal, plain) { console in
      for tick in 0...350 { console.show(half, at: Int64(tick) * second / 10) }
    }
    #expect(text == String(repeating: half.plainLine + "\n", count: 3))
    let short = try written(.normal, plain) { console in
      for tick in 0..<99 { console.show(half, at: Int64(tick) * second / 10) }
    }
    #expect(short.isEmpty)
  }

  @Test("quiet shows no progress")
  func quiet() throws {
    #expect(try written(.quiet, rich) { $0.show(half, at: 0) }.isEmpty)
  }
}
