import Scheduling
import Shards
import SweepModel

/// What is on disk whatever happens, and whether it is right: every unit ends up in exactly one valid
/// row, equal to the fault-free run's (promises 1 and 2).
struct RowsChecker: Sendable {
  private struct Line: Hashable {
    var epoch: EpochNumber
    var position: JournalPosition
  }

  /// Units with a final row that no crash can take away.
  private(set) var durable: UnitSet
  /// For look-ups only.
  private var durableLines: Set<Line> = []
  /// A final row with other bytes than its unit's.
  private(set) var wrongRow: String?

  init(unitCount: Int64) { durable = UnitSet(unitCount: unitCount) }

  func isDurable(line position: JournalPosition, of epoch: EpochNumber) -> Bool {
    durableLines.contains(Line(epoch: epoch, position: position))
  }

  /// Looks at what became durable of a file since the last time.
  mutating func examine(
    _ disk: inout Disk, file place: Int, solver: FakeSolver, header: NPYHeader
  ) {
    let file = disk.files[place]
    switch file.name {
    case .shard:
      guard Self.isReadable(file.bytes, header) else { return }
      let durableEnd = disk.durableByteCount(ofFile: place, header: header.byteCount)
      let size = solver.layout.byteCount
      var start = max(file.examinedByteCount, header.byteCount)
      while start + size <= durableEnd {
        examine(row: start..<(start + size), of: file.bytes, solver)
        start += size
      }
      disk.examined(file: place, upTo: start)
    case .failures(let name):
      let durableEnd = disk.durableByteCount(ofFile: place, header: 0)
      var start = file.examinedByteCount
      while start < durableEnd, let end = file.bytes[start..<durableEnd].firstIndex(of: 10) {
        if let record = FailureRecord(line: file.bytes[start..<end]) {
          durableLines.insert(Line(epoch: name.epoch, position: record.position))
        }
        start = end + 1
      }
      disk.examined(file: place, upTo: start)
    }
  }

  /// A NumPy header of other columns, as a torn one may look, makes a file foreign.
  private static func isReadable(_ bytes: [UInt8], _ header: NPYHeader) -> Bool {
    bytes.withUnsafeBytes { header.matches($0) }
      || !bytes.prefix(6).elementsEqual(header.bytes.prefix(6))
  }

  private mutating func examine(row: Range<Int>, of bytes: [UInt8], _ solver: FakeSolver) {
    var runs: [RowRun] = []
    guard solver.scanner.scan(bytes, row, into: &runs) == nil, runs[0].isFinal else { return }
    durable.insert(runs[0].units)
    let unit = runs[0].units.first
    let known = solver.row(of: unit, attempt: 0, worker: 0, wallSeconds: 0)
    let end = solver.layout.attemptOffset
    if !bytes[row].prefix(end).elementsEqual(known.prefix(end)) {
      wrongRow = "the row of unit \(unit) is not the one of a run without faults"
    }
  }

  /// After a crash of the machine: from nothing.
  mutating func examineAgain(_ disk: inout Disk, solver: FakeSolver, header: NPYHeader) {
    durable = UnitSet(unitCount: durable.unitCount)
    durableLines = []
    for place in disk.files.indices {
      disk.examined(file: place, upTo: 0)
      examine(&disk, file: place, solver: solver, header: header)
    }
  }

  /// The rule of collection: the first final row wins, else the last, in the order of shards and
  /// places.
  func collected(
    from disk: Disk, solver: FakeSolver, header: NPYHeader, units: UnitFacts, policy: Policy
  ) -> String? {
    if let wrongRow { return wrongRow }
    var status = [RowStatus?](repeating: nil, count: Int(durable.unitCount))
    for (_, bytes) in Self.shards(of: disk) where Self.isReadable(bytes, header) {
      var start = header.byteCount
      let size = solver.layout.byteCount
      while start + size <= bytes.count {
        let row = start..<(start + size)
        start += size
        var runs: [RowRun] = []
        guard solver.scanner.scan(bytes, row, into: &runs) == nil else { continue }
        let unit = Int(runs[0].units.first)
        if status[unit]?.isFinal == true { continue }
        status[unit] = bytes.withUnsafeBytes {
          solver.codec.status(of: UnsafeRawBufferPointer(rebasing: $0[row]))
        }
      }
    }
    for unit in status.indices {
      guard let found = status[unit] else { return "unit \(unit) has no row" }
      let natural = solver.nature(of: Int64(unit)).expectedStatus
      if found == natural || found.isFinal { continue }
      if let objection = BlameChecker.objection(
        to: found, of: Int64(unit), units: units, policy: policy)
      {
        return objection
      }
    }
    return nil
  }

  private static func shards(of disk: Disk) -> [(ShardName, [UInt8])] {
    var shards: [(ShardName, [UInt8])] = []
    for file in disk.files {
      if case .shard(let name) = file.name { shards.append((name, file.bytes)) }
    }
    return shards.sorted { $0.0 < $1.0 }
  }

  /// Units that rows with a wrong checksum name: what a careless reader would take for ended.
  func corruptUnits(on disk: Disk, _ solver: FakeSolver, _ header: NPYHeader) -> [UnitIndex] {
    var named: [UnitIndex] = []
    for (_, bytes) in Self.shards(of: disk) {
      var start = header.byteCount
      let size = solver.layout.byteCount
      while start + size <= bytes.count {
        let row = start..<(start + size)
        start += size
        var runs: [RowRun] = []
        guard case .checksum = solver.scanner.scan(bytes, row, into: &runs) else { continue }
        let unit = bytes.withUnsafeBytes {
          solver.codec.unit(of: UnsafeRawBufferPointer(rebasing: $0[row]))
        }
        if unit >= 0 && unit < durable.unitCount { named.append(unit) }
      }
    }
    return named
  }
}
