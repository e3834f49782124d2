import Glibc
import Host
import SweepModel
import TestSupport
import Testing

/// Workers that join over TCP with the access file, and those that may not.
@Suite struct WorkerProcessTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let loopback = "tcp://127.0.0.1:0"

  private func serve(_ name: String = "s", units: Int, sleep: Int = 0) throws -> Command {
    try folder.writeNullSweep(name, units: units, ["sleep_milliseconds": "\(sleep)"])
    return try Command(["serve", "\(name).yaml", "--listen", Self.loopback, "--json"], in: folder)
  }

  @Test("a worker that was there first finds the coordinator, and both end with 0")
  func early() throws {
    let worker = try Command(
      ["worker", "--access", "runs/s/access.json", "--slots", "2"], in: folder)
    try worker.wait("the first words") {
      worker.messages.contains("waiting for runs/s/access.json")
    }
    let served = try serve(units: 200).finish()
    #expect(served.exit == .exited(code: 0), "\(served.messages)")
    #expect(served.json?["computed"] == 200)
    #expect(served.messages.contains("spinodal worker --access runs/s/access.json"))
    let worked = try worker.finish()
    #expect(worked.exit == .exited(code: 0), "\(worked.messages)")
    #expect(try Command.run("verify", "runs/s", in: folder).exit == .exited(code: 0))
  }

  @Test("the environment names the access file, and the run directory is enough")
  func environment() throws {
    let server = try serve(units: 50)
    try server.wait("the access file") { folder.exists("runs/s/access.json") }
    let worker = try Command.run(
      "worker", "--slots", "1", in: folder, environment: ["SPINODAL_ACCESS": "runs/s"])
    #expect(worker.exit == .exited(code: 0), "\(worker.messages)")
    #expect(try server.finish().exit == .exited(code: 0))
  }

  @Test("a worker that is told to stop hands back with 75, and the sweep goes on without it")
  func drained() throws {
    let server = try serve(units: 400, sleep: 20)
    let first = try Command(
      ["worker", "--access", "runs/s/access.json", "--slots", "2"], in: folder)
    try server.wait("rows") { folder.shardBytes("runs/s") > 8192 }
    first.process.send(SIGTERM)
    let left = try first.finish()
    #expect(left.exit == .exited(code: 75), "\(left.messages)")
    let second = try Command.run(
      "worker", "--access", "runs/s/access.json", "--slots", "8", in: folder)
    #expect(second.exit == .exited(code: 0), "\(second.messages)")
    let served = try server.finish()
    #expect(served.exit == .exited(code: 0), "\(served.messages)")
    #expect(served.json?["failed"] == 0)
  }

  @Test("a worker outlives its coordinator and works for the next, wherever it listens")
  func moved() throws {
    let first = try serve(units: 400, sleep: 10)
    let worker = try Command(
      ["worker", "--access", "runs/s/access.json", "--slots", "2"], in: folder)
    try first.wait("rows") { folder.shardBytes("runs/s") > 8192 }
    first.process.send(SIGKILL)
    _ = try first.finish()
    try worker.wait("the loss") { worker.messages.contains("trying again") }
    let second = try Command.run(
      "serve", "s.yaml", "--listen", "tcp://*:0", "--json", in: folder)
    #expect(second.exit == .exited(code: 0), "\(second.messages)")
    #expect(try #require(second.json?["computed"]?.integer) < 400)
    let worked = try worker.finish()
    #expect(worked.exit == .exited(code: 0), "\(worked.messages)")
  }

  @Test("without a file within the time there is nobody to ask: 4")
  func noFile() throws {
    let result = try Command.run(
      "worker", "--access", "nowhere.json", "--wait", "300ms", in: folder)
    #expect(result.exit == .exited(code: 4))
    #expect(result.messages.contains("there is no access file nowhere.json"))
  }

  @Test("if nobody answers within the time, it is 4, too")
  func nobody() throws {
    let server = try serve(units: 1)
    try server.wait("the access file") { folder.exists("runs/s/access.json") }
    server.process.send(SIGKILL)
    _ = try server.finish()
    let result = try Command.run(
      "worker", "--access", "runs/s/access.json", "--wait", "1s", in: folder)
    #expect(result.exit == .exited(code: 4), "\(result.messages)")
    #expect(result.messages.contains("no coordinator answered"))
  }

  @Test(
    "a file that others can read is refused with the remedy", arguments: ["0640", "0604", "0601"])
  func permissions(bits: String) throws {
    let server = try serve(units: 1)
    try server.wait("the access file") { folder.exists("runs/s/access.json") }
    let path = folder.path + "/runs/s/access.json"
    try FileSystem.setPermissions(path, try #require(UInt32(bits, radix: 8)))
    let result = try Command.run("worker", "--access", "runs/s/access.json", in: folder)
    #expect(result.exit == .exited(code: 1))
    #expect(result.messages.contains("chmod 600 runs/s/access.json"))
    server.process.send(SIGKILL)
    _ = try server.finish()
  }

  @Test("a key that the coordinator does not know is refused with 5")
  func foreignKey() throws {
    let server = try serve(units: 1)
    try server.wait("the access file") { folder.exists("runs/s/access.json") }
    let other = try serve("t", units: 1)
    try other.wait("the other file") { folder.exists("runs/t/access.json") }
    var mixed = try #require(
      JSONValue(parsing: folder.bytes("runs/s/access.json")).members)
    let foreign = try JSONValue(parsing: folder.bytes("runs/t/access.json"))
    for (place, member) in mixed.enumerated() where member.name.hasPrefix("worker_") {
      mixed[place].value = try #require(foreign[member.name])
    }
    try folder.write("mixed.json", "\(JSONValue.object(mixed))")
    try FileSystem.setPermissions(folder.path + "/mixed.json", 0o600)
    let result = try Command.run("worker", "--access", "mixed.json", "--wait", "60s", in: folder)
    #expect(result.exit == .exited(code: 5), "\(result.messages)")
    #expect(result.messages.contains("the key was refused"))
    for command in [server, other] {
      command.process.send(SIGKILL)
      _ = try command.finish()
    }
  }
}
