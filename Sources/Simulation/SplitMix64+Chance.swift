import Scheduling
import SweepModel

/// The one source of chance in a world, with what worlds ask of it.
extension SplitMix64 {
  /// A number of `0 ..< count`.
  mutating func below(_ count: Int) -> Int {
    precondition(count > 0)
    return Int(next() % UInt64(count))
  }

  mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.upperBound - range.lowerBound + 1)
  }

  /// True in `part` of `whole` cases.
  mutating func chance(_ part: Int, in whole: Int) -> Bool { below(whole) < part }

  mutating func duration(_ range: ClosedRange<TickDuration>) -> TickDuration {
    let width = range.upperBound.nanoseconds - range.lowerBound.nanoseconds
    return TickDuration(
      nanoseconds: range.lowerBound.nanoseconds + Int64(next() % UInt64(width + 1)))
  }

  /// One of a list that is not empty.
  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[below(elements.count)]
  }
}
