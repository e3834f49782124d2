import SweepModel

/// The first bytes of a shard: a NumPy header of version 1.0 that never changes its length. The row
/// count stands right-aligned in a fixed width, so that it can be patched in place.
public struct NPYHeader: Hashable, Sendable {
  /// The whole header with a count of zero; a multiple of 64 bytes, at most `byteCountLimit`.
  public let bytes: [UInt8]
  /// Where the count's digits stand.
  public let countRange: Range<Int>

  /// NumPy refuses headers of more than 10,000 bytes.
  public static let byteCountLimit = 8192
  /// The digits of the largest count, and one more.
  static let countWidth = 20

  /// - Throws: `NPYHeaderRefusal` when the schema is too wide or a name cannot stand in a header.
  public init(layout: RowLayout) throws(NPYHeaderRefusal) {
    try self.init(columns: layout.fields.map(\.column))
  }

  /// A header for any columns: what `collect` writes has no `crc`.
  public init(columns: [Column]) throws(NPYHeaderRefusal) {
    var text = "{'descr': ["
    for column in columns {
      guard Self.isPlain(column.name) else { throw .name(column.name) }
      text += "('\(column.name)', '\(column.type.numpyName)'"
      if !column.shape.isEmpty {
        text += ", (" + column.shape.map { "\($0)," }.joined() + ")"
      }
      text += "), "
    }
    text += "], 'fortran_order': False, 'shape': ("
    let countStart = 10 + text.utf8.count
    text += String(repeating: " ", count: Self.countWidth - 1) + "0,), }"
    let length = (10 + text.utf8.count + 1 + 63) / 64 * 64
    guard length <= Self.byteCountLimit else { throw .tooWide(byteCount: length) }
    text += String(repeating: " ", count: length - 10 - text.utf8.count - 1) + "\n"
    bytes =
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8((length - 10) & 255), UInt8((length - 10) >> 8)]
      + Array(text.utf8)
    countRange = countStart..<countStart + Self.countWidth
  }

  public var byteCount: Int { bytes.count }

  /// The bytes of `countRange` for this many rows.
  public func countBytes(_ rows: Int64) -> [UInt8] {
    precondition(rows >= 0)
    let digits = Array(String(rows).utf8)
    return [UInt8](repeating: 32, count: Self.countWidth - digits.count) + digits
  }

  /// The whole header of a file with this many rows.
  public func bytes(rows: Int64) -> [UInt8] {
    var patched = bytes
    patched.replaceSubrange(countRange, with: countBytes(rows))
    return patched
  }

  /// Whether `prefix` begins with this header, whatever count it carries.
  public func matches(_ prefix: UnsafeRawBufferPointer) -> Bool {
    prefix.count >= bytes.count && mayBegin(prefix)
  }

  /// Whether `prefix`, as far as it goes, could be the beginning of this header.
  public func mayBegin(_ prefix: UnsafeRawBufferPointer) -> Bool {
    for place in 0..<min(prefix.count, bytes.count)
    where !countRange.contains(place) && prefix[place] != bytes[place] {
      return false
    }
    return true
  }

  /// The count that a header with our shape carries; nil if it is no number.
  public func count(in prefix: UnsafeRawBufferPointer) -> Int64? {
    guard prefix.count >= countRange.upperBound else { return nil }
    let text = String(decoding: prefix[countRange].drop { $0 == 32 }, as: UTF8.self)
    return Int64(text)
  }

  private static func isPlain(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        byte >= 32 && byte < 127 && byte != UInt8(ascii: "'") && byte != UInt8(ascii: "\\")
      }
  }
}

/// Why rows of some columns cannot be a NumPy file.
public enum NPYHeaderRefusal: Error, Hashable, Sendable {
  case tooWide(byteCount: Int)
  case name(String)
}

extension NPYHeaderRefusal: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooWide(let byteCount):
      "the columns need a NumPy header of \(byteCount) bytes, and "
        + "\(NPYHeader.byteCountLimit) is the most: merge columns into arrays, or shorten names"
    case .name(let name):
      "the column name \"\(name)\" cannot stand in a NumPy file: use snake_case"
    }
  }
}
