/// Durations as users read them. SweepFile's `DurationText` reads what they write.
package enum DurationWords {
  /// As a progress line has it: `01:02`, `1:02:03`; whole seconds, cut.
  package static func clockFace(_ seconds: Double) -> String {
    let whole = Int64(max(0, min(seconds, 1e12)))
    let (minutes, rest) = (whole / 60, whole % 60)
    guard minutes >= 60 else { return "\(padded(minutes)):\(padded(rest))" }
    return "\(minutes / 60):\(padded(minutes % 60)):\(padded(rest))"
  }

  /// As a sentence has it: `0.42 s`, `12 s`, `2 min 5 s`, `3 h 12 min`, `4 d 2 h`.
  package static func words(_ seconds: Double) -> String {
    guard seconds >= 0, seconds < 1e12 else { return "an unknown time" }
    if seconds < 10 { return "\(Figure.fixed(seconds, seconds < 1 ? 2 : 1)) s" }
    let whole = Int64(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    let (large, small, names): (Int64, Int64, (String, String)) =
      if whole < 3600 {
        (whole / 60, whole % 60, ("min", "s"))
      } else if whole < 86_400 {
        (whole / 3600, whole % 3600 / 60, ("h", "min"))
      } else {
        (whole / 86_400, whole % 86_400 / 3600, ("d", "h"))
      }
    return small == 0 ? "\(large) \(names.0)" : "\(large) \(names.0) \(small) \(names.1)"
  }

  private static func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
