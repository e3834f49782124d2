import RunFolder
import Shards
import SweepModel

/// What `verify` found.
public struct VerifyReport: Sendable {
  public var rowCount: Int64
  /// Units that the sweep admits.
  public var unitCount: Int64
  public var missing: MissingUnits
  public var failedCount: Int64
  public var corruptRowCount: Int64
  /// Rows beyond the first of their unit.
  public var repeatCount: Int64
  public var conflictCount: Int64
  /// The first of them.
  public var conflicts: [RowConflict]
  public var remarks: [RecoveryRemark]

  /// Complete, every checksum good, nothing unreadable or lost, and repeated final rows equal from
  /// `unit` to `status`. Repeats and torn tails are what faults leave, and no mistake.
  public var isClean: Bool {
    missing.count == 0 && corruptRowCount == 0 && conflictCount == 0
      && remarks.allSatisfy(\.isHarmless)
  }
}

public enum Verify {
  /// Reads every row of a run. Rows are compared only if there are repeated ones.
  public static func verify(
    _ contents: RunContents, memoryByteCount: Int = 256 << 20
  ) throws(RunFolderError) -> VerifyReport {
    let survey = try Survey(contents)
    let recovery = survey.run.recovery
    var report = VerifyReport(
      rowCount: recovery.rowCount, unitCount: contents.admittedCount, missing: survey.missing,
      failedCount: recovery.failedCount, corruptRowCount: recovery.corruptRowCount,
      repeatCount: recovery.rowCount - recovery.ended.count, conflictCount: 0, conflicts: [],
      remarks: survey.run.remarks)
    if report.repeatCount > 0 {
      let merge = RowMerge(
        survey, keptByteCount: contents.layout.attemptOffset, memoryByteCount: memoryByteCount)
      try merge.forEachBlock { (_) throws(RunFolderError) in }
      report.conflictCount = merge.conflictCount
      report.conflicts = merge.conflicts
    }
    return report
  }
}

extension VerifyReport: CustomStringConvertible {
  /// A line for each thing to say.
  public var description: String {
    var lines = [
      "\(rowCount) rows of \(unitCount - missing.count) of \(unitCount) units, "
        + (isClean ? "all good" : "with faults")
    ]
    if missing.count > 0 { lines.append("\(missing)") }
    if failedCount > 0 { lines.append("\(failedCount) units failed or are quarantined") }
    if repeatCount > 0 {
      lines.append(
        "\(repeatCount) repeated rows"
          + (conflictCount == 0 ? "" : ", of which \(conflictCount) differ"))
    }
    lines += conflicts.map(\.description)
    lines += remarks.map(\.description)
    return lines.joined(separator: "\n")
  }
}
