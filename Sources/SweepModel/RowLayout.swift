/// Where each column of a row lies. A row is packed, without padding, in this order: `unit`, the
/// parameters, the replicate levels, the solver's outputs, `status`; then the book-keeping `attempt`,
/// `worker`, `wall_seconds` and `crc`, which covers every byte before it.
public struct RowLayout: Hashable, Sendable {
  public enum Role: Hashable, Sendable {
    case unit, parameter, level, output, status, attempt, worker, wallSeconds, checksum
  }

  public struct Field: Hashable, Sendable {
    public var column: Column
    public var role: Role
    /// Bytes from the start of the row.
    public var offset: Int
  }

  public let fields: [Field]
  public let byteCount: Int
  /// The places in `fields` of each group.
  public let parameterFields: Range<Int>
  public let levelFields: Range<Int>
  public let outputFields: Range<Int>

  public static let unitOffset = 0
  public let statusOffset: Int
  public let attemptOffset: Int
  public let workerOffset: Int
  public let wallSecondsOffset: Int
  public let checksumOffset: Int

  /// - Parameters:
  ///   - parameters: one scalar column for each parameter that is recorded, in order.
  ///   - levels: names of the replicate levels, outermost first.
  ///   - outputs: the solver's columns.
  public init(parameters: [Column], levels: [String], outputs: [Column]) {
    var fields: [Field] = []
    var offset = 0
    func add(_ column: Column, _ role: Role) -> Int {
      let place = offset
      fields.append(Field(column: column, role: role, offset: place))
      offset += column.byteCount
      return place
    }
    _ = add(Column("unit", .int64, "number of the unit in the run"), .unit)
    for column in parameters { _ = add(column, .parameter) }
    parameterFields = 1..<fields.count
    for level in levels { _ = add(Column(level, .int64, "replicate level"), .level) }
    levelFields = parameterFields.upperBound..<fields.count
    for column in outputs { _ = add(column, .output) }
    outputFields = levelFields.upperBound..<fields.count
    statusOffset = add(
      Column("status", .int16, "0 ok, 1-99 remark, 100-199 failed, 200-299 quarantined"), .status)
    attemptOffset = add(Column("attempt", .int16, "which try gave this row, from 0"), .attempt)
    workerOffset = add(Column("worker", .int32, "see workers/; -1 the coordinator"), .worker)
    wallSecondsOffset = add(Column("wall_seconds", .float64, "time the unit took"), .wallSeconds)
    checksumOffset = add(Column("crc", .uint32, "CRC32C of the row before it"), .checksum)
    self.fields = fields
    byteCount = offset
  }

  public func field(named name: String) -> Field? {
    fields.first { $0.column.name == name }
  }
}

/// How a unit ended.
public struct RowStatus: RawRepresentable, Hashable, Sendable {
  public let rawValue: Int16

  public init(rawValue: Int16) { self.rawValue = rawValue }

  public static let ok = RowStatus(rawValue: 0)
  /// Remark: an output that must be finite is not; outputs as computed.
  public static let notFinite = RowStatus(rawValue: 1)
  public static let failed = RowStatus(rawValue: 100)
  public static let refusedParameters = RowStatus(rawValue: 101)
  public static let malformed = RowStatus(rawValue: 103)
  public static let died = RowStatus(rawValue: 204)
  public static let timeLimit = RowStatus(rawValue: 205)
  public static let killedFromOutside = RowStatus(rawValue: 206)

  /// Ok and remark rows are final; the others may be superseded by a retry.
  @inlinable public var isFinal: Bool { rawValue >= 0 && rawValue < 100 }
  public var isFailed: Bool { rawValue >= 100 && rawValue < 200 }
  public var isQuarantined: Bool { rawValue >= 200 && rawValue < 300 }
  /// Whether the number is one that a row may carry at all.
  public var isValid: Bool { rawValue >= 0 && rawValue < 300 }
}
