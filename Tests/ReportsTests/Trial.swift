import Host
import Reports
import RunFolder
import Shards
import SweepModel
import TestSupport

/// A run directory whose shards a test writes row by row.
final class Trial {
  static let layout = RowLayout(
    parameters: [Column("sigma2"), Column("kind", .text(length: 6))], levels: ["replicate"],
    outputs: [Column("q"), Column("phase", .int32), Column("curve", .float64, shape: [2, 2])])
  static let codec = RowCodec(layout: layout)

  private let temporary: TemporaryFolder
  let folder: RunFolder
  let unitCount: Int64
  var excluded: UnitSet?

  init(unitCount: Int64) throws {
    temporary = try TemporaryFolder()
    folder = RunFolder(temporary.path + "/run")
    self.unitCount = unitCount
    _ = try folder.create(
      RunSchema(
        runHigh: 1, runLow: 2, name: "trial", solver: "null", solverVersion: 1, fingerprint: [],
        layout: Self.layout, provenance: []), sweep: [])
  }

  var contents: RunContents {
    RunContents(folder: folder, layout: Self.layout, unitCount: unitCount, excluded: excluded)
  }

  func path(_ name: String) -> String { temporary.path + "/" + name }

  /// A row that is a function of its unit, but for its book-keeping and, on request, `q`.
  static func row(
    _ unit: UnitIndex, status: Int16 = 0, attempt: Int16 = 0, worker: Int32 = 1, q: Double? = nil
  ) -> [UInt8] {
    let kinds = ["plain", "a,b", "\"q\"", " x"]
    var row = codec.failedRow(
      unit: unit,
      parameters: [.real(Double(unit) / 10), .text(kinds[Int(unit % 4)])], levels: [unit % 3],
      status: .ok, attempt: 0, worker: 0, wallSeconds: 0)
    row.withUnsafeMutableBytes {
      if status < 100 {
        for field in layout.fields where field.role == .output {
          for element in 0..<field.column.elementCount {
            RowCodec.store(
              .real((q ?? Double(unit) / 7) + Double(element)), as: field.column.type,
              at: field.offset + element * field.column.type.byteCount, in: $0)
          }
        }
      }
      codec.finish(
        $0, status: RowStatus(rawValue: status), attempt: attempt, worker: worker,
        wallSeconds: Double(worker) / 8)
    }
    return row
  }

  func write(epoch: UInt32, number: UInt32, _ rows: [[UInt8]], tail: [UInt8] = []) throws {
    let header = try NPYHeader(layout: Self.layout)
    try FileSystem.replaceFile(
      folder.shardFile(ShardName(epoch: epoch, number: number)),
      with: header.bytes(rows: Int64(rows.count)) + rows.flatMap { $0 } + tail, durable: false)
  }

  func collect(
    _ name: String = "table.npy", bookkeeping: Bool = false, partial: Bool = false,
    memoryByteCount: Int = 1 << 20
  ) throws -> CollectReport {
    var options = CollectOptions(format: TableFormat(path: name) ?? .npy)
    options.withBookkeeping = bookkeeping
    options.isPartial = partial
    options.memoryByteCount = memoryByteCount
    return try Collect.collect(contents, to: path(name), options)
  }

  func bytes(_ name: String = "table.npy") throws -> [UInt8] {
    try FileSystem.readFile(path(name))
  }
}
