import Host
import RunFolder
import Shards
import SweepModel
import TestSupport
import Testing

/// A small run in a temporary folder.
struct Runs {
  static let layout = RowLayout(
    parameters: [Column("sigma2"), Column("kind", .text(length: 4))], levels: ["replicate"],
    outputs: [
      Column("q", .float64, "an overlap", source: "eq. 3", mayBeAbsent: true),
      Column("phase", .int32, "which", labels: ["one", "two"]),
      Column("curve", .float64, shape: [2, 3]),
    ])
  static let codec = RowCodec(layout: layout)
  static let record = EpochRecord.current(endpoint: "", build: "test")

  let temporary: TemporaryFolder
  let folder: RunFolder

  init(created: Bool = true) throws {
    temporary = try TemporaryFolder()
    folder = RunFolder(temporary.path + "/runs/small/")
    if created { _ = try folder.create(Self.schema(), sweep: Array("name: small\n".utf8)) }
  }

  static func schema(run: UInt64 = 0xFEDC_BA98_7654_3210) -> RunSchema {
    RunSchema(
      runHigh: run, runLow: 7, name: "small", solver: "null", solverVersion: 3,
      fingerprint: Array(0..<32), layout: layout,
      provenance: [JSONMember("build", "test"), JSONMember("host", "here")])
  }

  static func row(_ unit: UnitIndex, status: Int16 = 0, worker: Int32 = 1) -> [UInt8] {
    var row = codec.failedRow(
      unit: unit, parameters: [.real(Double(unit) / 4), .text("full")], levels: [unit % 2],
      status: .ok, attempt: 0, worker: worker, wallSeconds: 0)
    row.withUnsafeMutableBytes {
      for field in layout.fields where field.role == .output {
        for element in 0..<field.column.elementCount where status < 100 {
          RowCodec.store(
            .real(Double(unit) + Double(element)), as: field.column.type,
            at: field.offset + element * field.column.type.byteCount, in: $0)
        }
      }
      codec.finish(
        $0, status: RowStatus(rawValue: status), attempt: 0, worker: worker, wallSeconds: 0.25)
    }
    return row
  }

  static func rows(_ units: Range<UnitIndex>) -> [UInt8] { units.flatMap { row($0) } }
}

/// A journal on real files, driven step by step.
struct Driver: ~Copyable {
  var journal: Journal
  var files: JournalFiles
  var position: UInt64 = 0
  var claimed: EpochNumber?
  var durable: UInt64 = 0
  var stopped: JournalStop?

  init(
    _ folder: RunFolder, record: EpochRecord = Runs.record, rotationByteCount: UInt64 = 1 << 30,
    watchSeconds: Int = 2, pause: @escaping @Sendable () -> Void = {}
  ) throws {
    var configuration = Journal.Configuration(
      header: try NPYHeader(layout: Runs.layout), rowByteCount: Runs.layout.byteCount)
    configuration.rotationByteCount = rotationByteCount
    journal = Journal(configuration)
    files = JournalFiles(folder, record: record, watchSeconds: watchSeconds, pause: pause)
  }

  mutating func handle(_ event: JournalEvent) {
    var effects: [JournalEffect] = []
    journal.handle(event, into: &effects)
    while !effects.isEmpty {
      let current = effects
      effects = []
      for effect in current {
        switch effect {
        case .perform(let operation):
          journal.handle(files.perform(operation), into: &effects)
        case .claimed(let epoch): claimed = epoch
        case .durable(let position): durable = position
        case .stopped(let reason): stopped = reason
        }
      }
    }
  }

  mutating func start(takeOver: Bool = false) { handle(.start(takeOver: takeOver)) }

  mutating func append(_ rows: [UInt8], line: [UInt8] = []) {
    position += 1
    handle(
      .append(
        JournalEntry(
          position: position, rows: JournalSlice(rows, rows.indices), failureLine: line)))
  }

  mutating func stop() { handle(.stop) }
}
