import Host
import Testing

@Suite struct StandardStreamTests {
  @Test("colours are for terminals that take them")
  func colours() {
    #expect(!StandardStream.error.takesColour { $0 == "TERM" ? "dumb" : nil })
    #expect(!StandardStream.error.takesColour { $0 == "NO_COLOR" ? "1" : nil })
    // An empty NO_COLOR asks for nothing (no-color.org).
    let plain = StandardStream.error.takesColour { $0 == "NO_COLOR" ? "" : "xterm" }
    #expect(plain == StandardStream.error.isTerminal)
  }

  @Test("text reaches the stream")
  func written() throws {
    try StandardStream.error.write("")
    try StandardStream.error.write("(a line of a test)\n")
  }
}
