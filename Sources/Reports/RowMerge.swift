import RunFolder
import Shards
import SweepModel

/// The second pass: puts the rows of one block of units after another into their order, each unit once,
/// in memory that a block bounds. Of several rows of a unit the first final one counts, else the last,
/// in the order (epoch, shard number, place).
final class RowMerge {
  private let survey: Survey
  private let scanner: RowScanner
  private let layout: RowLayout
  /// Bytes of a row that are kept: from its start on.
  let keptByteCount: Int
  /// Bytes that repeated final rows must have in common.
  private let comparedByteCount: Int
  private let rows: UnsafeMutableRawBufferPointer
  private var states: [State]
  private let blockUnitCount: Int64
  private var runs: [RowRun] = []
  private var reader: ShardReader?

  /// Final rows beyond the first of their unit.
  private(set) var repeatCount: Int64 = 0
  /// Those of them that differ from it.
  private(set) var conflicts: [RowConflict] = []
  private(set) var conflictCount: Int64 = 0

  enum State: UInt8 {
    case none, excluded, failed, final
  }

  /// Rows of consecutive units, in order; places without a row are to be skipped.
  struct Block {
    var units: UnitRun
    var states: [State]
    /// `keptByteCount` for each unit.
    var rows: UnsafeRawBufferPointer
  }

  init(_ survey: Survey, keptByteCount: Int, memoryByteCount: Int) {
    self.survey = survey
    layout = survey.contents.layout
    scanner = RowScanner(layout: layout, unitCount: survey.contents.unitCount)
    self.keptByteCount = keptByteCount
    comparedByteCount = layout.attemptOffset
    precondition(keptByteCount >= comparedByteCount)
    blockUnitCount = max(
      1, min(survey.contents.unitCount, Int64(memoryByteCount / (keptByteCount + 1))))
    rows = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Int(blockUnitCount) * keptByteCount, alignment: 64)
    states = [State](repeating: .none, count: Int(blockUnitCount))
  }

  deinit { rows.deallocate() }

  /// Calls `body` with every block, in order.
  func forEachBlock(_ body: (Block) throws(RunFolderError) -> Void) throws(RunFolderError) {
    var first: UnitIndex = 0
    while first < survey.contents.unitCount {
      let units = UnitRun(
        first: first, count: min(blockUnitCount, survey.contents.unitCount - first))
      try fill(units)
      try body(Block(units: units, states: states, rows: UnsafeRawBufferPointer(rows)))
      first = units.end
    }
  }

  private func fill(_ units: UnitRun) throws(RunFolderError) {
    for place in states.indices { states[place] = .none }
    survey.contents.excluded?.forEachPresent(in: units) { run in
      for unit in run.first..<run.end { states[Int(unit - units.first)] = .excluded }
    }
    var zones = Zones()
    zones.insert(units, size: Zones.size(unitCount: survey.contents.unitCount))
    for piece in survey.pieces where piece.zones.intersects(zones) {
      try take(piece, units)
    }
  }

  private func take(_ piece: Survey.Piece, _ units: UnitRun) throws(RunFolderError) {
    let name = survey.names[piece.shard]
    let reader: ShardReader
    if let open = self.reader, open.name == name {
      reader = open
    } else {
      reader = try ShardReader(
        survey.contents.folder, name, pieceByteCount: RunFolder.pieceByteCount(for: layout))
      self.reader = reader
    }
    let header = Int64(survey.headerByteCount)
    let bytes = try reader.read(
      at: header + piece.firstRow * Int64(layout.byteCount),
      limit: piece.rowCount * layout.byteCount)
    guard bytes.count == piece.rowCount * layout.byteCount, scanner.scan(bytes, into: &runs) == nil
    else {
      throw RunFolderError(
        survey.contents.folder.shardFile(name), "it changed while it was read",
        remedy: "run the command again")
    }
    for run in runs {
      let first = max(run.units.first, units.first)
      let end = min(run.units.end, units.end)
      guard first < end else { continue }
      let row = run.firstRow + Int(first - run.units.first)
      for unit in first..<end {
        let offset = (row + Int(unit - first)) * layout.byteCount
        place(
          UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + keptByteCount]), unit,
          isFinal: run.isFinal, at: Int(unit - units.first),
          from: (name, piece.firstRow + Int64(row) + (unit - first)))
      }
    }
  }

  @inline(__always)
  private func place(
    _ row: UnsafeRawBufferPointer, _ unit: UnitIndex, isFinal: Bool, at index: Int,
    from source: @autoclosure () -> (ShardName, Int64)
  ) {
    switch states[index] {
    case .none, .failed:
      UnsafeMutableRawBufferPointer(
        rebasing: rows[index * keptByteCount..<(index + 1) * keptByteCount]
      ).copyMemory(from: row)
      states[index] = isFinal ? .final : .failed
    case .excluded: break
    case .final:
      guard isFinal else { return }
      repeatCount += 1
      let first = rows[index * keptByteCount..<index * keptByteCount + comparedByteCount]
      if !first.elementsEqual(row[..<comparedByteCount]) {
        conflictCount += 1
        if conflicts.count < 8 {
          conflicts.append(RowConflict(unit: unit, shard: source().0, row: source().1))
        }
      }
    }
  }
}

/// Two final rows of one unit that say different things.
public struct RowConflict: Hashable, Sendable {
  public var unit: UnitIndex
  /// Where the later one stands.
  public var shard: ShardName
  public var row: Int64

  public init(unit: UnitIndex, shard: ShardName, row: Int64) {
    self.unit = unit
    self.shard = shard
    self.row = row
  }
}

extension RowConflict: CustomStringConvertible {
  public var description: String {
    "unit \(unit): the row in place \(row) of shards/\(shard) differs from the unit's first one"
  }
}
