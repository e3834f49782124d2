/// One breach of a habit, with its place and what to do instead.
struct Finding: Hashable, CustomStringConvertible {
  var path: String
  var line: Int
  var message: String

  var description: String { "\(path):\(line): \(message)" }
}

/// A file or function that may be longer than the rest. The list may only shrink: an entry that is no
/// longer needed, or whose number is larger than needed, is a finding itself.
struct Allowance {
  var path: String
  /// nil: the file itself.
  var function: String?
  var lineCount: Int
  var reason: String
}

let allowances: [Allowance] = []
