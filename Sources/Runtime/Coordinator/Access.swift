import Host
import RunFolder
import Scheduling
import Transport

/// Keys and endpoints for workers from elsewhere: made once for a run, written for each epoch.
enum Access {
  /// Opens the TCP door and writes server.json and access.json.
  /// - Returns: the access file's path.
  static func open(
    _ doors: Doors, at wanted: Endpoint, _ context: Context, _ folder: RunFolder,
    _ run: RunIdentity
  ) throws -> String {
    var server = try serverFile(in: folder)
    guard let secret = CurveKey(server.secretKey), let worker = CurveKey(server.workerPublicKey)
    else {
      throw RunFolderError(
        folder.serverFile, "its keys are not readable", remedy: "restore it from a copy")
    }
    let admitted = Set(server.admitted.compactMap { CurveKey($0) } + [worker])
    let keys = CurveKeyPair(secretKey: secret)
    let listener = try listen(at: wanted, lastPort: server.lastPort) { (endpoint) in
      try Listener(context, at: endpoint, keys: keys, admitted: admitted)
    }
    let bound = listener.endpoint
    doors.open(listener)
    if case .tcp(_, let port) = bound, server.lastPort != Int(port) {
      server.lastPort = Int(port)
      try server.write(to: folder.serverFile)
    }
    let access = AccessFile(
      run: AccessFile.text(of: run), protocolVersion: Int(Limits.protocolVersion),
      endpoints: reachable(bound).map { "\($0)" }, serverPublicKey: server.publicKey,
      workerPublicKey: server.workerPublicKey, workerSecretKey: server.workerSecretKey)
    try access.write(to: folder.accessFile)
    return folder.accessFile
  }

  private static func serverFile(in folder: RunFolder) throws -> ServerFile {
    if FileSystem.exists(folder.serverFile) {
      return try ServerFile(readingFrom: folder.serverFile)
    }
    let server = CurveKeyPair.generate()
    let worker = CurveKeyPair.generate()
    let file = ServerFile(
      publicKey: server.publicKey.text, secretKey: server.secretKey.text,
      workerPublicKey: worker.publicKey.text, workerSecretKey: worker.secretKey.text,
      admitted: [worker.publicKey.text])
    try file.write(to: folder.serverFile)
    return file
  }

  /// With port 0 the last epoch's port is tried first, so that waiting workers find the new one.
  private static func listen(
    at wanted: Endpoint, lastPort: Int, _ open: (Endpoint) throws -> Listener
  ) throws -> Listener {
    if case .tcp(let host, 0) = wanted, let port = UInt16(exactly: lastPort), port > 0 {
      do { return try open(.tcp(host: host, port: port)) } catch is TransportFailure {
        // Somebody else has it now.
      }
    }
    return try open(wanted)
  }

  /// A wildcard is every name and address that others may reach this host by.
  private static func reachable(_ endpoint: Endpoint) -> [Endpoint] {
    guard case .tcp(let host, _) = endpoint, ["*", "0.0.0.0", "::"].contains(host) else {
      return [endpoint]
    }
    let addresses = Machine.addresses()
    // Without a network the only workers are on this machine.
    let hosts = addresses.isEmpty ? ["127.0.0.1"] : [Machine.hostName()] + addresses
    return hosts.map { endpoint.at(host: $0) }
  }
}

extension AccessFile {
  /// For `run`'s own worker: no keys, since nobody else may enter the socket's folder.
  static func local(run: RunIdentity, endpoint: Endpoint) -> AccessFile {
    AccessFile(
      run: text(of: run), protocolVersion: Int(Limits.protocolVersion),
      endpoints: ["\(endpoint)"], serverPublicKey: "", workerPublicKey: "", workerSecretKey: "")
  }

  static func text(of run: RunIdentity) -> String { hexadecimal(run.high) + hexadecimal(run.low) }
}

extension WorkerAccess {
  /// Reads an access file for a worker.
  /// - Throws: `RunFolderError` with the remedy.
  public init(readingFrom path: String) throws {
    let file = try AccessFile(readingFrom: path)
    guard file.run.utf8.count == 32, let high = UInt64(file.run.prefix(16), radix: 16),
      let low = UInt64(file.run.suffix(16), radix: 16)
    else { throw RunFolderError(path, "its run is not 32 hexadecimal digits") }
    let endpoints = file.endpoints.compactMap { try? Endpoint($0) }
    guard !endpoints.isEmpty else { throw RunFolderError(path, "it names no endpoint") }
    var keys: Connection.Keys?
    if endpoints.contains(where: { if case .ipc = $0 { false } else { true } }) {
      guard let server = CurveKey(file.serverPublicKey), let secret = CurveKey(file.workerSecretKey)
      else { throw RunFolderError(path, "its keys are not readable") }
      keys = Connection.Keys(own: CurveKeyPair(secretKey: secret), server: server)
    }
    self.init(run: RunIdentity(high: high, low: low), endpoints: endpoints, keys: keys)
  }
}
