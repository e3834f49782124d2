import Host
import Scheduling
import Shards
import SweepModel

/// Lines of failures/ for what the coordinator hands to the journal.
struct FailureLines {
  let codec: RowCodec

  /// One line for each row that failed with a reason.
  func lines(
    for reasons: [RowReason], _ rows: JournalSlice, at position: JournalPosition
  ) -> [UInt8] {
    guard !reasons.isEmpty else { return [] }
    // A batch that is taken in parts has the reasons of all of them.
    var texts: [UnitIndex: String] = [:]
    for reason in reasons { texts[reason.unit] = reason.text }
    var lines: [UInt8] = []
    let time = Self.time
    let byteCount = codec.layout.byteCount
    rows.bytes.withUnsafeBytes { bytes in
      for start in stride(from: rows.range.lowerBound, to: rows.range.upperBound, by: byteCount) {
        let row = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + byteCount)])
        let unit = codec.unit(of: row)
        guard let text = texts[unit] else { continue }
        lines +=
          FailureRecord(
            position: position, unit: unit, attempt: codec.attempt(of: row),
            worker: codec.worker(of: row), event: .verdict(codec.status(of: row)), cause: text,
            time: time
          ).line
      }
    }
    return lines
  }

  func line(for death: DeathRecord, at position: JournalPosition) -> [UInt8] {
    FailureRecord(
      position: position, unit: death.unit, attempt: death.attempt, worker: death.worker,
      event: .death(counted: death.counted), cause: Blame.describe(death.end),
      detail: death.detail, time: Self.time
    ).line
  }

  func line(for verdict: Verdict, at position: JournalPosition) -> [UInt8] {
    FailureRecord(
      position: position, unit: verdict.unit, attempt: verdict.attempt, worker: -1,
      event: .verdict(verdict.status), cause: verdict.reason, time: Self.time
    ).line
  }

  private static var time: String { WallClock.text(WallClock.now()) }
}
