import CKernels
import SweepModel

/// Writes and reads the fields of one packed row. Every number is little-endian and unaligned.
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

  /// Stores one number into the field at `offset`, whatever its type; integers are exact where the
  /// field's type can hold them.
  public static func store(
    _ value: Value, as type: ElementType, at offset: Int, in row: UnsafeMutableRawBufferPointer
  ) {
    switch type {
    case .float64:
      row.storeBytes(
        of: (value.real ?? .nan).bitPattern.littleEndian, toByteOffset: offset, as: UInt64.self)
    case .int64, .int32, .int16, .uint32:
      storeInteger(integer(of: value), as: type, at: offset, in: row)
    case .text(let length):
      var scalars = value.description.unicodeScalars.makeIterator()
      for place in 0..<length {
        let scalar = scalars.next()?.value ?? 0
        row.storeBytes(of: scalar.littleEndian, toByteOffset: offset + 4 * place, as: UInt32.self)
      }
    }
  }

  private static func integer(of value: Value) -> Int64 {
    switch value {
    case .integer(let number): number
    case .real(let number): Int64(exactly: number.rounded()) ?? Column.absentInteger
    case .boolean(let truth): truth ? 1 : 0
    case .text: Column.absentInteger
    }
  }

  private static func storeInteger(
    _ value: Int64, as type: ElementType, at offset: Int, in row: UnsafeMutableRawBufferPointer
  ) {
    switch type {
    case .int64: row.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Int64.self)
    case .int32:
      row.storeBytes(
        of: Int32(truncatingIfNeeded: value).littleEndian, toByteOffset: offset, as: Int32.self)
    case .int16:
      row.storeBytes(
        of: Int16(truncatingIfNeeded: value).littleEndian, toByteOffset: offset, as: Int16.self)
    case .uint32:
      row.storeBytes(
        of: UInt32(truncatingIfNeeded: value).littleEndian, toByteOffset: offset, as: UInt32.self)
    case .float64, .text: preconditionFailure("not an integer field")
    }
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

  // MARK: Whole rows made here

  /// The row of a unit that gave no result: its outputs are NaN, or `Column.absentInteger` where they
  /// are integers.
  /// - Parameters:
  ///   - parameters: one value for each parameter field, in order.
  ///   - levels: the unit's replicate levels, in order.
  public func failedRow(
    unit: UnitIndex, parameters: [Value], levels: [Int64], status: RowStatus, attempt: Int16,
    worker: Int32, wallSeconds: Double
  ) -> [UInt8] {
    precondition(parameters.count == layout.parameterFields.count)
    precondition(levels.count == layout.levelFields.count)
    var row = makeRow()
    row.withUnsafeMutableBytes { bytes in
      func put(_ value: Value, _ place: Int) {
        let field = layout.fields[place]
        Self.store(value, as: field.column.type, at: field.offset, in: bytes)
      }
      Self.store(.integer(unit), as: .int64, at: RowLayout.unitOffset, in: bytes)
      for (place, value) in zip(layout.parameterFields, parameters) { put(value, place) }
      for (place, level) in zip(layout.levelFields, levels) { put(.integer(level), place) }
      for place in layout.outputFields { Self.storeAbsent(layout.fields[place], in: bytes) }
      finish(bytes, status: status, attempt: attempt, worker: worker, wallSeconds: wallSeconds)
    }
    return row
  }

  private static func storeAbsent(_ field: RowLayout.Field, in row: UnsafeMutableRawBufferPointer) {
    let type = field.column.type
    for element in 0..<field.column.elementCount {
      let offset = field.offset + element * type.byteCount
      switch type {
      case .float64: store(.real(.nan), as: type, at: offset, in: row)
      case .text: store(.text(""), as: type, at: offset, in: row)
      default: store(.integer(Column.absentInteger), as: type, at: offset, in: row)
      }
    }
  }

  /// Writes status, book-keeping and checksum of a row whose unit, parameters, levels and outputs are
  /// in place.
  public func finish(
    _ row: UnsafeMutableRawBufferPointer, status: RowStatus, attempt: Int16, worker: Int32,
    wallSeconds: Double
  ) {
    row.storeBytes(
      of: status.rawValue.littleEndian, toByteOffset: layout.statusOffset, as: Int16.self)
    row.storeBytes(of: attempt.littleEndian, toByteOffset: layout.attemptOffset, as: Int16.self)
    row.storeBytes(of: worker.littleEndian, toByteOffset: layout.workerOffset, as: Int32.self)
    row.storeBytes(
      of: wallSeconds.bitPattern.littleEndian, toByteOffset: layout.wallSecondsOffset,
      as: UInt64.self)
    seal(row)
  }
}
