import Shards
import SweepModel

/// schema.json: what the rows of a run mean and where they come from. Made once, never changed.
public struct RunSchema: Hashable, Sendable {
  /// Of this file and of the whole run directory; a later one is refused by an older program.
  public static let format: Int64 = 1

  /// 128 random bits: stands in access.json and every hello.
  public var runHigh: UInt64
  public var runLow: UInt64
  /// The sweep's name.
  public var name: String
  public var solver: String
  public var solverVersion: Int32
  /// SHA-256 of the first segment's canonical bytes.
  public var fingerprint: [UInt8]
  /// The columns of a row with their roles, in order, `unit` and book-keeping included.
  public var layout: RowLayout
  /// Of the first start: build, host, CPU, time. For people.
  public var provenance: [JSONMember]

  public init(
    runHigh: UInt64, runLow: UInt64, name: String, solver: String, solverVersion: Int32,
    fingerprint: [UInt8], layout: RowLayout, provenance: [JSONMember]
  ) {
    self.runHigh = runHigh
    self.runLow = runLow
    self.name = name
    self.solver = solver
    self.solverVersion = solverVersion
    self.fingerprint = fingerprint
    self.layout = layout
    self.provenance = provenance
  }

  /// 32 hexadecimal digits.
  public var runText: String { hexadecimal(runHigh) + hexadecimal(runLow) }

  public func header() throws(NPYHeaderRefusal) -> NPYHeader { try NPYHeader(layout: layout) }
}

// MARK: JSON

extension RunSchema {
  public var json: JSONValue {
    [
      "format": .integer(Self.format),
      "run": .string(runText),
      "name": .string(name),
      "solver": ["name": .string(solver), "version": .integer(Int64(solverVersion))],
      "fingerprint": .string(fingerprint.map(hexadecimal).joined()),
      "columns": .array(layout.fields.map(Self.json)),
      "provenance": .object(provenance),
    ]
  }

  private static func json(_ field: RowLayout.Field) -> JSONValue {
    let column = field.column
    var object: JSONValue = [
      "name": .string(column.name), "role": .string(field.role.text),
      "type": .string(column.type.numpyName),
    ]
    if !column.shape.isEmpty {
      object.append("shape", .array(column.shape.map { .integer(Int64($0)) }))
    }
    if !column.meaning.isEmpty { object.append("meaning", .string(column.meaning)) }
    if !column.source.isEmpty { object.append("source", .string(column.source)) }
    if column.mayBeAbsent { object.append("may_be_absent", true) }
    if !column.labels.isEmpty {
      object.append("labels", .array(column.labels.map { .string($0) }))
    }
    return object
  }

  /// Reads schema.json back, trusting nothing in it.
  /// - Throws: a sentence that says what is wrong.
  init(json: JSONValue) throws(SchemaMistake) {
    guard let format = json["format"]?.integer else { throw SchemaMistake("it has no format") }
    guard format == Self.format else {
      throw SchemaMistake("format \(format) is not known to this version, which knows 1")
    }
    guard let run = json["run"]?.string, run.utf8.count == 32,
      let high = UInt64(run.prefix(16), radix: 16), let low = UInt64(run.suffix(16), radix: 16)
    else { throw SchemaMistake("its run identity is missing") }
    guard let name = json["name"]?.string, let solver = json["solver"]?["name"]?.string,
      let version = json["solver"]?["version"]?.integer.flatMap({ Int32(exactly: $0) })
    else { throw SchemaMistake("its name or solver is missing") }
    guard let fingerprint = json["fingerprint"]?.string.flatMap(bytes(hexadecimal:)) else {
      throw SchemaMistake("its fingerprint is missing")
    }
    guard let columns = json["columns"]?.array else { throw SchemaMistake("it has no columns") }
    self.init(
      runHigh: high, runLow: low, name: name, solver: solver, solverVersion: version,
      fingerprint: fingerprint, layout: try Self.layout(columns),
      provenance: json["provenance"]?.members ?? [])
  }

  private static func layout(_ columns: [JSONValue]) throws(SchemaMistake) -> RowLayout {
    var parameters: [Column] = []
    var levels: [String] = []
    var outputs: [Column] = []
    var names: [String] = []
    for json in columns {
      guard let name = json["name"]?.string, let role = json["role"]?.string,
        let type = json["type"]?.string.flatMap(ElementType.init(numpyName:))
      else { throw SchemaMistake("a column has no name, role or type") }
      var shape: [Int] = []
      for size in json["shape"]?.array ?? [] {
        guard let size = size.integer, size > 0, size <= 1 << 22 else {
          throw SchemaMistake("the shape of column \(name) makes no sense")
        }
        shape.append(Int(size))
      }
      guard shape.count <= 8, shape.reduce(Int64(1), { min($0 * Int64($1), 1 << 40) }) <= 1 << 22
      else { throw SchemaMistake("column \(name) is too large") }
      let column = Column(
        name, type, shape: shape, json["meaning"]?.string ?? "",
        source: json["source"]?.string ?? "",
        mayBeAbsent: json["may_be_absent"]?.boolean ?? false,
        labels: (json["labels"]?.array ?? []).compactMap(\.string))
      names.append(name)
      switch role {
      case "parameter": parameters.append(column)
      case "level": levels.append(name)
      case "output": outputs.append(column)
      default: break
      }
    }
    let layout = RowLayout(parameters: parameters, levels: levels, outputs: outputs)
    // Unit, status and book-keeping are the same in every run; a file that says otherwise is another
    // format.
    guard layout.fields.map(\.column.name) == names else {
      throw SchemaMistake("its columns are not in the order of a row")
    }
    guard layout.byteCount <= 4 << 20 else { throw SchemaMistake("its rows are too long") }
    return layout
  }
}

struct SchemaMistake: Error {
  var reason: String

  init(_ reason: String) { self.reason = reason }
}

extension RowLayout.Role {
  /// As schema.json has it.
  public var text: String {
    switch self {
    case .unit: "unit"
    case .parameter: "parameter"
    case .level: "level"
    case .output: "output"
    case .status: "status"
    case .attempt, .worker, .wallSeconds, .checksum: "bookkeeping"
    }
  }
}

extension ElementType {
  /// Reads a name of `numpyName`.
  init?(numpyName: String) {
    switch numpyName {
    case "<f8": self = .float64
    case "<i8": self = .int64
    case "<i4": self = .int32
    case "<i2": self = .int16
    case "<u4": self = .uint32
    default:
      guard numpyName.hasPrefix("<U"), let length = Int(numpyName.dropFirst(2)),
        length > 0, length <= 65_536
      else { return nil }
      self = .text(length: length)
    }
  }
}

package func hexadecimal(_ number: UInt64) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return byte < 16 ? "0" + digits : digits
}

func bytes(hexadecimal text: String) -> [UInt8]? {
  let digits = Array(text.utf8)
  guard digits.count % 2 == 0, digits.count <= 128 else { return nil }
  var bytes: [UInt8] = []
  for place in stride(from: 0, to: digits.count, by: 2) {
    guard digits[place] != UInt8(ascii: "+"), digits[place] != UInt8(ascii: "-"),
      let byte = UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16)
    else { return nil }
    bytes.append(byte)
  }
  return bytes
}
