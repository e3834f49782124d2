import Host
import Runtime
import Scheduling
import Shards
import Solvers
import SweepModel
import TestSupport
import Testing

/// A real solver child, spoken to as its worker does.
private final class Child {
  let handle: ChildHandle
  private let scanner: RowScanner
  private var runs: [RowRun] = []
  private(set) var rows: [UnitRun] = []
  private(set) var returned: [UnitRun] = []
  private(set) var reasons: [String] = []
  private(set) var malformedFrames = 0
  private(set) var isReady = false

  struct Late: Error {}

  init(_ parameters: [String: Value], units: Int64) throws {
    let interface = try #require(Registry.interfaces.first { $0.name == "null" })
    let sweep = Sweep(
      name: "child", solver: "null",
      scalars: parameters.sorted { $0.key < $1.key }.map { Scalar(name: $0.key, value: $0.value) },
      levels: [ReplicateLevel(name: "replicate", count: units)])
    let grid = try Grid(sweep: sweep, solver: interface)
    scanner = RowScanner(layout: grid.layout, unitCount: units)
    let program = FileSystem.parentDirectory(try Machine.programPath()) + "/spinodal"
    handle = try ChildHandle(
      program: program, description: RunDescription(segments: grid.segments).encoded(), slot: 0)
  }

  /// Reads until the condition holds; gives up after half a minute.
  func read(until condition: () -> Bool) throws {
    let deadline = BootClock.now() + 30_000_000_000
    while !condition() {
      guard BootClock.now() < deadline else { throw Late() }
      if !handle.fill() { BootClock.sleep(milliseconds: 2) }
      while case .frame(let kind, let payload) = handle.nextFrame() {
        handle.withPayload(payload) { take(kind, $0) }
      }
    }
  }

  private func take(_ kind: UInt32, _ payload: UnsafeRawBufferPointer) {
    switch ChildFrame.Answer(rawValue: kind) {
    case .ready: isReady = true
    case .rows:
      if scanner.scan(payload, into: &runs) == nil {
        rows += runs.map(\.units)
      } else {
        malformedFrames += 1
      }
    case .reason: reasons.append(String(decoding: payload.dropFirst(8), as: UTF8.self))
    case .returned: returned += ChildFrame.decodeRuns(payload) ?? []
    case .refusal, nil: break
    }
  }

  func assign(_ first: Int64, _ count: Int64) {
    handle.assign(UnitRuns(UnitRun(first: first, count: count)), attempt: 0, worker: 1)
  }

  func end() throws -> ChildExit {
    var exit: ChildExit?
    try read {
      exit = handle.process.reap()
      return exit != nil
    }
    return try #require(exit)
  }
}

@Suite("A solver child as a process")
struct SolverChildTests {
  @Test("it says ready, then computes what it is given, in order and whole")
  func computes() throws {
    let child = try Child([:], units: 100_000)
    try child.read { child.isReady }
    child.assign(10, 5000)
    child.assign(60_000, 40_000)
    try child.read { child.rows.reduce(0) { $0 + $1.count } == 45_000 }
    #expect(
      UnitRuns(child.rows).runs == [
        UnitRun(first: 10, count: 5000), UnitRun(first: 60_000, count: 40_000),
      ])
    #expect(child.malformedFrames == 0)
  }

  @Test("it inherits its streams, its two pipes and the shared page, and nothing else")
  func descriptors() throws {
    let child = try Child([:], units: 10)
    try child.read { child.isReady }
    let open = try FileSystem.list("/proc/\(child.handle.process.processID)/fd")
    #expect(open.sorted() == ["0", "1", "2", "3", "4", "5"])
  }

  @Test("a crash leaves the unit on the page and the rows before it in the pipe or undone")
  func crash() throws {
    let child = try Child(["crash_unit": .integer(17)], units: 100)
    child.assign(0, 100)
    #expect(try child.end() == .killed(signal: 11))
    #expect(child.handle.page.read().unit == 17)
    #expect(child.rows.allSatisfy { $0.end <= 17 })
    #expect(child.malformedFrames == 0)
  }

  @Test("an exit with code 0 leaves the unit on the page")
  func exit() throws {
    let child = try Child(["exit_unit": .integer(3)], units: 10)
    child.assign(0, 10)
    #expect(try child.end() == .exited(code: 0))
    #expect(child.handle.page.read().unit == 3)
  }

  @Test("units that have not started come back when they are called back, each exactly once")
  func recall() throws {
    let child = try Child(["sleep_milliseconds": .real(5)], units: 200)
    child.assign(0, 100)
    child.assign(100, 100)
    try child.read { !child.rows.isEmpty }
    child.handle.recall()
    try child.read {
      (child.rows + child.returned).reduce(0) { $0 + $1.count } == 200
    }
    #expect(child.returned.reduce(0) { $0 + $1.count } > 100)
    #expect(UnitRuns(child.rows + child.returned).runs == [UnitRun(first: 0, count: 200)])
    // What is given after the recall is computed.
    child.assign(7, 1)
    let before = child.rows.count
    try child.read { child.rows.count > before }
  }

  @Test("a failing unit gives its row and the reason before it")
  func failure() throws {
    let child = try Child(["error_unit": .integer(2)], units: 5)
    child.assign(0, 5)
    try child.read { child.rows.reduce(0) { $0 + $1.count } == 5 }
    #expect(child.reasons == ["unit 2 was told to fail"])
  }

  @Test("a malformed row is seen as one")
  func malformed() throws {
    let child = try Child(["malformed_unit": .integer(2)], units: 5)
    child.assign(0, 5)
    try child.read { child.malformedFrames > 0 }
  }

  @Test("rows of quick units do not wait for a slow one")
  func slow() throws {
    let child = try Child(["hang_unit": .integer(3), "sleep_milliseconds": .real(3)], units: 10)
    child.assign(0, 10)
    try child.read { child.rows.reduce(0) { $0 + $1.count } == 3 }
    #expect(child.handle.page.read().unit == 3)
  }
}
