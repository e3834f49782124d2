/// How far a sweep is: all that a progress line shows.
package struct Progress: Hashable, Sendable {
  package var ended: Int64
  package var total: Int64
  package var failed: Int64
  package var workers: Int
  package var elapsedSeconds: Double
  /// nil until it is known.
  package var unitsPerSecond: Double?
  package var isDraining: Bool

  package init(
    ended: Int64, total: Int64, failed: Int64 = 0, workers: Int, elapsedSeconds: Double,
    unitsPerSecond: Double?, isDraining: Bool = false
  ) {
    self.ended = ended
    self.total = total
    self.failed = failed
    self.workers = workers
    self.elapsedSeconds = elapsedSeconds
    self.unitsPerSecond = unitsPerSecond
    self.isDraining = isDraining
  }
}

extension Progress {
  /// Whole per cent, cut: 100 only when nothing is left.
  package var percent: Int64 {
    guard total > 0 else { return 100 }
    return Int64(Double(min(ended, total)) / Double(total) * 100)
      - (ended < total && Double(ended) / Double(total) * 100 >= 100 ? 1 : 0)
  }

  private var remaining: String {
    if ended >= total { return "00:00" }
    guard let rate = unitsPerSecond, rate > 0 else { return "?" }
    return DurationWords.clockFace(Double(total - ended) / rate)
  }

  private var head: String {
    String(repeating: " ", count: percent < 10 ? 2 : percent < 100 ? 1 : 0) + "\(percent)%"
  }

  /// What stands in brackets, the most detailed first, for terminals that are ever narrower.
  private var tails: [String] {
    let counts = "\(ended)/\(total)"
    let times = "\(DurationWords.clockFace(elapsedSeconds))<\(remaining)"
    let rate = Figure.rate(unitsPerSecond)
    let crew = "\(workers) \(workers == 1 ? "worker" : "workers")"
    let bad = (failed > 0 ? ", \(failed) failed" : "") + (isDraining ? ", draining" : "")
    return [
      "\(counts) [\(times), \(rate), \(crew)\(bad)]",
      "\(counts) [\(times), \(rate)\(bad)]",
      "\(counts) [\(times)\(bad)]",
      "\(counts) [\(times)]",
      counts,
    ]
  }

  /// One line in tqdm's shape that fits into `width` columns:
  /// ` 63%|██████▎   | 6312/10000 [01:02<00:36, 101.7 unit/s, 4 workers, 2 failed]`. The bar takes what
  /// the figures leave; where it would be shorter than 3 columns it goes first, then figures go.
  /// - Parameter isUnicode: eighths of blocks; else tenths, as digits behind `#`.
  package func line(width: Int, isUnicode: Bool = true) -> String {
    let room = width - head.count - tails[0].count - 3
    if room >= 3 { return "\(head)|\(bar(width: room, isUnicode: isUnicode))| \(tails[0])" }
    if let tail = tails.first(where: { head.count + 1 + $0.count <= width }) {
      return "\(head) \(tail)"
    }
    return String(head.prefix(max(0, width)))
  }

  /// For logs: no bar.
  package var plainLine: String { "\(head.drop { $0 == " " }) \(tails[0])" }

  private func bar(width: Int, isUnicode: Bool) -> String {
    let parts = isUnicode ? Array(" ▏▎▍▌▋▊▉█") : Array(" 123456789#")
    let steps = parts.count - 1
    let share = total > 0 ? Double(min(ended, total)) / Double(total) : 1
    var filled = Int(share * Double(width * steps))
    // A bar without a gap says that nothing is left.
    if ended < total { filled = min(filled, width * steps - 1) }
    var text = String(repeating: parts[steps], count: filled / steps)
    if filled / steps < width {
      text.append(parts[filled % steps])
      text += String(repeating: " ", count: width - filled / steps - 1)
    }
    return text
  }
}
