import SweepModel

/// Where a solver's outputs lie in a row: made once for a layout, shared by all its rows.
public struct OutputPlaces: Sendable {
  struct Place: Sendable {
    var offset: Int
    var type: ElementType
    var count: Int
    var mayBeAbsent: Bool
  }

  let places: [Place]
  let rowByteCount: Int

  public init(_ layout: RowLayout) {
    places = layout.fields[layout.outputFields].map {
      Place(
        offset: $0.offset, type: $0.column.type, count: $0.column.elementCount,
        mayBeAbsent: $0.column.mayBeAbsent)
    }
    rowByteCount = layout.byteCount
  }
}

/// Writes the output columns of one row. Columns are named by their place in the solver's `columns`.
///
/// A wrong place, element or type is a programmer's error and traps. The writer notes whether a value
/// that must be finite is not: that is the row's remark.
public struct Outputs {
  let places: [OutputPlaces.Place]
  let row: UnsafeMutableRawPointer
  /// `ok`, or `notFinite` once a value was written that is not finite and has no leave to be absent.
  public private(set) var status: RowStatus = .ok

  /// - Parameter row: the whole row, `rowByteCount` bytes.
  public init(_ places: OutputPlaces, row: UnsafeMutableRawBufferPointer) {
    guard let base = row.baseAddress, row.count == places.rowByteCount else {
      preconditionFailure("a row of \(row.count) bytes, wants \(places.rowByteCount)")
    }
    self.places = places.places
    self.row = base
  }

  /// Writes one element of a column of reals.
  public mutating func set(_ column: Int, element: Int = 0, _ value: Double) {
    let place = places[column]
    precondition(place.type == .float64 && element >= 0 && element < place.count)
    if !value.isFinite && !(value.isNaN && place.mayBeAbsent) { status = .notFinite }
    row.storeBytes(
      of: value.bitPattern.littleEndian, toByteOffset: place.offset + 8 * element,
      as: UInt64.self)
  }

  /// Writes one element of a column of integers.
  public mutating func set(_ column: Int, element: Int = 0, _ value: Int64) {
    let place = places[column]
    precondition(element >= 0 && element < place.count)
    switch place.type {
    case .int64:
      row.storeBytes(
        of: value.littleEndian, toByteOffset: place.offset + 8 * element, as: Int64.self)
    case .int32:
      row.storeBytes(
        of: Int32(value).littleEndian, toByteOffset: place.offset + 4 * element, as: Int32.self)
    case .int16:
      row.storeBytes(
        of: Int16(value).littleEndian, toByteOffset: place.offset + 2 * element, as: Int16.self)
    case .float64, .uint32, .text:
      preconditionFailure("column \(column) holds no signed integers")
    }
  }

  /// What a failed unit's outputs hold: NaN, and `Column.absentInteger` in integers.
  public mutating func setAllAbsent() {
    for (column, place) in places.enumerated() {
      for element in 0..<place.count {
        switch place.type {
        case .float64: set(column, element: element, .nan)
        case .int64, .int32, .int16: set(column, element: element, Column.absentInteger)
        case .uint32, .text:
          let size = place.type.byteCount
          row.advanced(by: place.offset + size * element).initializeMemory(
            as: UInt8.self, repeating: 0, count: size)
        }
      }
    }
  }
}
