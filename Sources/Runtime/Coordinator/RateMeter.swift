/// The rate of the last seconds, so that a change of pace shows, and units of an earlier start do not
/// count.
package struct RateMeter: Hashable, Sendable {
  private var marks: [Mark] = []
  private let windowNanoseconds: Int64

  private struct Mark: Hashable, Sendable {
    var nanoseconds: Int64
    var ended: Int64
  }

  package init(windowSeconds: Int64 = 15) { windowNanoseconds = windowSeconds * 1_000_000_000 }

  /// - Parameter nanoseconds: by a clock that never jumps.
  package mutating func add(ended: Int64, at nanoseconds: Int64) {
    // A mark each quarter of a second is enough.
    if marks.count > 1, nanoseconds - marks[marks.count - 2].nanoseconds < 250_000_000 {
      marks.removeLast()
    }
    marks.append(Mark(nanoseconds: nanoseconds, ended: ended))
    while marks.count > 2, nanoseconds - marks[1].nanoseconds >= windowNanoseconds {
      marks.removeFirst()
    }
  }

  /// nil while nothing ended.
  package var unitsPerSecond: Double? {
    guard let first = marks.first, let last = marks.last, last.ended > first.ended,
      last.nanoseconds > first.nanoseconds
    else { return nil }
    return Double(last.ended - first.ended) / Double(last.nanoseconds - first.nanoseconds) * 1e9
  }
}
