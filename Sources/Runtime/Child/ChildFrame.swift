import Host
import Scheduling
import SweepModel

/// What a worker and its packed solver child say to each other over two pipes. Both are the same
/// program on the same machine, but a child may be a unit away from a corrupted heap: what it says is
/// checked like a stranger's word.
///
/// A frame is its kind and its payload's length, two little-endian 32-bit words, then the payload.
package enum ChildFrame {
  package static let headerByteCount = 8
  package static let payloadLimit = 1 << 28
  /// A reason is cut here.
  package static let reasonByteCount = 512

  /// To the child.
  package enum Order: UInt32 {
    /// The run description, once and first.
    case description = 1
    /// `Batch`.
    case batch = 2
  }

  /// From the child.
  package enum Answer: UInt32 {
    /// It is ready; payload: bytes of a row.
    case ready = 11
    /// Whole rows.
    case rows = 12
    /// Why one of the rows that follow failed: unit, then text.
    case reason = 13
    /// Runs of units that it dropped because they were called back.
    case returned = 14
    /// It cannot start; payload: why.
    case refusal = 15
  }

  /// Units to compute, in order.
  package struct Batch: Equatable {
    package var worker: WorkerNumber
    package var attempt: Int16
    /// The worker's count of recalls when it sent this: a later count drops the batch.
    package var recalls: UInt32
    package var runs: [UnitRun]

    package init(worker: WorkerNumber, attempt: Int16, recalls: UInt32, runs: [UnitRun]) {
      self.worker = worker
      self.attempt = attempt
      self.recalls = recalls
      self.runs = runs
    }
  }

  package static func header(_ kind: UInt32, _ byteCount: Int, into bytes: inout [UInt8]) {
    append(kind, to: &bytes)
    append(UInt32(byteCount), to: &bytes)
  }

  package static func append<Word: FixedWidthInteger>(_ word: Word, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }

  package static func load<Word: FixedWidthInteger>(
    _ type: Word.Type, _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) -> Word {
    Word(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Word.self))
  }

  package static func encode(_ batch: Batch, into bytes: inout [UInt8]) {
    header(Order.batch.rawValue, 12 + 16 * batch.runs.count, into: &bytes)
    append(batch.worker, to: &bytes)
    append(batch.recalls, to: &bytes)
    append(batch.attempt, to: &bytes)
    append(UInt16(0), to: &bytes)
    append(batch.runs, to: &bytes)
  }

  package static func append(_ runs: [UnitRun], to bytes: inout [UInt8]) {
    for run in runs {
      append(run.first, to: &bytes)
      append(run.count, to: &bytes)
    }
  }

  /// - Returns: nil if the payload is none.
  package static func decodeBatch(_ payload: UnsafeRawBufferPointer) -> Batch? {
    guard payload.count >= 12,
      let runs = decodeRuns(UnsafeRawBufferPointer(rebasing: payload[12...]))
    else { return nil }
    return Batch(
      worker: load(WorkerNumber.self, payload, at: 0), attempt: load(Int16.self, payload, at: 8),
      recalls: load(UInt32.self, payload, at: 4), runs: runs)
  }

  package static func decodeRuns(_ payload: UnsafeRawBufferPointer) -> [UnitRun]? {
    guard payload.count % 16 == 0 else { return nil }
    var runs: [UnitRun] = []
    runs.reserveCapacity(payload.count / 16)
    for offset in stride(from: 0, to: payload.count, by: 16) {
      let run = UnitRun(
        first: load(Int64.self, payload, at: offset),
        count: load(Int64.self, payload, at: offset + 8))
      guard run.first >= 0, run.count > 0, !run.first.addingReportingOverflow(run.count).overflow
      else { return nil }
      runs.append(run)
    }
    return runs
  }
}

/// Cuts a stream of bytes into frames, wherever the pipe happened to cut it.
package struct FrameReader {
  private var bytes: [UInt8]
  private var start = 0
  private var end = 0

  package init(capacity: Int = 1 << 18) { bytes = [UInt8](repeating: 0, count: capacity) }

  package enum Next: Equatable {
    case incomplete
    case frame(kind: UInt32, payload: Range<Int>)
    /// A length that no frame has: the framing is lost.
    case broken
  }

  /// Whether bytes of a frame that is not whole are left.
  var isEmpty: Bool { start == end }

  /// Reads once from a descriptor.
  package mutating func fill(from descriptor: borrowing Descriptor) throws(SystemError) -> Transfer
  {
    makeRoom(Self.readByteCount)
    let place = end
    var outcome: Result<Transfer, SystemError> = .success(.wouldBlock)
    bytes.withUnsafeMutableBytes { all in
      do throws(SystemError) {
        outcome = .success(
          try descriptor.tryRead(into: UnsafeMutableRawBufferPointer(rebasing: all[place...])))
      } catch {
        outcome = .failure(error)
      }
    }
    let transfer = try outcome.get()
    if case .bytes(let count) = transfer { end += count }
    return transfer
  }

  private static let readByteCount = 1 << 16

  private mutating func makeRoom(_ count: Int) {
    if bytes.count - end >= count { return }
    if start > 0 {
      bytes.replaceSubrange(0..<(end - start), with: bytes[start..<end])
      end -= start
      start = 0
    }
    if bytes.count - end < count {
      bytes += [UInt8](repeating: 0, count: max(bytes.count, count))
    }
  }

  /// The next whole frame; its payload may be read until the next call of `fill`.
  package mutating func next() -> Next {
    guard end - start >= ChildFrame.headerByteCount else { return .incomplete }
    let (kind, length) = bytes.withUnsafeBytes {
      (
        ChildFrame.load(UInt32.self, $0, at: start), ChildFrame.load(UInt32.self, $0, at: start + 4)
      )
    }
    guard length <= ChildFrame.payloadLimit else { return .broken }
    let payload = start + ChildFrame.headerByteCount
    guard end - payload >= Int(length) else { return .incomplete }
    start = payload + Int(length)
    return .frame(kind: kind, payload: payload..<start)
  }

  package func withPayload<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }
}
