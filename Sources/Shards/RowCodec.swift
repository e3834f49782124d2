import CKernels
import SweepModel

/// Seals a packed row and reads its fields. Every number is little-endian and unaligned.
public struct RowCodec: Sendable {
  public let layout: RowLayout

  public init(layout: RowLayout) {
    self.layout = layout
  }

  /// A row of zeros, with its checksum not yet written.
  public func makeRow() -> [UInt8] { [UInt8](repeating: 0, count: layout.byteCount) }

  /// Writes the checksum over everything before it: the last thing done to a row.
  public func seal(_ row: UnsafeMutableRawBufferPointer) {
    precondition(row.count == layout.byteCount)
    let checksum = Self.checksum(UnsafeRawBufferPointer(rebasing: row[..<layout.checksumOffset]))
    row.storeBytes(of: checksum.littleEndian, toByteOffset: layout.checksumOffset, as: UInt32.self)
  }

  public func seal(_ row: inout [UInt8]) {
    row.withUnsafeMutableBytes { seal($0) }
  }

  /// CRC32C (Castagnoli), as in iSCSI: of "123456789" it is 0xE3069283.
  public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    guard let base = bytes.baseAddress else { return spinodal_crc32c(0, nil, 0) }
    return spinodal_crc32c(0, base.assumingMemoryBound(to: UInt8.self), bytes.count)
  }

  public static func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBytes { checksum($0) }
  }

  /// The same without the CPU's instruction.
  package static func checksumByTable(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    guard let base = bytes.baseAddress else { return 0 }
    return spinodal_crc32c_table(0, base.assumingMemoryBound(to: UInt8.self), bytes.count)
  }

  /// How many rows from the first on have a right checksum.
  package static func goodRows(_ bytes: [UInt8], rowByteCount: Int) -> Int {
    bytes.withUnsafeBufferPointer {
      guard let base = $0.baseAddress else { return 0 }
      return spinodal_crc32c_rows_check(base, rowByteCount, bytes.count / rowByteCount)
    }
  }

  public func isChecksumRight(_ row: UnsafeRawBufferPointer) -> Bool {
    row.count == layout.byteCount
      && Self.checksum(UnsafeRawBufferPointer(rebasing: row[..<layout.checksumOffset]))
        == UInt32(
          littleEndian: row.loadUnaligned(
            fromByteOffset: layout.checksumOffset, as: UInt32.self))
  }

  // MARK: Single fields

  public func unit(of row: UnsafeRawBufferPointer) -> UnitIndex {
    UnitIndex(littleEndian: row.loadUnaligned(as: UnitIndex.self))
  }

  public func status(of row: UnsafeRawBufferPointer) -> RowStatus {
    RowStatus(
      rawValue: Int16(
        littleEndian: row.loadUnaligned(fromByteOffset: layout.statusOffset, as: Int16.self)))
  }

  public func attempt(of row: UnsafeRawBufferPointer) -> Int16 {
    Int16(littleEndian: row.loadUnaligned(fromByteOffset: layout.attemptOffset, as: Int16.self))
  }

  public func worker(of row: UnsafeRawBufferPointer) -> Int32 {
    Int32(littleEndian: row.loadUnaligned(fromByteOffset: layout.workerOffset, as: Int32.self))
  }

  /// Reads one element of a field back.
  public static func load(
    _ type: ElementType, at offset: Int, in row: UnsafeRawBufferPointer
  ) -> Value {
    switch type {
    case .float64:
      return .real(
        Double(
          bitPattern: UInt64(
            littleEndian: row.loadUnaligned(fromByteOffset: offset, as: UInt64.self))))
    case .int64:
      return .integer(
        Int64(littleEndian: row.loadUnaligned(fromByteOffset: offset, as: Int64.self)))
    case .int32:
      return .integer(
        Int64(Int32(littleEndian: row.loadUnaligned(fromByteOffset: offset, as: Int32.self))))
    case .int16:
      return .integer(
        Int64(Int16(littleEndian: row.loadUnaligned(fromByteOffset: offset, as: Int16.self))))
    case .uint32:
      return .integer(
        Int64(UInt32(littleEndian: row.loadUnaligned(fromByteOffset: offset, as: UInt32.self))))
    case .text(let length):
      var text = String.UnicodeScalarView()
      for place in 0..<length {
        let value = UInt32(
          littleEndian: row.loadUnaligned(fromByteOffset: offset + 4 * place, as: UInt32.self))
        if value == 0 { break }
        text.append(Unicode.Scalar(value) ?? "\u{FFFD}")
      }
      return .text(String(text))
    }
  }
}
