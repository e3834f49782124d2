import SweepModel

/// What the shards and failure lines of earlier epochs say: which units have ended, how, and how often
/// their children died. Built by feeding it every shard and every failures file, in any order.
public struct Recovery: Sendable {
  /// Units that have a row at all.
  public private(set) var ended: UnitSet
  /// Units that have a row with a status below 100: no other row can replace it.
  public private(set) var final: UnitSet
  /// Good rows; more than `ended.count` if units have several.
  public private(set) var rowCount: Int64 = 0
  public private(set) var corruptRowCount: Int64 = 0
  /// The highest worker number in a row or line; -1 if there is none. A new epoch goes on from it.
  public private(set) var highestWorker: Int32 = -1
  /// What a user should know, in the order of feeding.
  public private(set) var remarks: [RecoveryRemark] = []
  /// Lines of failures/ that could not be read.
  public private(set) var badLineCount = 0

  private struct Death: Hashable {
    var epoch: EpochNumber
    var position: UInt64
    var unit: UnitIndex
  }
  private var countedDeaths: [Death] = []

  public init(unitCount: Int64) {
    ended = UnitSet(unitCount: unitCount)
    final = UnitSet(unitCount: unitCount)
  }

  /// Units whose last word is a failure or a quarantine.
  public var failedCount: Int64 { ended.count - final.count }

  /// Takes good rows; to be called from `ShardScan.read`.
  public mutating func add(_ found: ShardScan.Found) {
    for run in found.runs {
      ended.insert(run.units)
      if run.isFinal { final.insert(run.units) }
    }
  }

  /// Takes what the scan of a shard ended with.
  public mutating func add(_ result: ShardScan.Result, of shard: ShardName) {
    rowCount += result.rowCount
    corruptRowCount += result.corruptRowCount
    highestWorker = max(highestWorker, result.highestWorker)
    switch result.header {
    case .ours, .short: break
    case .damaged: remarks.append(.damagedHeader(shard))
    case .foreign: remarks.append(.foreign(shard))
    }
    if result.corruptRowCount > 0 {
      remarks.append(
        .corruptRows(shard, count: result.corruptRowCount, first: result.corruptRows[0].lowerBound))
    }
    if result.tornByteCount > 0 {
      remarks.append(.tornTail(shard, byteCount: result.tornByteCount))
    }
  }

  /// Scans a whole shard that lies in memory.
  public mutating func add(
    shard: ShardName, bytes: UnsafeRawBufferPointer, header: NPYHeader, layout: RowLayout
  ) {
    let result = ShardScan.scan(
      bytes, header: header, layout: layout, unitCount: ended.unitCount
    ) { add($0) }
    add(result, of: shard)
  }

  /// Takes a failures file; a last line without newline is the torn tail of a crash.
  public mutating func add(failures name: FailuresName, bytes: [UInt8]) {
    forEachLine(of: bytes) { line in
      guard let record = FailureRecord(line: line), record.unit < ended.unitCount else {
        badLineCount += 1
        return
      }
      highestWorker = max(highestWorker, record.worker)
      if record.event == .death(counted: true) {
        countedDeaths.append(
          Death(epoch: name.epoch, position: record.position, unit: record.unit))
      }
    }
  }

  /// A worker number that stands in workers/.
  public mutating func add(worker number: Int32) { highestWorker = max(highestWorker, number) }

  /// The counted deaths of each unit that has any and no final row, sorted by unit.
  public var deaths: [UnitDeaths] {
    let sorted = countedDeaths.sorted {
      ($0.unit, $0.epoch, $0.position) < ($1.unit, $1.epoch, $1.position)
    }
    var counts: [UnitDeaths] = []
    var last: Death?
    for death in sorted where death != last && !final.contains(death.unit) {
      last = death
      if counts.last?.unit == death.unit {
        counts[counts.count - 1].count += 1
      } else {
        counts.append(UnitDeaths(unit: death.unit, count: 1))
      }
    }
    return counts
  }
}

public struct UnitDeaths: Hashable, Sendable {
  public var unit: UnitIndex
  /// Counted deaths (promise 6), over all epochs.
  public var count: Int

  public init(unit: UnitIndex, count: Int) {
    self.unit = unit
    self.count = count
  }
}

/// Something odd that recovery met. None of it keeps a coordinator from starting.
public enum RecoveryRemark: Hashable, Sendable {
  case tornTail(ShardName, byteCount: Int64)
  case corruptRows(ShardName, count: Int64, first: Int64)
  case damagedHeader(ShardName)
  case foreign(ShardName)
  /// The operating system could not read it.
  case unreadable(file: String, reason: String)
  /// A sealed shard has fewer rows than when it was sealed.
  case shortened(ShardName, sealedRows: Int64, foundRows: Int64)

  /// A torn tail is what a crash leaves; the rest should not be.
  public var isHarmless: Bool { if case .tornTail = self { true } else { false } }
}

extension RecoveryRemark: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tornTail(let shard, let byteCount):
      "shards/\(shard): \(byteCount) bytes after the last whole row are ignored (a crash left them)"
    case .corruptRows(let shard, let count, let first):
      "shards/\(shard): \(count) corrupt row\(count == 1 ? "" : "s"), the first in place \(first); "
        + "units without another row are computed again"
    case .damagedHeader(let shard):
      "shards/\(shard): the header is damaged; the rows were taken by their own checksums"
    case .foreign(let shard):
      "shards/\(shard): not a shard of this run (other columns); ignored"
    case .unreadable(let file, let reason): "\(file): could not be read (\(reason)); ignored"
    case .shortened(let shard, let sealed, let found):
      "shards/\(shard): had \(sealed) rows when it was sealed and has \(found) now"
    }
  }
}

/// Calls `body` with each line that ends in a newline.
public func forEachLine(of bytes: [UInt8], _ body: (ArraySlice<UInt8>) -> Void) {
  var start = 0
  while start < bytes.count, let end = bytes[start...].firstIndex(of: 10) {
    body(bytes[start..<end])
    start = end + 1
  }
}
