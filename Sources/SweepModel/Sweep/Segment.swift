/// A part of a run: a grid with the number of its first unit. A run has one segment at first; each
/// extension appends one (design: sweep file). A unit's number never changes.
public struct Segment: Sendable {
  /// The number of its first unit.
  public var base: UnitIndex
  public var sweep: Sweep
  /// First and last index of each replicate level, outermost first.
  public var levels: [ClosedRange<Int64>]
  /// The sweep, versioned, without name, limits and comments.
  public let canonicalBytes: [UInt8]
  /// SHA-256 of the canonical bytes.
  public let fingerprint: Fingerprint

  /// A segment over all replicates that the sweep asks for.
  public init(base: UnitIndex = 0, sweep: Sweep) {
    self.init(base: base, sweep: sweep, levels: sweep.levels.map { 0...max(0, $0.count - 1) })
  }

  public init(base: UnitIndex, sweep: Sweep, levels: [ClosedRange<Int64>]) {
    self.init(base: base, sweep: sweep, levels: levels, canonicalBytes: sweep.canonicalBytes)
  }

  /// A segment whose canonical bytes were just read.
  init(
    base: UnitIndex, sweep: Sweep, levels: [ClosedRange<Int64>], canonicalBytes: [UInt8]
  ) {
    self.base = base
    self.sweep = sweep
    self.levels = levels
    self.canonicalBytes = canonicalBytes
    fingerprint = Fingerprint(of: canonicalBytes)
  }

  /// Units before `where`: the product of all axes and levels; nil if it is over 2^62.
  public var unitCount: Int64? {
    var product: Int64 = 1
    for factor in sweep.axes.map(\.count) + levels.map({ $0.upperBound - $0.lowerBound + 1 }) {
      let (next, overflow) = product.multipliedReportingOverflow(by: factor)
      if overflow || next >= 1 << 62 { return nil }
      product = next
    }
    return product
  }
}
