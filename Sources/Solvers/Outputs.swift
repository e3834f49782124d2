import SweepModel

/// The outputs of one row, as a solver writes them. Columns are named by their place in the solver's
/// `columns`. A wrong place, element or type is a programmer's error and traps.
public struct Outputs {
  private let writer: RowWriter
  private let row: UnsafeMutableRawBufferPointer

  /// - Parameters:
  ///   - writer: of the grid that the row belongs to.
  ///   - row: the whole row, of `writer.layout.byteCount` bytes.
  public init(_ writer: RowWriter, row: UnsafeMutableRawBufferPointer) {
    precondition(row.count == writer.layout.byteCount, "not a row of this layout")
    self.writer = writer
    self.row = row
  }

  /// Writes one element of a column of reals.
  public func set(_ column: Int, element: Int = 0, _ value: Double) {
    writer.set(value, output: column, element: element, in: row)
  }

  /// Writes one element of a column of integers.
  public func set(_ column: Int, element: Int = 0, _ value: Int64) {
    writer.set(value, output: column, element: element, in: row)
  }

  /// What a failed unit's outputs hold: NaN, and `Column.absentInteger` in integers.
  public func setAllAbsent() { writer.setOutputsAbsent(in: row) }

  /// `ok`, or the remark `notFinite` if a value that must be finite is not.
  public var status: RowStatus { writer.statusOfOutputs(in: UnsafeRawBufferPointer(row)) }
}
