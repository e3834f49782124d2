import CKernels
import SweepModel

/// Checks batches of packed rows: length, every checksum, every unit and status. The one gate between
/// bytes that came from a network, a pipe or an old file, and everything that trusts rows.
public struct RowScanner: Sendable {
  public let rowByteCount: Int
  /// Units are `0 ..< unitCount`.
  public let unitCount: Int64
  let statusOffset: Int

  public init(layout: RowLayout, unitCount: Int64) {
    rowByteCount = layout.byteCount
    statusOffset = layout.statusOffset
    self.unitCount = unitCount
  }

  /// Scans a whole batch.
  /// - Parameter runs: emptied, then filled with runs that cover all rows in order; a run ends where
  ///   the next unit is not the following one or the finality changes. Kept by the caller, so that a
  ///   scan allocates nothing.
  /// - Returns: why the batch must be refused, nil if every row is good. After a refusal `runs` means
  ///   nothing.
  public func scan(_ bytes: UnsafeRawBufferPointer, into runs: inout [RowRun]) -> RowFault? {
    runs.removeAll(keepingCapacity: true)
    guard bytes.count % rowByteCount == 0 else {
      return .length(byteCount: bytes.count, rowByteCount: rowByteCount)
    }
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return nil }
    let count = bytes.count / rowByteCount
    let good = spinodal_crc32c_rows_check(
      base.assumingMemoryBound(to: UInt8.self), rowByteCount, count)
    if good < count { return .checksum(row: good) }
    return collectRuns(base, count: count, into: &runs)
  }

  /// Scans rows until the first bad one.
  /// - Returns: how many rows are good; `runs` covers exactly these.
  package func scanPrefix(_ bytes: UnsafeRawBufferPointer, into runs: inout [RowRun]) -> Int {
    runs.removeAll(keepingCapacity: true)
    guard let base = bytes.baseAddress, bytes.count >= rowByteCount else { return 0 }
    var count = spinodal_crc32c_rows_check(
      base.assumingMemoryBound(to: UInt8.self), rowByteCount, bytes.count / rowByteCount)
    guard count > 0 else { return 0 }
    switch collectRuns(base, count: count, into: &runs) {
    case .unit(_, let row), .status(_, let row):
      runs.removeAll(keepingCapacity: true)
      count = row
      if count > 0 { _ = collectRuns(base, count: count, into: &runs) }
    default: break
    }
    return count
  }

  /// Rows whose checksums hold, at least one of them.
  private func collectRuns(
    _ base: UnsafeRawPointer, count: Int, into runs: inout [RowRun]
  ) -> RowFault? {
    var start = 0
    var first: UnitIndex = -1
    var next: UnitIndex = -1
    var finality = false
    var place = base
    for row in 0..<count {
      let unit = UnitIndex(littleEndian: place.loadUnaligned(as: UnitIndex.self))
      let status = RowStatus(
        rawValue: Int16(
          littleEndian: place.loadUnaligned(fromByteOffset: statusOffset, as: Int16.self)))
      guard unit >= 0 && unit < unitCount else { return .unit(unit, row: row) }
      guard status.isValid else { return .status(status.rawValue, row: row) }
      if unit != next || status.isFinal != finality {
        if row > start {
          runs.append(
            RowRun(
              units: UnitRun(first: first, count: Int64(row - start)), firstRow: start,
              isFinal: finality))
        }
        start = row
        first = unit
        finality = status.isFinal
      }
      next = unit + 1
      place += rowByteCount
    }
    runs.append(
      RowRun(
        units: UnitRun(first: first, count: Int64(count - start)), firstRow: start,
        isFinal: finality))
    return nil
  }

  public func scan(_ bytes: [UInt8], into runs: inout [RowRun]) -> RowFault? {
    bytes.withUnsafeBytes { scan($0, into: &runs) }
  }

  public func scan(
    _ bytes: [UInt8], _ range: Range<Int>, into runs: inout [RowRun]
  ) -> RowFault? {
    bytes.withUnsafeBytes { scan(UnsafeRawBufferPointer(rebasing: $0[range]), into: &runs) }
  }

  /// Whether the rows are those of the first units of `expected`, in order: what a child was asked
  /// for. The fault names the first row that is not.
  public static func check(_ runs: [RowRun], are expected: [UnitRun]) -> RowFault? {
    var place = 0
    var taken: Int64 = 0
    for run in runs {
      var checked: Int64 = 0
      while checked < run.units.count {
        guard place < expected.count else {
          return .unexpected(run.units.first + checked, row: run.firstRow + Int(checked))
        }
        let wanted = expected[place]
        guard wanted.first + taken == run.units.first + checked else {
          return .unexpected(run.units.first + checked, row: run.firstRow + Int(checked))
        }
        let step = min(run.units.count - checked, wanted.count - taken)
        checked += step
        taken += step
        if taken == wanted.count {
          place += 1
          taken = 0
        }
      }
    }
    return nil
  }
}

/// Why rows are refused.
public enum RowFault: Error, Hashable, Sendable {
  case length(byteCount: Int, rowByteCount: Int)
  case checksum(row: Int)
  case unit(UnitIndex, row: Int)
  case status(Int16, row: Int)
  /// A good row of a unit that was not asked for here.
  case unexpected(UnitIndex, row: Int)
}

extension RowFault: CustomStringConvertible {
  public var description: String {
    switch self {
    case .length(let byteCount, let rowByteCount):
      "\(byteCount) bytes are no whole number of rows of \(rowByteCount) bytes"
    case .checksum(let row): "row \(row) of the batch has a wrong checksum"
    case .unit(let unit, let row):
      "row \(row) of the batch names unit \(unit), which does not exist"
    case .status(let status, let row): "row \(row) of the batch has the status \(status)"
    case .unexpected(let unit, let row):
      "row \(row) of the batch is of unit \(unit), which was not asked for"
    }
  }
}
