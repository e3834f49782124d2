import Scheduling
import SweepModel
import TestSupport
import Testing
import Wire

/// The bounds of single fields, and what holds between versions.
@Suite struct BoundsTests {
  private func bytes(_ kind: UInt8, _ fields: [any FixedWidthInteger]) -> [UInt8] {
    var bytes: [UInt8] = [0x73, 0x70, 0x6e, 0x6c, 1, 0, kind, 0]
    for field in fields { bytes.append(contentsOf: littleEndian(field)) }
    return bytes
  }

  private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  private func failure(_ bytes: [UInt8]) -> WireFailure? {
    do throws(WireFailure) {
      _ =
        bytes.count > 6 && bytes[6] >= 64
        ? "\(try WireFormat.decodeCoordinatorMessage(bytes))"
        : "\(try WireFormat.decodeWorkerMessage(bytes))"
      return nil
    } catch { return error }
  }

  @Test("a length beyond its limit is refused before the bytes are looked at")
  func lengths() {
    let rows: [any FixedWidthInteger] = [UInt32(1), UInt64(1), Int16(0), UInt64(1)]
    guard case .overLimit? = failure(bytes(5, rows + [UInt32.max])) else {
      Issue.record("four gigabytes of rows")
      return
    }
    #expect(failure(bytes(5, rows + [UInt32(1)])) == .truncated(field: "rows"))
    let lease: [any FixedWidthInteger] = [UInt32(1), UInt64(1), Int16(0)]
    let tooMany = UInt32(Limits.listRuns + 1)
    guard case .overLimit? = failure(bytes(68, lease + [tooMany])) else {
      Issue.record("too many runs")
      return
    }
    #expect(
      failure(bytes(68, lease + [UInt32(Limits.listRuns)])) == .truncated(field: "leased units"))
  }

  @Test(
    "runs that are empty, unsorted, touching or beyond all units are refused",
    arguments: [
      [(5, 0)], [(5, -1)], [(-1, 2)], [(5, 3), (8, 1)], [(5, 3), (6, 1)], [(9, 1), (5, 1)],
      [(5, 1), (5, 1)], [(Int64.max, 1)], [(1, Int64.max)], [((1 << 62) - 1, 2)], [(1 << 62, 1)],
      [(Int64.min, Int64.max)],
    ] as [[(Int64, Int64)]])
  func badRuns(runs: [(Int64, Int64)]) {
    var fields: [any FixedWidthInteger] = [UInt32(1), UInt64(1), Int16(0), UInt32(runs.count)]
    for (first, count) in runs { fields += [first, count] }
    #expect(failure(bytes(68, fields)) == .badRuns(field: "leased units"))
  }

  @Test("a lease of more units than a worker may hold is refused")
  func tooManyUnits() {
    let fields: [any FixedWidthInteger] = [
      UInt32(1), UInt64(1), Int16(0), UInt32(1), Int64(0), Limits.leasedUnits + 1,
    ]
    guard case .overLimit(_, _, UInt64(Limits.leasedUnits))? = failure(bytes(68, fields)) else {
      Issue.record("\(String(describing: failure(bytes(68, fields))))")
      return
    }
  }

  @Test("a full lease in its worst pieces fits into a message, and so does a full batch of rows")
  func fullSize() throws {
    let runs = UnitRuns(
      (0..<Limits.leasedUnits / 2).lazy.map { UnitRun(first: 2 * $0, count: 1) })
    let handed = WorkerMessage.returned(
      LeaseReturn(epoch: 1, serial: 2, units: runs, interrupted: UnitRuns()))
    let bytes = WireFormat.encode(handed)
    #expect(bytes.count <= Limits.messageByteCount)
    #expect(try WireFormat.decodeWorkerMessage(bytes) == handed)

    let batch = WorkerMessage.rows(
      RowBatch(
        epoch: 1, serial: 2, attempt: 0, sequence: 1,
        bytes: [UInt8](repeating: 7, count: Limits.messageByteCount - 38)))
    let whole = WireFormat.encode(batch)
    #expect(whole.count == Limits.messageByteCount)
    #expect(try WireFormat.decodeWorkerMessage(whole) == batch)
  }

  @Test("reasons that do not fit are left out, and the rows still travel")
  func reasonsBeyondTheLimits() throws {
    let long = String(repeating: "x", count: Limits.reasonByteCount)
    let many = (0..<Int64(Limits.reasons) + 1).map { RowReason(unit: $0, text: "no") }
    let large = (0..<Int64(Limits.reasons)).map { RowReason(unit: $0, text: long) }
    for reasons in [many, large] {
      let rows = [UInt8](repeating: 7, count: Limits.resultWindowByteCount)
      let bytes = WireFormat.encode(
        .rows(
          RowBatch(
            epoch: 1, serial: 2, attempt: 0, sequence: 1, bytes: rows, reasons: reasons)))
      #expect(bytes.count <= Limits.messageByteCount)
      guard case .rows(let batch) = try WireFormat.decodeWorkerMessage(bytes) else {
        Issue.record("rows became something else")
        return
      }
      #expect(batch.bytes == rows)
      #expect(batch.reasons.count > 1000 && batch.reasons.count < reasons.count)
      #expect(batch.reasons == Array(reasons.prefix(batch.reasons.count)))
    }
  }

  @Test("a batch that no peer would take traps where it is made")
  func oversized() async {
    await #expect(processExitsWith: .failure) {
      _ = WireFormat.encode(
        .rows(
          RowBatch(
            epoch: 1, serial: 2, attempt: 0, sequence: 1,
            bytes: [UInt8](repeating: 7, count: Limits.messageByteCount - 37))))
    }
  }

  @Test(
    "seconds that are no number, endless or absurd are refused",
    arguments: [
      Double.nan, .infinity, -.infinity, 1.1e9, -1e300,
    ])
  func seconds(value: Double) {
    let fields: [any FixedWidthInteger] = [UInt16(0), UInt16(0), value.bitPattern]
    #expect(failure(bytes(8, fields)) == .badValue(field: "remaining seconds"))
  }

  @Test(
    "text that is not UTF-8 is refused",
    arguments: [
      [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe6, 0xb1], [0xf4, 0x90, 0x80, 0x80],
    ] as [[UInt8]])
  func text(utf8: [UInt8]) {
    let message = bytes(9, [UInt16(utf8.count)]) + utf8
    #expect(failure(message) == .notUTF8(field: "reason"))
  }

  @Test("negative attempts, sequence 0, and units below 0 are refused")
  func values() {
    #expect(
      failure(bytes(5, [UInt32(1), UInt64(1), Int16(-1), UInt64(1), UInt32(0)]))
        == .badValue(field: "attempt"))
    #expect(
      failure(bytes(5, [UInt32(1), UInt64(1), Int16(0), UInt64(0), UInt32(0)]))
        == .badValue(field: "sequence"))
    #expect(
      failure(
        bytes(7, [UInt32(1), UInt64(1), Int16(0), UInt64(1), Int64(-1), UInt8(2), UInt32(0)]))
        == .badValue(field: "unit"))
  }

  @Test("a message that goes the wrong way is refused")
  func direction() {
    let finished = WireFormat.encode(CoordinatorMessage.finished)
    #expect(throws: WireFailure.wrongDirection(kind: 72)) {
      try WireFormat.decodeWorkerMessage(finished)
    }
    let ready = WireFormat.encode(WorkerMessage.ready(numericsClass: 1))
    #expect(throws: WireFailure.wrongDirection(kind: 3)) {
      try WireFormat.decodeCoordinatorMessage(ready)
    }
  }

  @Test("a hello of another version can be read far enough to be refused, whatever follows")
  func otherVersion() throws {
    var messages = RandomMessages(seed: seed)
    var hello = messages.hello()
    hello.protocolVersion = 7
    var bytes = WireFormat.encode(.hello(hello))
    let prefix =
      8 + 16 + 16 + 2 + hello.build.utf8.count + 2 + hello.host.utf8.count + 4
    bytes.replaceSubrange(prefix..., with: [1, 2, 3])
    guard case .hello(let read) = try WireFormat.decodeWorkerMessage(bytes) else {
      Issue.record("another kind")
      return
    }
    #expect(read.protocolVersion == 7)
    #expect(read.run == hello.run)
    #expect(read.worker == hello.worker)
    #expect(read.host == hello.host)
    #expect(read.processID == hello.processID)
    #expect(read.held.isEmpty)
  }

  @Test("a refusal is read in every version, any other message of another version is not")
  func refusedByOtherVersion() throws {
    let refusal = CoordinatorMessage.refused(.otherProtocol, reason: "install the same release")
    var bytes = WireFormat.encode(refusal)
    bytes[4] = 9
    #expect(try WireFormat.decodeCoordinatorMessage(bytes) == refusal)
    var finished = WireFormat.encode(CoordinatorMessage.finished)
    finished[4] = 9
    #expect(throws: WireFailure.otherVersion(9)) {
      try WireFormat.decodeCoordinatorMessage(finished)
    }
  }

  @Test("version 1 is these bytes")
  func frozenBytes() {
    let beat = WireFormat.encode(
      .beat(WorkerBeat(busySlots: 2, openSlots: 3, remainingSeconds: -1)))
    #expect(
      beat == [
        0x73, 0x70, 0x6e, 0x6c, 1, 0, 8, 0, 2, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0xbf,
      ])
    let lease = WireFormat.encode(
      .lease(
        Lease(
          epoch: 1, serial: 2, attempt: 3, units: UnitRuns(UnitRun(first: 4, count: 5)))))
    #expect(
      lease == [
        0x73, 0x70, 0x6e, 0x6c, 1, 0, 68, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 0, 0,
        4, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0,
      ])
  }
}
