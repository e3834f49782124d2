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
    var lines: [UInt8] = []
    let time = Self.time
    rows.bytes.withUnsafeBytes { bytes in
      var next = 0
      // Reasons stand in the order of their rows.
      for start in stride(
        from: rows.range.lowerBound, to: rows.range.upperBound, by: codec.layout.byteCount)
      where next < reasons.count {
        let row = UnsafeRawBufferPointer(
          rebasing: bytes[start..<(start + codec.layout.byteCount)])
        guard codec.unit(of: row) == reasons[next].unit else { continue }
        let record = FailureRecord(
          position: position, unit: reasons[next].unit, attempt: codec.attempt(of: row),
          worker: codec.worker(of: row), event: .verdict(codec.status(of: row)),
          cause: reasons[next].text, time: time)
        lines += record.line
        next += 1
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
