import Scheduling
import SweepModel

/// Reads fields from bytes that nobody has checked. Every read is bounded by what is there, and every
/// length by its limit, before anything is allocated.
struct Reader {
  private let bytes: UnsafeRawBufferPointer
  private(set) var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var remaining: Int { bytes.count - offset }

  func end() throws(WireFailure) {
    if remaining > 0 { throw .trailing(byteCount: remaining) }
  }

  @inline(__always)
  mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ field: StaticString, as type: Integer.Type = Integer.self
  ) throws(WireFailure) -> Integer {
    guard remaining >= MemoryLayout<Integer>.size else { throw .truncated(field: "\(field)") }
    defer { offset += MemoryLayout<Integer>.size }
    return Integer(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
  }

  /// An integer in a range.
  mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ field: StaticString, in range: ClosedRange<Integer>
  ) throws(WireFailure) -> Integer {
    let value = try integer(field, as: Integer.self)
    guard value >= range.lowerBound else { throw .badValue(field: "\(field)") }
    guard value <= range.upperBound else {
      throw .overLimit(
        field: "\(field)", value: UInt64(clamping: value), limit: UInt64(clamping: range.upperBound)
      )
    }
    return value
  }

  mutating func seconds(_ field: StaticString) throws(WireFailure) -> Double {
    let value = Double(bitPattern: try integer(field))
    guard value.magnitude <= Bounds.seconds else { throw .badValue(field: "\(field)") }
    return value
  }

  /// A duration above zero.
  mutating func duration(_ field: StaticString) throws(WireFailure) -> TickDuration {
    TickDuration(nanoseconds: try integer(field, in: 1...Bounds.nanoseconds))
  }

  mutating func identity(_ field: StaticString) throws(WireFailure) -> Identity128 {
    Identity128(high: try integer(field), low: try integer(field))
  }

  private mutating func slice(
    _ byteCount: Int, _ field: StaticString
  ) throws(WireFailure) -> UnsafeRawBufferPointer {
    guard remaining >= byteCount else { throw .truncated(field: "\(field)") }
    defer { offset += byteCount }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + byteCount])
  }

  mutating func text(_ field: StaticString, limit: Int) throws(WireFailure) -> String {
    let count = try integer(field, in: 0...UInt16(limit))
    let utf8 = try slice(Int(count), field)
    guard let text = String(validating: utf8, as: UTF8.self) else {
      throw .notUTF8(field: "\(field)")
    }
    return text
  }

  mutating func blob(_ field: StaticString, limit: Int) throws(WireFailure) -> [UInt8] {
    let count = try integer(field, in: 0...UInt32(limit))
    return [UInt8](try slice(Int(count), field))
  }

  mutating func bytes(_ byteCount: Int, _ field: StaticString) throws(WireFailure) -> [UInt8] {
    [UInt8](try slice(byteCount, field))
  }

  /// The length of a list whose elements have at least `elementByteCount` bytes each: never more than
  /// what the rest of the message can hold.
  mutating func count(
    _ field: StaticString, limit: Int, elementByteCount: Int
  ) throws(WireFailure) -> Int {
    let count = Int(try integer(field, in: 0...UInt32(limit)))
    guard remaining / elementByteCount >= count else { throw .truncated(field: "\(field)") }
    return count
  }

  /// Runs in order, none touching the next, of at most `unitLimit` units together.
  mutating func runs(
    _ field: StaticString, unitLimit: Int64 = .max
  ) throws(WireFailure) -> UnitRuns {
    let count = try count(field, limit: Limits.listRuns, elementByteCount: 16)
    var runs = UnitRuns()
    var end: Int64 = -1
    for _ in 0..<count {
      let first: Int64 = try integer(field)
      let length: Int64 = try integer(field)
      guard first > end, first < Bounds.units, length > 0, length <= Bounds.units - first else {
        throw .badRuns(field: "\(field)")
      }
      let run = UnitRun(first: first, count: length)
      runs.insert(run)
      end = run.end
    }
    guard runs.count <= unitLimit else {
      throw .overLimit(
        field: "\(field)", value: UInt64(runs.count), limit: UInt64(clamping: unitLimit))
    }
    return runs
  }
}
