import CKernels
import SweepModel

/// Reads one shard from front to back, in pieces of any size, and trusts only what a checksum covers:
/// never the header's count, never a length. A bad row with a good one after it is corrupt; everything
/// after the last good row is the torn tail of a crash.
public struct ShardScan: Sendable {
  public enum HeaderState: Hashable, Sendable {
    case ours
    /// The file ends inside its header: it was created and nothing more.
    case short
    /// No NumPy file any more; its rows are still there, each under its own checksum.
    case damaged
    /// A NumPy file of other columns: not of this run, nothing in it is read.
    case foreign
  }

  public struct Result: Hashable, Sendable {
    public var header = HeaderState.short
    /// Good rows.
    public var rowCount: Int64 = 0
    /// Places of corrupt rows, the first few of them.
    public var corruptRows: [Range<Int64>] = []
    public var corruptRowCount: Int64 = 0
    /// Bytes after the last good row.
    public var tornByteCount: Int64 = 0
    /// Bytes up to and including the last good row, header included.
    public var byteCount: Int64 = 0
    /// -1 if no row came from a worker.
    public var highestWorker: Int32 = -1
    /// What the header says, for whoever is curious.
    public var headerCount: Int64?
  }

  /// How many places of corrupt rows are kept.
  static let corruptRangeLimit = 64

  let header: NPYHeader
  let scanner: RowScanner
  let workerOffset: Int
  private var result = Result()
  private var isHeaderRead = false
  /// The place of the next row.
  private var nextRow: Int64 = 0
  /// Bad rows since the last good one.
  private var pendingBad: Int64 = 0
  private var runs: [RowRun] = []

  /// - Parameter unitCount: rows of units beyond are corrupt.
  public init(header: NPYHeader, layout: RowLayout, unitCount: Int64) {
    self.header = header
    scanner = RowScanner(layout: layout, unitCount: unitCount)
    workerOffset = layout.workerOffset
  }

  /// Pieces should have at least this many bytes, or nothing is consumed.
  public var leastPieceByteCount: Int { max(header.byteCount, scanner.rowByteCount) }

  /// Good rows that stand one after the other.
  public struct Found {
    /// The place of the first of them in the shard.
    public var firstRow: Int64
    public var rows: UnsafeRawBufferPointer
    /// Their units; places count from `firstRow`.
    public var runs: [RowRun]
  }

  /// Reads on. `piece` begins where the bytes consumed so far end.
  /// - Returns: how many bytes were consumed: all but the rest of a row, and nothing of a foreign file.
  public mutating func read(
    _ piece: UnsafeRawBufferPointer, _ found: (Found) -> Void
  ) -> Int {
    var consumed = 0
    if !isHeaderRead {
      guard piece.count >= header.byteCount else {
        if Self.isNumPy(piece) && !header.mayBegin(piece) { result.header = .foreign }
        return 0
      }
      isHeaderRead = true
      readHeader(piece)
      result.byteCount = Int64(header.byteCount)
      consumed = header.byteCount
    }
    if result.header == .foreign { return 0 }
    let count = (piece.count - consumed) / scanner.rowByteCount
    let rows = UnsafeRawBufferPointer(
      rebasing: piece[consumed..<consumed + count * scanner.rowByteCount])
    scanRows(rows, count: count, found)
    return consumed + rows.count
  }

  private mutating func readHeader(_ piece: UnsafeRawBufferPointer) {
    if header.matches(piece) {
      result.header = .ours
      result.headerCount = header.count(in: piece)
    } else {
      result.header = Self.isNumPy(piece) ? .foreign : .damaged
    }
  }

  private static func isNumPy(_ piece: UnsafeRawBufferPointer) -> Bool {
    let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    return piece.prefix(6).elementsEqual(magic)
  }

  private mutating func scanRows(
    _ rows: UnsafeRawBufferPointer, count: Int, _ found: (Found) -> Void
  ) {
    var row = 0
    while row < count {
      let rest = UnsafeRawBufferPointer(rebasing: rows[(row * scanner.rowByteCount)...])
      let good = scanner.scanPrefix(rest, into: &runs)
      if good > 0 {
        let bytes = UnsafeRawBufferPointer(rebasing: rest[..<(good * scanner.rowByteCount)])
        take(bytes, count: good)
        found(Found(firstRow: nextRow - Int64(good), rows: bytes, runs: runs))
        row += good
      }
      if row < count {
        pendingBad += 1
        nextRow += 1
        row += 1
      }
    }
  }

  private mutating func take(_ rows: UnsafeRawBufferPointer, count: Int) {
    if pendingBad > 0 {
      result.corruptRowCount += pendingBad
      if result.corruptRows.count < Self.corruptRangeLimit {
        result.corruptRows.append(nextRow - pendingBad..<nextRow)
      }
      pendingBad = 0
    }
    var highest = result.highestWorker
    for row in 0..<count {
      let worker = Int32(
        littleEndian: rows.loadUnaligned(
          fromByteOffset: row * scanner.rowByteCount + workerOffset, as: Int32.self))
      if worker > highest { highest = worker }
    }
    result.highestWorker = highest
    result.rowCount += Int64(count)
    nextRow += Int64(count)
    result.byteCount = Int64(header.byteCount) + nextRow * Int64(scanner.rowByteCount)
  }

  /// What the shard held.
  /// - Parameter fileByteCount: the length of the whole file.
  public func finished(fileByteCount: Int64) -> Result {
    var result = result
    result.tornByteCount = result.header == .foreign ? 0 : max(0, fileByteCount - result.byteCount)
    return result
  }

  /// Scans a whole shard that lies in memory.
  public static func scan(
    _ bytes: UnsafeRawBufferPointer, header: NPYHeader, layout: RowLayout, unitCount: Int64,
    _ found: (Found) -> Void
  ) -> Result {
    var scan = ShardScan(header: header, layout: layout, unitCount: unitCount)
    _ = scan.read(bytes, found)
    return scan.finished(fileByteCount: Int64(bytes.count))
  }
}
