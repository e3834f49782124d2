/// Durations as users write them: `90s`, `1h30m`, `500ms`, `2d`, or Slurm's `HH:MM:SS`, `MM:SS` and
/// `D-HH:MM:SS`.
public enum DurationText {
  /// What is accepted, for messages.
  public static let expectation = "a duration such as 90s, 1h30m or 02:00:00"

  /// Nil if `text` is no duration. A bare number is none: it would be seconds to some, minutes to Slurm.
  public static func milliseconds(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    guard !bytes.isEmpty, bytes.count <= 40 else { return nil }
    return bytes.contains(UInt8(ascii: ":")) ? clock(text) : units(bytes)
  }

  private static func clock(_ text: String) -> Int64? {
    let dayParts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard dayParts.count <= 2, let last = dayParts.last else { return nil }
    var days: Int64 = 0
    if dayParts.count == 2 {
      guard let value = number(dayParts[0]) else { return nil }
      days = value
    }
    let parts = last.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3 || parts.count == 2 && dayParts.count == 1 else { return nil }
    var seconds: Int64 = 0
    for (place, part) in parts.enumerated() {
      guard let value = number(part), place == 0 || value < 60 else { return nil }
      seconds = seconds * 60 + value
    }
    return (days * 86400 + seconds) * 1000
  }

  private static func number(_ text: Substring) -> Int64? {
    guard !text.isEmpty, text.utf8.count <= 9,
      text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
    else { return nil }
    return Int64(text)
  }

  /// Largest unit first, each at most once.
  private static let unitNames: [(name: String, milliseconds: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("ms", 1), ("m", 60_000), ("s", 1000),
  ]

  private static func units(_ bytes: [UInt8]) -> Int64? {
    var place = 0
    var total: Int64 = 0
    var before = Int64.max
    while place < bytes.count {
      let start = place
      while place < bytes.count, bytes[place] >= UInt8(ascii: "0"),
        bytes[place] <= UInt8(ascii: "9")
      {
        place += 1
      }
      guard let value = number(Substring(String(decoding: bytes[start..<place], as: UTF8.self)))
      else { return nil }
      let rest = String(decoding: bytes[place...], as: UTF8.self)
      guard let unit = unitNames.first(where: { rest.hasPrefix($0.name) }),
        unit.milliseconds < before
      else { return nil }
      before = unit.milliseconds
      place += unit.name.utf8.count
      total += value * unit.milliseconds
    }
    return total
  }
}
