import Testing
import spinodal

@Suite struct FigureTests {
  @Test(
    "rates keep their leading figures",
    arguments: [
      (nil, "? unit/s"), (0.001, "1000 s/unit"), (0.4, "2.5 s/unit"), (1, "1.0 unit/s"),
      (101.66, "101.7 unit/s"), (9999.4, "9999.4 unit/s"), (12_345, "12.3k unit/s"),
      (999_949, "999.9k unit/s"), (4_561_000, "4.56M unit/s"), (45_610_000, "45.6M unit/s"),
    ] as [(Double?, String)])
  func rate(rate: Double?, text: String) {
    #expect(Figure.rate(rate) == text)
  }

  @Test(
    "durations in sentences have two parts at most",
    arguments: [
      (0.004, "0.00 s"), (0.42, "0.42 s"), (9.94, "9.9 s"), (12.4, "12 s"), (59.7, "1 min"),
      (125, "2 min 5 s"), (3600, "1 h"), (11_520, "3 h 12 min"), (352_800, "4 d 2 h"),
      (.nan, "an unknown time"), (-1, "an unknown time"),
    ] as [(Double, String)])
  func words(seconds: Double, text: String) {
    #expect(DurationWords.words(seconds) == text)
  }

  @Test("a clock face grows an hour when it needs one")
  func clockFace() {
    #expect(DurationWords.clockFace(0) == "00:00")
    #expect(DurationWords.clockFace(3599.9) == "59:59")
    #expect(DurationWords.clockFace(3600) == "1:00:00")
    #expect(DurationWords.clockFace(360_000) == "100:00:00")
    #expect(DurationWords.clockFace(.infinity) == DurationWords.clockFace(1e12))
    #expect(DurationWords.clockFace(.nan) == "00:00")
  }

  @Test("thousands are set off, also of the extremes")
  func grouped() {
    #expect(Figure.grouped(0) == "0")
    #expect(Figure.grouped(999) == "999")
    #expect(Figure.grouped(1000) == "1,000")
    #expect(Figure.grouped(-12_345_678) == "-12,345,678")
    #expect(Figure.grouped(.min) == "-9,223,372,036,854,775,808")
    #expect(Figure.count(1, "unit") == "1 unit")
    #expect(Figure.count(2, "unit") == "2 units")
  }

  @Test("decimals are rounded, not cut")
  func fixed() {
    #expect(Figure.fixed(1.25, 1) == "1.3")
    #expect(Figure.fixed(0.05, 2) == "0.05")
    #expect(Figure.fixed(-0.04, 1) == "0.0")
    #expect(Figure.fixed(-1.96, 1) == "-2.0")
    #expect(Figure.fixed(41.5, 0) == "42")
  }

  @Test("a word that a shell would take apart is quoted")
  func quoted() {
    #expect(ShellText.quoted("runs/a-1.npy") == "runs/a-1.npy")
    #expect(ShellText.quoted("") == "''")
    #expect(ShellText.quoted("it's here") == "'it'\\''s here'")
    #expect(ShellText.quoted("$HOME") == "'$HOME'")
  }
}
