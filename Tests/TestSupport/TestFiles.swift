import Foundation

/// Files of the repository, for tests that read what users are given.
public enum TestFiles {
  /// The text of a file; nil if it cannot be read.
  public static func text(at path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}
