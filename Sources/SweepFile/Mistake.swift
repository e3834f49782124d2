/// Something in a sweep file that cannot be, with its place in the file as typed.
public struct Mistake: Error, Hashable, Sendable {
  /// The file as the user named it.
  public var path: String
  /// From 1.
  public var line: Int
  /// In characters, from 1.
  public var column: Int
  public var message: String

  public init(path: String, line: Int, column: Int, message: String) {
    self.path = path
    self.line = line
    self.column = column
    self.message = message
  }
}

extension Mistake: CustomStringConvertible {
  public var description: String { "\(path):\(line):\(column): \(message)" }
}

/// Every mistake of a sweep file, in the order of their places; never empty.
public struct Mistakes: Error, Hashable, Sendable {
  public var list: [Mistake]

  public init(_ list: [Mistake]) { self.list = list }
}

extension Mistakes: CustomStringConvertible {
  public var description: String { list.map(\.description).joined(separator: "\n") }
}

/// A place in a file; lines and columns from 1.
struct Place: Hashable {
  var path: String
  var line: Int
  var column: Int

  func moved(_ columns: Int) -> Place {
    Place(path: path, line: line, column: column + columns)
  }
}
