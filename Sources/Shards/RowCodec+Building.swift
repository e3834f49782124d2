import SweepModel

/// Rows made field by field, for simulations and tests, which have no grid to take them from.
extension RowCodec {
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
