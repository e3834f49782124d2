/// The number of a unit of work: base of its segment + its place in the segment's full product.
/// A unit's number never changes (design: sweep file, "a unit's number never changes").
public typealias UnitIndex = Int64

/// Consecutive units `first ..< first + count`, the form in which units travel and are leased.
public struct UnitRun: Hashable, Sendable {
  public var first: UnitIndex
  /// How many units; never negative, and `first + count` never overflows.
  public var count: Int64

  public init(first: UnitIndex, count: Int64) {
    self.first = first
    self.count = count
  }

  /// One past the last unit.
  @inlinable public var end: UnitIndex { first + count }

  @inlinable public func contains(_ unit: UnitIndex) -> Bool { unit >= first && unit < end }
}

extension UnitRun: CustomStringConvertible {
  public var description: String { count == 1 ? "\(first)" : "\(first)-\(end - 1)" }
}
