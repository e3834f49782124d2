import RunFolder
import Shards
import SweepModel

/// What kind of file a table is written to.
public enum TableFormat: Hashable, Sendable, CaseIterable {
  case npy
  case csv

  /// By the name's ending; nil for others.
  public init?(path: String) {
    if path.hasSuffix(".npy") {
      self = .npy
    } else if path.hasSuffix(".csv") {
      self = .csv
    } else {
      return nil
    }
  }
}

public struct CollectOptions: Hashable, Sendable {
  public var format: TableFormat
  /// Also `attempt`, `worker` and `wall_seconds`, which differ from run to run.
  public var withBookkeeping = false
  /// An unfinished run gives the rows that there are.
  public var isPartial = false
  /// Of the block of rows that is held at a time. The bytes that are written do not depend on it.
  public var memoryByteCount = 256 << 20

  public init(format: TableFormat) { self.format = format }
}

/// What was written, or why nothing was.
public struct CollectReport: Sendable {
  /// Rows written; 0 if the run is unfinished and not all it has was asked for.
  public var rowCount: Int64 = 0
  public var isWritten = false
  public var missing: MissingUnits
  /// Units whose row is a failure or a quarantine.
  public var failedCount: Int64
  /// The first of them.
  public var firstFailed: [UnitRun]
  /// Rows that are not the one that counts.
  public var supersededCount: Int64
  public var remarks: [RecoveryRemark]
}

public enum Collect {
  /// Writes the table of a run: each unit once, sorted by unit, `unit` to `status`. The bytes depend
  /// on the rows alone, not on when and where they were computed.
  /// - Parameter path: appears when it is whole; what was there before stays until then.
  public static func collect(
    _ contents: RunContents, to path: String, _ options: CollectOptions
  ) throws(RunFolderError) -> CollectReport {
    let survey = try Survey(contents)
    let present = survey.present
    let missing = survey.missing
    var report = CollectReport(
      missing: missing, failedCount: 0, firstFailed: [],
      supersededCount: survey.run.recovery.rowCount - present.count,
      remarks: survey.run.remarks)
    countFailed(survey, present, &report)
    if missing.count > 0 && !options.isPartial { return report }

    let layout = contents.layout
    let kept =
      layout.fields.filter {
        switch $0.role {
        case .checksum: false
        case .attempt, .worker, .wallSeconds: options.withBookkeeping
        default: true
        }
      }
    // The fields that are left out stand at the end of a row.
    let keptByteCount = options.withBookkeeping ? layout.checksumOffset : layout.attemptOffset
    let output = try OutputFile(path)
    var writer: any TableWriter
    switch options.format {
    case .npy:
      do {
        writer = try NPYTable(
          output, columns: kept.map(\.column), rowCount: present.count,
          rowByteCount: keptByteCount)
      } catch let refusal as NPYHeaderRefusal {
        throw RunFolderError(path, "\(refusal)")
      } catch let error as RunFolderError {
        throw error
      } catch {
        throw RunFolderError(path, "\(error)")
      }
    case .csv:
      writer = try CSVTable(output, fields: kept, rowByteCount: keptByteCount)
    }
    let merge = RowMerge(
      survey, keptByteCount: keptByteCount, memoryByteCount: options.memoryByteCount)
    var rowCount: Int64 = 0
    try merge.forEachBlock { (block) throws(RunFolderError) in
      rowCount += try write(block, keptByteCount, &writer)
    }
    guard rowCount == present.count else {
      throw RunFolderError(
        contents.folder.shardsFolder, "it changed while it was read",
        remedy: "run the command again")
    }
    try output.keep()
    report.rowCount = rowCount
    report.isWritten = true
    return report
  }

  private static func countFailed(
    _ survey: Survey, _ present: UnitSet, _ report: inout CollectReport
  ) {
    let final = survey.run.recovery.final
    var first: [UnitRun] = []
    var count: Int64 = 0
    present.forEachPresent(in: present.universe) { run in
      count += final.absentCount(in: run)
      if first.count < MissingUnits.limit {
        final.forEachAbsent(in: run) { if first.count < MissingUnits.limit { first.append($0) } }
      }
    }
    report.failedCount = count
    report.firstFailed = first
  }

  /// Hands rows that stand one after the other to the writer, as many as there are at a time.
  private static func write(
    _ block: RowMerge.Block, _ byteCount: Int, _ writer: inout any TableWriter
  ) throws(RunFolderError) -> Int64 {
    var rowCount: Int64 = 0
    var index = 0
    let end = Int(block.units.count)
    while index < end {
      guard block.states[index] == .failed || block.states[index] == .final else {
        index += 1
        continue
      }
      let start = index
      while index < end, block.states[index] == .failed || block.states[index] == .final {
        index += 1
      }
      try writer.write(
        UnsafeRawBufferPointer(rebasing: block.rows[start * byteCount..<index * byteCount]))
      rowCount += Int64(index - start)
    }
    return rowCount
  }
}

/// Takes rows in their final order.
protocol TableWriter {
  mutating func write(_ rows: UnsafeRawBufferPointer) throws(RunFolderError)
}
