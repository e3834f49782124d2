import Host
import Shards
import SweepModel

extension RunFolder {
  /// Whether a run was created here. A directory without schema.json is none, whatever else is in it.
  public var exists: Bool { FileSystem.exists(schemaFile) }

  /// Makes the directory, the copy of the sweep and schema.json, which comes last and exactly once: if
  /// another process creates the same run at this moment, one of the two schemas stands, and both
  /// processes go on with it.
  /// - Parameters:
  ///   - sweep: the sweep file's bytes as submitted.
  ///   - companions: further files to copy, by their names (a CSV of points).
  /// - Returns: the schema that stands.
  public func create(
    _ schema: RunSchema, sweep: [UInt8], companions: [(name: String, bytes: [UInt8])] = []
  ) throws(RunFolderError) -> RunSchema {
    do {
      try makeFolders()
      try FileSystem.replaceFile(sweepFile(), with: sweep)
      for (name, bytes) in companions {
        precondition(!name.contains("/") && name != "sweep.yaml" && name != "schema.json")
        try FileSystem.replaceFile(path + "/" + name, with: bytes)
      }
      let draft = schemaFile + ".\(Machine.processID).new"
      try FileSystem.replaceFile(draft, with: schema.json.line)
      defer { try? FileSystem.remove(draft) }
      do {
        try FileSystem.link(draft, to: schemaFile)
      } catch  where error.code == .exists {
        // Somebody was faster.
      }
      try FileSystem.synchroniseDirectory(path)
      try FileSystem.synchroniseDirectory(FileSystem.parentDirectory(path))
    } catch {
      throw RunFolderError(
        error, error.subject.isEmpty ? path : error.subject,
        remedy: "give --out a directory that can be written")
    }
    return try open()
  }

  private func makeFolders() throws(SystemError) {
    for folder in [
      path, epochsFolder, shardsFolder, failuresFolder, workersFolder, controlFolder,
    ] {
      try FileSystem.makeDirectories(folder)
    }
  }

  /// Reads schema.json.
  public func open() throws(RunFolderError) -> RunSchema {
    guard FileSystem.exists(schemaFile) else {
      throw RunFolderError(
        path, "no run directory (it has no schema.json)",
        remedy: "give the directory that `spinodal run` named")
    }
    let json = try readObject(schemaFile, limit: 16 << 20)
    do {
      return try RunSchema(json: json)
    } catch {
      throw RunFolderError(schemaFile, error.reason)
    }
  }

  /// The sweep as submitted.
  public func sweepBytes(segment: Int = 1) throws(RunFolderError) -> [UInt8] {
    let file = sweepFile(segment: segment)
    do {
      return try FileSystem.readFile(file, limit: 256 << 20)
    } catch {
      throw RunFolderError(error, file)
    }
  }
}
