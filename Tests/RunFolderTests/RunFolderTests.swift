import Host
import RunFolder
import Shards
import SweepModel
import TestSupport
import Testing

@Suite struct RunFolderTests {
  @Test("what is created is read back, and a second creator gets the first one's schema")
  func create() throws {
    let runs = try Runs(created: false)
    #expect(!runs.folder.exists)
    let refusal = #expect(throws: RunFolderError.self) { try runs.folder.open() }
    #expect(refusal?.description.contains("no run directory") == true)
    let sweep = Array("name: small # with a comment\n".utf8)
    let schema = try runs.folder.create(
      Runs.schema(), sweep: sweep, companions: [("points.csv", [1, 2])])
    #expect(schema == Runs.schema())
    #expect(try runs.folder.open() == Runs.schema())
    #expect(runs.folder.exists)
    #expect(try runs.folder.sweepBytes() == sweep)
    #expect(try FileSystem.readFile(runs.folder.path + "/points.csv") == [1, 2])
    #expect(schema.runText == "fedcba98765432100000000000000007")
    let second = try runs.folder.create(Runs.schema(run: 5), sweep: sweep)
    #expect(second == schema)
    let names = try FileSystem.list(runs.folder.path)
    #expect(
      names == [
        "control", "epochs", "failures", "points.csv", "schema.json", "shards", "sweep.yaml",
        "workers",
      ])
  }

  @Test("no mutation of schema.json, status.json or an epoch's file traps", arguments: 0..<60)
  func hostileFiles(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let runs = try Runs()
    let status = RunStatus(
      epoch: 1, counter: 2, state: .running, units: 3, ended: 2, failed: 1, leased: 1,
      unitsPerSecond: 1.5, elapsedSeconds: 2,
      workers: [.init(number: 1, host: "a", slots: 2, numericsClass: "00")], endpoints: ["x"],
      host: "h", processID: 9, time: 1_700_000_000_000_000_000)
    try runs.folder.write(status)
    #expect(try runs.folder.status() == status)
    _ = try runs.folder.claim(1, Runs.record)
    for file in [
      runs.folder.schemaFile, runs.folder.statusFile, runs.folder.epochFile(1),
    ] {
      var bytes = try FileSystem.readFile(file)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[place] = UInt8(ascii: "9")
        case 2: bytes.remove(at: place)
        default: bytes.insert(bytes[place], at: place)
        }
      }
      try FileSystem.replaceFile(file, with: bytes)
    }
    // Whatever they say now, they are read or refused.
    _ = try? runs.folder.open()
    _ = try? runs.folder.status()
    _ = runs.folder.inspect(holderOf: 1, watchSeconds: 1) {}
  }

  @Test("a schema of a later format is refused, and so is one whose columns were changed")
  func schemaRefusals() throws {
    let runs = try Runs()
    let text = String(decoding: try FileSystem.readFile(runs.folder.schemaFile), as: UTF8.self)
    for (old, new, reason) in [
      ("\"format\":1", "\"format\":2", "format 2 is not known"),
      ("\"type\":\"<f8\"", "\"type\":\"<f4\"", "no name, role or type"),
      ("\"name\":\"status\"", "\"name\":\"state\"", "not in the order"),
      ("\"shape\":[2,3]", "\"shape\":[4000000,4000000]", "too large"),
      ("\"shape\":[2,3]", "\"shape\":[-1]", "makes no sense"),
      ("{", "", "not JSON"),
    ] {
      let changed = text.replacing(old, with: new, maxReplacements: 1)
      #expect(changed != text)
      try FileSystem.replaceFile(runs.folder.schemaFile, with: Array(changed.utf8))
      let refusal = #expect(throws: RunFolderError.self) { try runs.folder.open() }
      #expect(refusal?.description.contains(reason) == true, "\(String(describing: refusal))")
    }
  }

  @Test("files with keys are private when written, and refused when they are not")
  func secrets() throws {
    let runs = try Runs()
    let access = AccessFile(
      run: Runs.schema().runText, protocolVersion: 1, endpoints: ["tcp://a:1", "tcp://b:1"],
      serverPublicKey: "S", workerPublicKey: "P", workerSecretKey: "K")
    try access.write(to: runs.folder.accessFile)
    #expect(try FileSystem.status(runs.folder.accessFile).permissions == 0o600)
    #expect(try AccessFile(readingFrom: runs.folder.accessFile) == access)
    let server = ServerFile(
      publicKey: "S", secretKey: "T", workerPublicKey: "P", workerSecretKey: "K",
      admitted: ["P"], lastPort: 4711)
    try server.write(to: runs.folder.serverFile)
    #expect(try ServerFile(readingFrom: runs.folder.serverFile) == server)
    for bits: UInt32 in [0o640, 0o604, 0o610, 0o602, 0o660] {
      try FileSystem.setPermissions(runs.folder.accessFile, bits)
      let refusal = #expect(throws: RunFolderError.self) {
        try AccessFile(readingFrom: runs.folder.accessFile)
      }
      #expect(refusal?.description.contains("chmod 600") == true)
    }
    // A key file is no access file.
    #expect(throws: RunFolderError.self) { try AccessFile(readingFrom: runs.folder.serverFile) }
    #expect(throws: RunFolderError.self) { try AccessFile(readingFrom: "/nonexistent") }
  }

  @Test("requests stand in control/ until they are cleared")
  func control() throws {
    let runs = try Runs()
    #expect(runs.folder.requests() == [])
    try runs.folder.request(.pause)
    try runs.folder.request(.drain)
    #expect(runs.folder.requests() == [.drain, .pause])
    runs.folder.clear(.drain)
    #expect(runs.folder.requests() == [.pause])
  }

  @Test("workers' lines give the highest number, whatever else stands there")
  func workers() throws {
    let runs = try Runs()
    try runs.folder.appendWorker(Array("{\"number\":4}\n".utf8), of: 1)
    try runs.folder.appendWorker(Array("{\"number\":12}\n{\"numb".utf8), of: 1)
    try runs.folder.appendWorker(Array("{\"number\":99999999999}\n".utf8), of: 2)
    let run = try runs.folder.recover(layout: Runs.layout, unitCount: 10)
    #expect(run.recovery.highestWorker == 12)
  }
}
