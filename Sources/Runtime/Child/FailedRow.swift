import Shards
import SweepModel

/// The row of a unit that has no result: parameters as always, outputs absent.
enum FailedRow {
  static func make(
    _ unit: UnitIndex, of grid: Grid, _ codec: RowCodec, status: RowStatus, attempt: Int16,
    worker: Int32
  ) -> [UInt8] {
    var point = grid.makePoint()
    grid.evaluate(unit, into: &point)
    var row = codec.makeRow()
    row.withUnsafeMutableBytes { row in
      grid.rows.writePrefix(of: point, to: row)
      grid.rows.setOutputsAbsent(in: row)
      grid.rows.writeEnd(
        status: status, attempt: attempt, worker: worker, wallSeconds: 0, to: row)
      codec.seal(row)
    }
    return row
  }
}
