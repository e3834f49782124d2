import Scheduling
import SweepModel

/// Appends fields to a buffer, little-endian.
struct Writer {
  var bytes: [UInt8]

  mutating func header(_ kind: Kind, version: UInt16 = Limits.protocolVersion) {
    integer(Header.magic)
    integer(version)
    integer(kind.rawValue)
    integer(UInt8(0))
  }

  @inline(__always)
  mutating func integer(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Not a number is sent as "none" (negative), and what is beyond the bound as the bound.
  mutating func seconds(_ value: Double) {
    let bounded = value.isNaN ? -1 : min(max(value, -Bounds.seconds), Bounds.seconds)
    integer(bounded.bitPattern)
  }

  mutating func duration(_ value: TickDuration) { integer(value.nanoseconds) }

  mutating func identity(_ value: Identity128) {
    integer(value.high)
    integer(value.low)
  }

  /// A text is cut, between two characters, at its limit: a long reason must not cost the message.
  mutating func text(_ value: String, limit: Int) {
    var value = value
    value.withUTF8 { utf8 in
      var count = min(utf8.count, limit)
      while count < utf8.count, count > 0, utf8[count] & 0xc0 == 0x80 { count -= 1 }
      integer(UInt16(count))
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[..<count]))
    }
  }

  mutating func blob(_ value: ArraySlice<UInt8>, limit: Int) {
    precondition(value.count <= limit, "\(value.count) bytes in one message, at most \(limit) fit")
    integer(UInt32(value.count))
    bytes.append(contentsOf: value)
  }

  mutating func count(_ count: Int, limit: Int, _ what: StaticString) {
    precondition(count <= limit, "\(count) \(what) in one message, at most \(limit) fit")
    integer(UInt32(count))
  }

  mutating func runs(_ units: UnitRuns) {
    count(units.runs.count, limit: Limits.listRuns, "runs")
    units.runs.withUnsafeBytes { stored in
      // A run is two 64-bit numbers, in memory as on the wire.
      precondition(stored.count == 16 * units.runs.count)
      bytes.append(contentsOf: stored)
    }
  }
}
