import Host
import SweepModel

/// access.json: all that a worker needs to join a run. Whoever can read it can join.
public struct AccessFile: Hashable, Sendable {
  /// 32 hexadecimal digits.
  public var run: String
  public var protocolVersion: Int
  /// In the order in which a worker tries them.
  public var endpoints: [String]
  /// Keys as the 40 characters of Z85.
  public var serverPublicKey: String
  public var workerPublicKey: String
  public var workerSecretKey: String

  public init(
    run: String, protocolVersion: Int, endpoints: [String], serverPublicKey: String,
    workerPublicKey: String, workerSecretKey: String
  ) {
    self.run = run
    self.protocolVersion = protocolVersion
    self.endpoints = endpoints
    self.serverPublicKey = serverPublicKey
    self.workerPublicKey = workerPublicKey
    self.workerSecretKey = workerSecretKey
  }

  var json: JSONValue {
    [
      "format": 1, "run": .string(run), "protocol": .integer(Int64(protocolVersion)),
      "endpoints": .array(endpoints.map { .string($0) }),
      "server_public_key": .string(serverPublicKey), "role": "worker",
      "worker_public_key": .string(workerPublicKey),
      "worker_secret_key": .string(workerSecretKey),
    ]
  }

  init?(json: JSONValue) {
    guard json["format"]?.integer == 1, json["role"]?.string == "worker",
      let run = json["run"]?.string,
      let version = json["protocol"]?.integer.flatMap({ Int(exactly: $0) }),
      let endpoints = json["endpoints"]?.array,
      let server = json["server_public_key"]?.string,
      let publicKey = json["worker_public_key"]?.string,
      let secretKey = json["worker_secret_key"]?.string
    else { return nil }
    self.init(
      run: run, protocolVersion: version, endpoints: endpoints.compactMap(\.string),
      serverPublicKey: server, workerPublicKey: publicKey, workerSecretKey: secretKey)
  }

  public func write(to path: String) throws(RunFolderError) { try writeSecret(json, to: path) }

  /// - Throws: also if anyone but the owner could read it.
  public init(readingFrom path: String) throws(RunFolderError) {
    guard let file = AccessFile(json: try readSecret(path)) else {
      throw RunFolderError(path, "not an access file of a version that is known here")
    }
    self = file
  }
}

/// server.json: the coordinator's key pair and the public keys that it admits. Made once, used by every
/// epoch.
public struct ServerFile: Hashable, Sendable {
  public var publicKey: String
  public var secretKey: String
  /// The pair that access.json hands to workers.
  public var workerPublicKey: String
  public var workerSecretKey: String
  public var admitted: [String]
  /// Of the last epoch with port 0, to be tried first; 0 if there was none.
  public var lastPort: Int

  public init(
    publicKey: String, secretKey: String, workerPublicKey: String, workerSecretKey: String,
    admitted: [String], lastPort: Int = 0
  ) {
    self.publicKey = publicKey
    self.secretKey = secretKey
    self.workerPublicKey = workerPublicKey
    self.workerSecretKey = workerSecretKey
    self.admitted = admitted
    self.lastPort = lastPort
  }

  var json: JSONValue {
    [
      "format": 1, "public_key": .string(publicKey), "secret_key": .string(secretKey),
      "worker_public_key": .string(workerPublicKey),
      "worker_secret_key": .string(workerSecretKey),
      "admitted": .array(admitted.map { .string($0) }), "last_port": .integer(Int64(lastPort)),
    ]
  }

  init?(json: JSONValue) {
    guard json["format"]?.integer == 1, let publicKey = json["public_key"]?.string,
      let secretKey = json["secret_key"]?.string,
      let workerPublicKey = json["worker_public_key"]?.string,
      let workerSecretKey = json["worker_secret_key"]?.string,
      let admitted = json["admitted"]?.array
    else { return nil }
    let port = json["last_port"]?.integer ?? 0
    self.init(
      publicKey: publicKey, secretKey: secretKey, workerPublicKey: workerPublicKey,
      workerSecretKey: workerSecretKey, admitted: admitted.compactMap(\.string),
      lastPort: port >= 0 && port < 65_536 ? Int(port) : 0)
  }

  public func write(to path: String) throws(RunFolderError) { try writeSecret(json, to: path) }

  /// - Throws: also if anyone but the owner could read it.
  public init(readingFrom path: String) throws(RunFolderError) {
    guard let file = ServerFile(json: try readSecret(path)) else {
      throw RunFolderError(path, "not a key file of a version that is known here")
    }
    self = file
  }
}

private func writeSecret(_ json: JSONValue, to path: String) throws(RunFolderError) {
  do {
    try FileSystem.replaceFile(path, with: json.line, permissions: 0o600)
  } catch {
    throw RunFolderError(error, path)
  }
}

private func readSecret(_ path: String) throws(RunFolderError) -> JSONValue {
  do {
    let facts = try FileSystem.status(path)
    guard facts.kind == .file else { throw RunFolderError(path, "not a file") }
    let others = facts.permissions & 0o077
    guard others == 0 else {
      let bits = String(facts.permissions, radix: 8)
      throw RunFolderError(
        path, "its permissions (0\(bits)) let others use the keys in it",
        remedy: "run: chmod 600 \(path)")
    }
  } catch let error as SystemError {
    throw RunFolderError(error, path)
  } catch let error as RunFolderError {
    throw error
  } catch {
    throw RunFolderError(path, "cannot be read")
  }
  return try readObject(path, limit: 1 << 20)
}
