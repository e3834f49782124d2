/// The type of one element of a column, as NumPy knows it (little-endian).
public enum ElementType: Hashable, Sendable {
  case float64
  case int64
  case int32
  case int16
  case uint32
  /// Unicode text of at most `length` scalars, stored as UTF-32 and padded with zeros (`U` in NumPy).
  case text(length: Int)

  public var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .int32, .uint32: 4
    case .int16: 2
    case .text(let length): 4 * length
    }
  }

  /// NumPy's spelling in a `descr`, e.g. `<f8`.
  public var numpyName: String {
    switch self {
    case .float64: "<f8"
    case .int64: "<i8"
    case .int32: "<i4"
    case .int16: "<i2"
    case .uint32: "<u4"
    case .text(let length): "<U\(length)"
    }
  }
}

/// A column of the table: what one named place of each row holds.
public struct Column: Hashable, Sendable {
  public var name: String
  public var type: ElementType
  /// The shape of one row's value: empty for a scalar, `[100]` for a histogram of 100 bins.
  public var shape: [Int]
  public var meaning: String
  /// The equation or section it implements, where there is one.
  public var source: String
  /// NaN here is an answer (no outer minimum, say) and no remark.
  public var mayBeAbsent: Bool
  /// Named values of an integer label, e.g. 0 GFL, 1 GMFL-I, 2 GMFL-II.
  public var labels: [String]

  public init(
    _ name: String, _ type: ElementType = .float64, shape: [Int] = [], _ meaning: String = "",
    source: String = "", mayBeAbsent: Bool = false, labels: [String] = []
  ) {
    self.name = name
    self.type = type
    self.shape = shape
    self.meaning = meaning
    self.source = source
    self.mayBeAbsent = mayBeAbsent
    self.labels = labels
  }

  public var elementCount: Int { shape.reduce(1, *) }
  public var byteCount: Int { type.byteCount * elementCount }

  /// What an integer output of a failed unit holds; a real one holds NaN.
  public static let absentInteger: Int64 = -1
}
