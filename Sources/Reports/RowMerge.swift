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

  /// Calls `body` with every block that has rows, in order. An unfinished run may be a million times
  /// larger than what there is of it, so stretches without rows are jumped over.
  func forEachBlock(_ body: (Block) throws(RunFolderError) -> Void) throws(RunFolderError) {
    let present = survey.run.recovery.ended
    let end = survey.contents.unitCount
    var rest = present.universe
    while let next = present.firstPresent(in: rest) {
      let units = UnitRun(first: next.first, count: min(blockUnitCount, end - next.first))
      try fill(units)
      try body(Block(units: units, states: states, rows: UnsafeRawBufferPointer(rows)))
      rest = UnitRun(first: units.end, count: end - units.end)
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
    // The hot loop works on plain pointers: a property of a class costs a check at each access.
    var repeats = Repeats(conflicts: [])
    states.withUnsafeMutableBufferPointer { states in
      for run in runs {
        let first = max(run.units.first, units.first)
        let end = min(run.units.end, units.end)
        guard first < end, let base = bytes.baseAddress, let target = rows.baseAddress else {
          continue
        }
        let row = run.firstRow + Int(first - run.units.first)
        place(
          base + row * layout.byteCount, count: Int(end - first), isFinal: run.isFinal,
          into: target, states, at: Int(first - units.first), &repeats
        ) {
          RowConflict(unit: first + Int64($0), shard: name, row: piece.firstRow + Int64(row + $0))
        }
      }
    }
    repeatCount += repeats.count
    conflictCount += repeats.conflictCount
    conflicts += repeats.conflicts.prefix(Self.conflictLimit - conflicts.count)
  }

  private struct Repeats {
    var count: Int64 = 0
    var conflictCount: Int64 = 0
    var conflicts: [RowConflict]
  }

  private static let conflictLimit = 8

  /// Places rows of consecutive units.
  private func place(
    _ source: UnsafeRawPointer, count: Int, isFinal: Bool, into target: UnsafeMutableRawPointer,
    _ states: UnsafeMutableBufferPointer<State>, at index: Int, _ repeats: inout Repeats,
    conflict: (Int) -> RowConflict
  ) {
    let rowByteCount = layout.byteCount
    let kept = keptByteCount
    let newState = isFinal ? State.final : .failed
    for step in 0..<count {
      let row = source + step * rowByteCount
      let own = target + (index + step) * kept
      switch states[index + step] {
      case .none, .failed:
        own.copyMemory(from: row, byteCount: kept)
        states[index + step] = newState
      case .excluded: break
      case .final:
        guard isFinal else { continue }
        repeats.count += 1
        let compared = UnsafeRawBufferPointer(start: own, count: comparedByteCount)
        if compared.elementsEqual(UnsafeRawBufferPointer(start: row, count: comparedByteCount)) {
          continue
        }
        repeats.conflictCount += 1
        if repeats.conflicts.count < Self.conflictLimit { repeats.conflicts.append(conflict(step)) }
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
