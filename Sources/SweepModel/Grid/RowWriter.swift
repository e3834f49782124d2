/// Writes the fields of one row in place, little-endian. `row` is always a buffer of one row's bytes,
/// which need no alignment. The checksum is the room Shards' business.
public struct RowWriter: Sendable {
  public let layout: RowLayout
  private let prefix: [PrefixField]
  private let outputs: [OutputField]

  private struct PrefixField {
    var slot: Int
    var offset: Int
    /// Scalars of a text column; 0 for eight bytes of a number.
    var textLength: Int
  }

  private struct OutputField {
    var offset: Int
    var type: ElementType
    var elementCount: Int
    var mayBeAbsent: Bool
  }

  /// For outputs alone, where there is no grid: `writePrefix` must not be called.
  public init(outputsOf layout: RowLayout) {
    self.init(layout: layout, prefix: [])
  }

  init(layout: RowLayout, slots: SlotLayout) {
    var prefix: [PrefixField] = []
    for place in layout.parameterFields {
      let field = layout.fields[place]
      var length = 0
      if case .text(let scalars) = field.column.type { length = scalars }
      prefix.append(
        PrefixField(
          slot: slots.slot(of: field.column.name) ?? 0, offset: field.offset, textLength: length))
    }
    for (level, place) in layout.levelFields.enumerated() {
      prefix.append(
        PrefixField(
          slot: slots.firstLevel + level, offset: layout.fields[place].offset, textLength: 0))
    }
    self.init(layout: layout, prefix: prefix)
  }

  private init(layout: RowLayout, prefix: [PrefixField]) {
    self.layout = layout
    self.prefix = prefix
    outputs = layout.outputFields.map {
      let field = layout.fields[$0]
      return OutputField(
        offset: field.offset, type: field.column.type, elementCount: field.column.elementCount,
        mayBeAbsent: field.column.mayBeAbsent)
    }
  }

  /// Writes unit, parameters and replicate levels.
  public func writePrefix(of point: borrowing Point, to row: UnsafeMutableRawBufferPointer) {
    precondition(row.count >= layout.byteCount, "the buffer is smaller than a row")
    Self.store(point.unit, at: RowLayout.unitOffset, in: row)
    for field in prefix {
      let bits = point.slots[field.slot]
      if field.textLength == 0 {
        Self.store(bits, at: field.offset, in: row)
      } else {
        Self.store(
          text: point.plan.text(bits), at: field.offset, length: field.textLength, in: row)
      }
    }
  }

  /// Writes status and book-keeping, the checksum excepted.
  public func writeEnd(
    status: RowStatus, attempt: Int16, worker: Int32, wallSeconds: Double,
    to row: UnsafeMutableRawBufferPointer
  ) {
    Self.store(status.rawValue, at: layout.statusOffset, in: row)
    Self.store(attempt, at: layout.attemptOffset, in: row)
    Self.store(worker, at: layout.workerOffset, in: row)
    Self.store(wallSeconds.bitPattern, at: layout.wallSecondsOffset, in: row)
  }

  // MARK: Outputs, by their number in the solver's columns

  public func set(
    _ value: Double, output: Int, element: Int = 0, in row: UnsafeMutableRawBufferPointer
  ) {
    let field = outputs[output]
    precondition(field.type == .float64 && element >= 0 && element < field.elementCount)
    Self.store(value.bitPattern, at: field.offset + 8 * element, in: row)
  }

  public func set(
    _ value: Int64, output: Int, element: Int = 0, in row: UnsafeMutableRawBufferPointer
  ) {
    let field = outputs[output]
    precondition(element >= 0 && element < field.elementCount)
    Self.store(integer: value, as: field.type, at: field.offset, element: element, in: row)
  }

  /// Writes a whole array; as many values as the column has elements.
  public func set(
    _ values: UnsafeBufferPointer<Double>, output: Int, in row: UnsafeMutableRawBufferPointer
  ) {
    let field = outputs[output]
    precondition(field.type == .float64 && values.count == field.elementCount)
    for (place, value) in values.enumerated() {
      Self.store(value.bitPattern, at: field.offset + 8 * place, in: row)
    }
  }

  public func set(_ values: [Double], output: Int, in row: UnsafeMutableRawBufferPointer) {
    values.withUnsafeBufferPointer { set($0, output: output, in: row) }
  }

  public func set(_ values: [Int64], output: Int, in row: UnsafeMutableRawBufferPointer) {
    let field = outputs[output]
    precondition(values.count == field.elementCount)
    for (place, value) in values.enumerated() {
      Self.store(integer: value, as: field.type, at: field.offset, element: place, in: row)
    }
  }

  /// Text of at most the column's length; the rest is cut off.
  public func set(_ text: String, output: Int, in row: UnsafeMutableRawBufferPointer) {
    let field = outputs[output]
    guard case .text(let length) = field.type else { preconditionFailure("no text column") }
    Self.store(text: text, at: field.offset, length: length, in: row)
  }

  /// Gives every output the value of a unit that failed: NaN, `Column.absentInteger`, no text.
  public func setOutputsAbsent(in row: UnsafeMutableRawBufferPointer) {
    for field in outputs {
      for element in 0..<field.elementCount {
        switch field.type {
        case .float64:
          Self.store(Double.nan.bitPattern, at: field.offset + 8 * element, in: row)
        case .text(let length):
          Self.store(text: "", at: field.offset + 4 * length * element, length: length, in: row)
        case .int64, .int32, .int16, .uint32:
          Self.store(
            integer: Column.absentInteger, as: field.type, at: field.offset, element: element,
            in: row)
        }
      }
    }
  }

  /// Ok, or the remark `not_finite`: an output is infinite, or NaN where that is no answer.
  public func statusOfOutputs(in row: UnsafeRawBufferPointer) -> RowStatus {
    for field in outputs where field.type == .float64 {
      for element in 0..<field.elementCount {
        let bits = row.loadUnaligned(fromByteOffset: field.offset + 8 * element, as: UInt64.self)
        let value = Double(bitPattern: UInt64(littleEndian: bits))
        if !value.isFinite && !(value.isNaN && field.mayBeAbsent) { return .notFinite }
      }
    }
    return .ok
  }

  // MARK: Bytes

  @inline(__always)
  private static func store(
    _ value: some FixedWidthInteger & BitwiseCopyable, at offset: Int,
    in row: UnsafeMutableRawBufferPointer
  ) {
    row.storeBytes(of: value.littleEndian, toByteOffset: offset, as: type(of: value))
  }

  private static func store(
    integer value: Int64, as type: ElementType, at offset: Int, element: Int,
    in row: UnsafeMutableRawBufferPointer
  ) {
    switch type {
    case .int64: store(value, at: offset + 8 * element, in: row)
    case .int32: store(Int32(truncatingIfNeeded: value), at: offset + 4 * element, in: row)
    case .int16: store(Int16(truncatingIfNeeded: value), at: offset + 2 * element, in: row)
    case .uint32: store(UInt32(truncatingIfNeeded: value), at: offset + 4 * element, in: row)
    case .float64, .text: preconditionFailure("no integer column")
    }
  }

  private static func store(
    text: String, at offset: Int, length: Int, in row: UnsafeMutableRawBufferPointer
  ) {
    var place = 0
    for scalar in text.unicodeScalars where place < length {
      store(scalar.value, at: offset + 4 * place, in: row)
      place += 1
    }
    while place < length {
      store(UInt32(0), at: offset + 4 * place, in: row)
      place += 1
    }
  }
}
