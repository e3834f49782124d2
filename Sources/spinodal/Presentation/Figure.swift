/// Numbers for people.
package enum Figure {
  /// With a fixed number of decimals, rounded half away from zero.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = Int64((abs(value) * scale).rounded())
    let sign = value < 0 && scaled != 0 ? "-" : ""
    let whole = scaled / Int64(scale)
    guard decimals > 0 else { return "\(sign)\(whole)" }
    let digits = "\(scaled % Int64(scale))"
    let zeros = String(repeating: "0", count: decimals - digits.count)
    return "\(sign)\(whole).\(zeros)\(digits)"
  }

  /// Units a second: `101.7 unit/s`, `12.3k unit/s`, `4.56M unit/s`; below one a second, as its inverse:
  /// `2.5 s/unit`.
  package static func rate(_ unitsPerSecond: Double?) -> String {
    guard let rate = unitsPerSecond, rate.isFinite, rate > 0 else { return "? unit/s" }
    if rate < 1 { return "\(fixed(1 / rate, 1 / rate < 100 ? 1 : 0)) s/unit" }
    if rate < 9999.5 { return "\(fixed(rate, 1)) unit/s" }
    let (value, name) = rate < 999_950 ? (rate / 1e3, "k") : (rate / 1e6, "M")
    return "\(fixed(value, value < 10 ? 2 : 1))\(name) unit/s"
  }

  /// With thousands set off: `12,345,678`.
  package static func grouped(_ number: Int64) -> String {
    let digits = Array("\(number.magnitude)")
    var text = number < 0 ? "-" : ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }

  /// `1 unit`, `2 units`.
  package static func count(_ number: Int64, _ one: String, _ many: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? one : many ?? one + "s")"
  }
}
