import Host
import Shards
import SweepModel

/// A run directory: where its files lie. Opening, creating and reading stand in extensions.
public struct RunFolder: Hashable, Sendable {
  public let path: String

  /// Names a directory; nothing is looked at.
  public init(_ path: String) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path.isEmpty ? "." : path
  }

  public var schemaFile: String { path + "/schema.json" }
  public var statusFile: String { path + "/status.json" }
  public var accessFile: String { path + "/access.json" }
  public var serverFile: String { path + "/server.json" }
  public var epochsFolder: String { path + "/epochs" }
  public var shardsFolder: String { path + "/shards" }
  public var failuresFolder: String { path + "/failures" }
  public var workersFolder: String { path + "/workers" }
  public var controlFolder: String { path + "/control" }

  /// The sweep as submitted; later segments are numbered from 2.
  public func sweepFile(segment: Int = 1) -> String {
    path + (segment == 1 ? "/sweep.yaml" : "/sweep-\(segment).yaml")
  }

  public func epochFile(_ epoch: EpochNumber) -> String { epochsFolder + "/\(epoch)" }
  public func workersFile(_ epoch: EpochNumber) -> String {
    workersFolder + "/" + FailuresName(epoch: epoch, number: 1).fileName
  }
  public func shardFile(_ name: ShardName) -> String { shardsFolder + "/" + name.fileName }
  public func failuresFile(_ name: FailuresName) -> String {
    failuresFolder + "/" + name.fileName
  }

  func path(of file: JournalFile) -> String {
    switch file {
    case .shard(let name): shardFile(name)
    case .failures(let name): failuresFile(name)
    }
  }

  func folder(of file: JournalFile) -> String {
    switch file {
    case .shard: shardsFolder
    case .failures: failuresFolder
    }
  }
}

/// What is wrong with a run directory or a file in it: what, where, and what to do next.
public struct RunFolderError: Error, Hashable, Sendable {
  public var file: String
  public var reason: String
  /// A sentence's end, "give --out another directory"; may be empty.
  public var remedy: String

  public init(_ file: String, _ reason: String, remedy: String = "") {
    self.file = file
    self.reason = reason
    self.remedy = remedy
  }

  init(_ error: SystemError, _ file: String, remedy: String = "") {
    self.init(file, "cannot \(error.operation): \(error.code)", remedy: remedy)
  }
}

extension RunFolderError: CustomStringConvertible {
  public var description: String {
    "\(file): \(reason)" + (remedy.isEmpty ? "" : "; \(remedy)")
  }
}

/// Reads one JSON object of a bounded size.
func readObject(_ path: String, limit: Int) throws(RunFolderError) -> JSONValue {
  let bytes: [UInt8]
  do {
    bytes = try FileSystem.readFile(path, limit: limit)
  } catch {
    throw RunFolderError(error, path)
  }
  do {
    let value = try JSONValue(parsing: bytes)
    guard value.members != nil else { throw RunFolderError(path, "not a JSON object") }
    return value
  } catch let error as JSONError {
    throw RunFolderError(path, "not JSON (\(error))")
  } catch let error as RunFolderError {
    throw error
  } catch {
    throw RunFolderError(path, "not JSON")
  }
}
