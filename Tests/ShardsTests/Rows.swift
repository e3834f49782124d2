import Shards
import SweepModel
import TestSupport

/// A small row that has one field of each kind, and whose length is no multiple of eight.
enum Rows {
  static let layout = RowLayout(
    parameters: [Column("sigma2"), Column("kind", .text(length: 3))], levels: ["replicate"],
    outputs: [
      Column("q"), Column("phase", .int32), Column("histogram", .float64, shape: [3]),
    ])
  static let codec = RowCodec(layout: layout)
  static let byteCount = layout.byteCount

  static func row(
    _ unit: UnitIndex, status: Int16 = 0, attempt: Int16 = 0, worker: Int32 = 1
  ) -> [UInt8] {
    var row = codec.makeRow()
    row.withUnsafeMutableBytes { bytes in
      for (place, field) in layout.fields.enumerated()
      where field.role == .unit || field.role == .output {
        for element in 0..<field.column.elementCount {
          RowCodec.store(
            field.role == .unit ? .integer(unit) : .real(Double(unit) + Double(place) / 8),
            as: field.column.type, at: field.offset + element * field.column.type.byteCount,
            in: bytes)
        }
      }
      codec.finish(
        bytes, status: RowStatus(rawValue: status), attempt: attempt, worker: worker,
        wallSeconds: 0.5)
    }
    return row
  }

  static func rows(_ units: some Sequence<UnitIndex>, status: Int16 = 0) -> [UInt8] {
    units.flatMap { row($0, status: status) }
  }

  private static let sharedHeader = Result { try NPYHeader(layout: layout) }
  static func header() throws -> NPYHeader { try sharedHeader.get() }
}
