import RunFolder
import Shards
import SweepModel

/// What a report is to be about: a run directory and the units that its sweep admits.
public struct RunContents: Sendable {
  public var folder: RunFolder
  public var layout: RowLayout
  /// Units are `0 ..< unitCount`.
  public var unitCount: Int64
  /// Units that the sweep's `where` leaves out; nil if there is none.
  public var excluded: UnitSet?

  public init(folder: RunFolder, layout: RowLayout, unitCount: Int64, excluded: UnitSet? = nil) {
    self.folder = folder
    self.layout = layout
    self.unitCount = unitCount
    self.excluded = excluded
  }

  public var admittedCount: Int64 { unitCount - (excluded?.count ?? 0) }
}

/// The first pass over all shards: which units have rows, and where rows of which units lie.
struct Survey {
  /// Good rows that stand one after the other in one shard.
  struct Piece {
    var shard: Int
    var firstRow: Int64
    var rowCount: Int
    var zones: Zones
  }

  let contents: RunContents
  let headerByteCount: Int
  var run: RecoveredRun
  /// In the order in which rows count.
  var pieces: [Piece] = []

  init(_ contents: RunContents) throws(RunFolderError) {
    self.contents = contents
    do {
      headerByteCount = try NPYHeader(layout: contents.layout).byteCount
    } catch {
      throw RunFolderError(contents.folder.schemaFile, "\(error)")
    }
    let zoneSize = Zones.size(unitCount: contents.unitCount)
    var pieces: [Piece] = []
    var names: [ShardName] = []
    run = try contents.folder.recover(layout: contents.layout, unitCount: contents.unitCount) {
      name, found in
      if names.last != name { names.append(name) }
      var piece = Piece(
        shard: names.count - 1, firstRow: found.firstRow,
        rowCount: found.rows.count / contents.layout.byteCount, zones: Zones())
      for run in found.runs { piece.zones.insert(run.units, size: zoneSize) }
      pieces.append(piece)
    }
    self.pieces = pieces
    self.names = names
  }

  /// Of `Piece.shard`.
  private(set) var names: [ShardName]

  /// Units with a row, without those that the sweep leaves out.
  var present: UnitSet {
    var present = run.recovery.ended
    if let excluded = contents.excluded {
      excluded.forEachPresent(in: excluded.universe) { present.remove($0) }
    }
    return present
  }

  var missing: MissingUnits {
    var accounted = run.recovery.ended
    if let excluded = contents.excluded { accounted.formUnion(excluded) }
    var missing = MissingUnits(count: contents.unitCount - accounted.count, first: [])
    var next = accounted.universe
    while missing.first.count < MissingUnits.limit, let run = accounted.firstAbsent(in: next) {
      missing.first.append(run)
      next = UnitRun(first: run.end, count: contents.unitCount - run.end)
    }
    return missing
  }
}

/// Units without any row.
public struct MissingUnits: Hashable, Sendable {
  public var count: Int64
  /// The first runs of them.
  public var first: [UnitRun]

  static let limit = 8
}

extension MissingUnits: CustomStringConvertible {
  public var description: String {
    guard count > 0 else { return "no unit is missing" }
    let named = first.reduce(0) { $0 + $1.count }
    let list = first.map(\.description).joined(separator: ", ")
    return count == 1
      ? "unit \(list) is missing"
      : "\(count) units are missing: \(list)" + (named < count ? ", ..." : "")
  }
}

/// Which of 256 equal parts of the grid some units lie in: enough to leave out most of the shards when
/// rows of one part are looked for, since rows arrive roughly in runs.
struct Zones {
  private var words = SIMD4<UInt64>()
  static let count: Int64 = 256

  static func size(unitCount: Int64) -> Int64 { max(1, (unitCount + count - 1) / count) }

  mutating func insert(_ units: UnitRun, size: Int64) {
    guard units.count > 0 else { return }
    for zone in Int(units.first / size)...Int((units.end - 1) / size) {
      words[zone >> 6] |= 1 << UInt64(zone & 63)
    }
  }

  func intersects(_ other: Zones) -> Bool { words & other.words != SIMD4() }
}
