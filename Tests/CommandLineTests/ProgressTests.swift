import Testing
import spinodal

/// The progress line is a pure function of counts, times and the terminal's width.
@Suite struct ProgressTests {
  private let sample = Progress(
    ended: 6312, total: 10_000, failed: 2, workers: 4, elapsedSeconds: 62.9, unitsPerSecond: 101.7)

  @Test("it has tqdm's shape, eighths of a block included")
  func shape() {
    #expect(
      sample.line(width: 76)
        == " 63%|██████▎   | 6312/10000 [01:02<00:36, 101.7 unit/s, 4 workers, 2 failed]")
  }

  @Test("the bar takes what the figures leave", arguments: 72...240)
  func width(width: Int) {
    let line = sample.line(width: width)
    #expect(line.count == width)
    #expect(line.hasSuffix("| 6312/10000 [01:02<00:36, 101.7 unit/s, 4 workers, 2 failed]"))
  }

  @Test("on a narrow terminal the bar goes first, then the workers, the rate, the times")
  func narrow() {
    let lines = [68, 60, 45, 30, 20, 10].map { sample.line(width: $0) }
    #expect(
      lines == [
        " 63% 6312/10000 [01:02<00:36, 101.7 unit/s, 4 workers, 2 failed]",
        " 63% 6312/10000 [01:02<00:36, 101.7 unit/s, 2 failed]",
        " 63% 6312/10000 [01:02<00:36, 2 failed]", " 63% 6312/10000 [01:02<00:36]",
        " 63% 6312/10000", " 63%",
      ])
  }

  @Test("no width is exceeded", arguments: 0...120)
  func neverTooWide(width: Int) {
    for isUnicode in [true, false] {
      #expect(sample.line(width: width, isUnicode: isUnicode).count <= width)
    }
  }

  @Test("each eighth of a column shows")
  func eighths() {
    let bars = (0...8).map { eighth in
      var progress = Progress(
        ended: Int64(eighth), total: 80, workers: 1, elapsedSeconds: 0, unitsPerSecond: nil)
      progress.total = 8 * 10
      return bar(progress.line(width: 4 + 2 + " 0/80 [00:00<?, ? unit/s, 1 worker]".count + 10))
    }
    #expect(bars.map { $0.first } == Array(" ▏▎▍▌▋▊▉█"))
    #expect(bars.map(\.count) == [Int](repeating: 10, count: 9))
  }

  private func bar(_ line: String) -> Substring {
    let parts = line.split(separator: "|", omittingEmptySubsequences: false)
    return parts.count == 3 ? parts[1] : ""
  }

  @Test("without Unicode the bar is of # and tenths")
  func plainBar() {
    let line = Progress(
      ended: 55, total: 100, workers: 1, elapsedSeconds: 1, unitsPerSecond: 55
    ).line(width: 60, isUnicode: false)
    #expect(bar(line).hasPrefix("####"))
    #expect(line.utf8.count == line.count)
  }

  @Test("100% and a full bar mean that nothing is left")
  func completeness() {
    var progress = Progress(
      ended: 999_999_999, total: 1_000_000_000, workers: 1, elapsedSeconds: 5, unitsPerSecond: 1)
    #expect(progress.percent == 99)
    #expect(bar(progress.line(width: 100)).last != "█")
    progress.ended += 1
    #expect(progress.percent == 100)
    #expect(!bar(progress.line(width: 100)).contains { $0 != "█" })
    progress.total = Int64(1) << 61
    progress.ended = progress.total - 1
    #expect(progress.percent == 99)
  }

  @Test("an empty sweep is complete")
  func empty() {
    let progress = Progress(
      ended: 0, total: 0, workers: 0, elapsedSeconds: 0, unitsPerSecond: nil)
    #expect(progress.percent == 100)
    #expect(progress.plainLine == "100% 0/0 [00:00<00:00, ? unit/s, 0 workers]")
  }

  @Test("before anything is known, the rest is unknown")
  func unknown() {
    let progress = Progress(
      ended: 0, total: 10, workers: 1, elapsedSeconds: 0.4, unitsPerSecond: nil)
    #expect(progress.plainLine == "0% 0/10 [00:00<?, ? unit/s, 1 worker]")
  }

  @Test("a drain shows")
  func draining() {
    var progress = sample
    progress.isDraining = true
    #expect(progress.plainLine.hasSuffix("2 failed, draining]"))
  }
}
