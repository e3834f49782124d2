import ArgumentParser
import Host
import RunFolder
import Runtime
import Scheduling
import Solvers
import SweepFile
import SweepModel
import Transport

/// Units that do nothing, through coordinator, worker, children and disk: what the machinery costs.
struct Dispatch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Durable no-op units a second and the coordinator's CPU time for each.")

  @Option(help: "Units a run.")
  var units: Int64 = 1_000_000

  @Option(help: "Runs of each transport.")
  var repeats = 1

  @Option(help: "Slots of the worker.")
  var slots: UInt16 = 2

  @Option(help: "A folder for the runs, which are removed; not on tmpfs.")
  var folder = "runs"

  @Option(help: "The spinodal program; by default the one beside this.")
  var program: String?

  @Flag(help: "Only our own figures.")
  var withoutPeers = false

  @Flag(help: "One JSON object, one key a figure.")
  var json = false

  private enum Wiring: String, CaseIterable {
    case ipc
    case curve
  }

  func run() throws {
    let program = try program ?? Self.neighbour("spinodal")
    try FileSystem.makeDirectories(folder)
    var rates: [Wiring: Samples] = [:]
    var costs: [Wiring: Samples] = [:]
    var peers: [(name: String, samples: Samples)] = []
    let rowByteCount = try grid().layout.byteCount
    for _ in 0..<repeats {
      // In turn, so that a drift of the machine's speed touches all alike.
      for wiring in Wiring.allCases {
        let (rate, cost) = try measure(wiring, program: program)
        rates[wiring, default: Samples()].add(rate)
        costs[wiring, default: Samples()].add(cost)
      }
      if !withoutPeers { try measurePeers(rowByteCount: rowByteCount, into: &peers) }
    }
    var figures = Figures()
    figures.note("processor", .string(EpochRecord.processorName()))
    figures.note("units", .integer(units))
    let all = Wiring.allCases
    figures.add("units_per_second", all.compactMap { rates[$0]?.median }.min() ?? .nan)
    figures.add(
      "coordinator_microseconds_per_unit", all.compactMap { costs[$0]?.median }.max() ?? .nan)
    for wiring in all {
      figures.add("\(wiring.rawValue)_units_per_second", rates[wiring] ?? Samples())
      figures.add(
        "\(wiring.rawValue)_coordinator_microseconds_per_unit", costs[wiring] ?? Samples())
    }
    let append = try appendLimit(rowByteCount: rowByteCount)
    figures.add("machine_append_rows_per_second", append)
    figures.add(
      "fraction_of_append_limit", (all.compactMap { rates[$0]?.median }.min() ?? .nan) / append)
    for (name, samples) in peers { figures.add(name, samples) }
    figures.print(asJSON: json)
  }

  /// The peers, once: none of them keeps anything on disk. The slow ones get fewer units.
  private func measurePeers(
    rowByteCount: Int, into all: inout [(name: String, samples: Samples)]
  ) throws {
    let path = try FileSystem.makeTemporaryDirectory(in: folder, prefix: "peers-")
    defer { try? FileSystem.removeTree(path) }
    let peers = Peers(folder: path)
    func add(_ name: String, _ value: Double) {
      if let place = all.firstIndex(where: { $0.name == name }) {
        all[place].samples.add(value)
      } else {
        all.append((name, Samples([value])))
      }
    }
    for isSecured in [false, true] {
      let figures = try peers.rawZeroMQ(
        units: units, rowByteCount: rowByteCount, isSecured: isSecured)
      let name = isSecured ? "peer_zmq_curve" : "peer_zmq_plain"
      add("\(name)_units_per_second", figures.unitsPerSecond)
      add("\(name)_coordinator_microseconds_per_unit", figures.coordinatorMicrosecondsPerUnit)
    }
    for (chunk, limit) in [(1, 50_000), (256, 2_000_000)] as [(Int, Int64)] {
      let figures = try peers.pool(units: min(units, limit), chunk: chunk)
      add("peer_pool_chunk_\(chunk)_units_per_second", figures.unitsPerSecond)
    }
  }

  private var sweepText: String {
    "name: dispatch\nsolver: null\nparameters: {}\nreplicates: \(units)\n"
  }

  private func grid() throws -> Grid {
    try SweepFile.read(text: sweepText, path: "dispatch.yaml", solvers: Registry.interfaces).grid
  }

  /// One run, checked by `verify`.
  private func measure(
    _ wiring: Wiring, program: String
  ) throws -> (unitsPerSecond: Double, microseconds: Double) {
    let path = try FileSystem.makeTemporaryDirectory(in: folder, prefix: "dispatch-")
    defer { try? FileSystem.removeTree(path) }
    let grid = try grid()
    let folder = RunFolder(path)
    _ = try folder.create(
      RunSchema(
        runHigh: Machine.randomWord(), runLow: Machine.randomWord(), name: "dispatch",
        solver: grid.solver.name, solverVersion: grid.solver.version,
        fingerprint: grid.segments[0].fingerprint.bytes, layout: grid.layout, provenance: []),
      sweep: Array(sweepText.utf8))
    let workers = WorkerStarter(program: program, slots: slots)
    let observer = CoordinatorObserver(
      notice: { _ in }, remark: { try? StandardStream.error.write("spinodal-bench: \($0)\n") },
      ready: { address in
        if let accessFile = address.accessFile { workers.start(accessFile: accessFile) }
      }, progress: { _ in })
    let before = ProcessorClock.seconds()
    let report = try CoordinatorProcess.run(
      CoordinatorConfiguration(
        folder: path, grid: grid, settings: RunSettings(), policy: Policy(), build: "bench",
        program: program, takeOver: false,
        listen: wiring == .curve ? .tcp(host: "127.0.0.1", port: 0) : nil,
        ownSlots: wiring == .ipc ? slots : 0, observer: observer))
    let seconds = ProcessorClock.seconds() - before
    workers.finish()
    guard case .outcome(.complete(failedUnits: 0), _) = report.end else {
      throw ValidationError("the run ended with \(report.end)")
    }
    try verify(path, program: program)
    return (Double(units) / report.dispatchSeconds, seconds * 1e6 / Double(units))
  }

  private func verify(_ path: String, program: String) throws {
    var specification = ChildSpecification(executable: program, arguments: ["verify", path])
    let null = try FileSystem.open("/dev/null", .readWrite)
    specification.descriptors = [(null.raw, 1)]
    guard try ChildProcess(specification).wait() == .exited(code: 0) else {
      throw ValidationError("verify found the run of this measurement not clean")
    }
  }

  /// The machine's own limit: the same bytes appended in large pieces, each synced.
  private func appendLimit(rowByteCount: Int) throws -> Double {
    let path = folder + "/append-\(Machine.processID)"
    defer { try? FileSystem.remove(path) }
    let piece = [UInt8](repeating: 0x5A, count: rowByteCount << 15)
    let pieces = max(1, Int(units >> 15))
    var samples = Samples()
    for _ in 0..<max(1, repeats) {
      let file = try FileSystem.open(path, .replace)
      let start = BootClock.now()
      for _ in 0..<pieces {
        try file.writeAll(piece)
        try file.synchroniseData()
      }
      samples.add(Double(pieces << 15) / (Double(BootClock.now() - start) / 1e9))
    }
    return samples.median
  }

  static func neighbour(_ name: String) throws -> String {
    FileSystem.parentDirectory(try Machine.programPath()) + "/" + name
  }
}

/// Starts the worker of a run over TCP once its access file stands.
private final class WorkerStarter: @unchecked Sendable {
  private let program: String
  private let slots: UInt16
  /// Touched by the thread that runs the coordinator's loop only.
  private var process: ChildProcess?

  init(program: String, slots: UInt16) {
    self.program = program
    self.slots = slots
  }

  func start(accessFile: String) {
    var specification = ChildSpecification(
      executable: program,
      arguments: ["worker", "--access", accessFile, "--slots", "\(slots)"])
    specification.standardError = .null
    process = try? ChildProcess(specification)
  }

  func finish() {
    let deadline = BootClock.now() + 5_000_000_000
    while let process, process.reap() == nil, BootClock.now() < deadline {
      BootClock.sleep(milliseconds: 5)
    }
    process = nil
  }
}
