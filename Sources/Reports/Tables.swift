import RunFolder
import Shards
import SweepModel

/// A NumPy file: a header and the rows as they are.
struct NPYTable: TableWriter {
  private let output: OutputFile

  init(_ output: OutputFile, columns: [Column], rowCount: Int64, rowByteCount: Int) throws {
    precondition(columns.reduce(0) { $0 + $1.byteCount } == rowByteCount)
    self.output = output
    try output.write(try NPYHeader(columns: columns).bytes(rows: rowCount))
  }

  mutating func write(_ rows: UnsafeRawBufferPointer) throws(RunFolderError) {
    try output.write(rows)
  }
}

/// A CSV file after RFC 4180, but with plain newlines: a line of names, then a line a row. Numbers are
/// the shortest text that reads back as the same value; what is no number is `nan`, `inf` or `-inf`. A
/// column with a shape has a column for each element, `name[0]` or `name[0,1]`, last index fastest.
struct CSVTable: TableWriter {
  private let output: OutputFile
  private let fields: [RowLayout.Field]
  private let rowByteCount: Int
  private var line: [UInt8] = []

  init(
    _ output: OutputFile, fields: [RowLayout.Field], rowByteCount: Int
  ) throws(RunFolderError) {
    self.output = output
    self.fields = fields
    self.rowByteCount = rowByteCount
    var names: [String] = []
    for field in fields {
      guard !field.column.shape.isEmpty else {
        names.append(field.column.name)
        continue
      }
      for element in 0..<field.column.elementCount {
        names.append(field.column.name + Self.index(element, of: field.column.shape))
      }
    }
    for (place, name) in names.enumerated() {
      if place > 0 { line.append(Self.comma) }
      Self.append(name, to: &line)
    }
    line.append(10)
    try output.write(line)
  }

  private static let comma = UInt8(ascii: ",")
  private static let quote = UInt8(ascii: "\"")

  private static func index(_ element: Int, of shape: [Int]) -> String {
    var rest = element
    var indices: [String] = []
    for size in shape.reversed() {
      indices.append(String(rest % size))
      rest /= size
    }
    return "[" + indices.reversed().joined(separator: ",") + "]"
  }

  mutating func write(_ rows: UnsafeRawBufferPointer) throws(RunFolderError) {
    for start in stride(from: 0, to: rows.count, by: rowByteCount) {
      let row = UnsafeRawBufferPointer(rebasing: rows[start..<start + rowByteCount])
      line.removeAll(keepingCapacity: true)
      for field in fields {
        let type = field.column.type
        for element in 0..<field.column.elementCount {
          if !line.isEmpty { line.append(Self.comma) }
          switch RowCodec.load(type, at: field.offset + element * type.byteCount, in: row) {
          case .integer(let number): line += String(number).utf8
          case .real(let number): Self.append(number, to: &line)
          case .text(let text): Self.append(text, to: &line)
          case .boolean(let truth): line += (truth ? "1" : "0").utf8
          }
        }
      }
      line.append(10)
      try output.write(line)
    }
  }

  private static func append(_ number: Double, to line: inout [UInt8]) {
    if number.isNaN {
      line += "nan".utf8
    } else {
      line += number.description.utf8
    }
  }

  private static func append(_ text: String, to line: inout [UInt8]) {
    let isPlain = text.utf8.allSatisfy {
      $0 != comma && $0 != quote && $0 != 10 && $0 != 13
    }
    let hasOuterBlank = text.utf8.first == 32 || text.utf8.last == 32
    if isPlain && !hasOuterBlank {
      line += text.utf8
      return
    }
    line.append(quote)
    for byte in text.utf8 {
      if byte == quote { line.append(quote) }
      line.append(byte)
    }
    line.append(quote)
  }
}
