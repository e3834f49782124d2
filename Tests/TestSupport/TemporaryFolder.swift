import Host

/// A directory of its own for a test, gone when the value is.
public final class TemporaryFolder {
  public let path: String

  public init(_ prefix: String = "spinodal-test-") throws {
    path = try FileSystem.makeTemporaryDirectory(prefix: prefix)
  }

  deinit { try? FileSystem.removeTree(path) }
}
