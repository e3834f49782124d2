/// Consecutive units whose rows stand one after the other in a batch and share a finality: what a scan
/// of a batch hands to the state machines, so that they work a run at a time, never a row.
public struct RowRun: Hashable, Sendable {
  public var units: UnitRun
  /// The place of the first of these rows in the batch, counted in rows.
  public var firstRow: Int
  /// Status below 100.
  public var isFinal: Bool

  public init(units: UnitRun, firstRow: Int, isFinal: Bool) {
    self.units = units
    self.firstRow = firstRow
    self.isFinal = isFinal
  }
}
