import SweepModel

/// Reads sweep files: YAML, and CSV for long lists of points (design: sweep file).
public enum SweepFile {
  /// What came of a sweep file.
  public struct Reading: Sendable {
    public var sweep: Sweep
    public var solver: SolverInterface
    /// The sweep's one segment, checked and compiled.
    public var grid: Grid
    /// Files that the sweep names (CSV of points), to be copied next to it.
    public var attachments: [Attachment]
  }

  public struct Attachment: Hashable, Sendable {
    /// As the sweep file spells it.
    public var path: String
    public var text: String

    public init(path: String, text: String) {
      self.path = path
      self.text = text
    }
  }

  /// Why a file that a sweep names cannot be read, e.g. `no such file`.
  public struct Unreadable: Error, Hashable, Sendable {
    public var reason: String

    public init(_ reason: String) { self.reason = reason }
  }

  /// Reads a sweep and checks it against the solver it names. Nothing is created anywhere.
  /// - Parameters:
  ///   - path: the file's name, for messages and for a sweep without `name`.
  ///   - readFile: gives the text of a file that the sweep names, relative to the sweep file.
  /// - Throws: every mistake that was found.
  public static func read(
    text: String, path: String, solvers: [SolverInterface],
    readFile: (_ path: String) -> Result<String, Unreadable> = { _ in
      .failure(Unreadable("no files can be read here"))
    }
  ) throws(Mistakes) -> Reading {
    let root = try YAMLReader.read(text, path: path)
    var reader = SweepReader(path: path, solvers: solvers)
    return try reader.read(root, readFile: readFile)
  }
}
