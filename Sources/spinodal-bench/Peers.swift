import Host
import SweepModel

/// What we measure beside: other ways to hand out units that do nothing. They keep nothing on disk.
struct Peers {
  /// One measurement of a peer.
  struct Figures: Hashable {
    var unitsPerSecond: Double
    /// Processor time of the process that hands out the units, all threads.
    var coordinatorMicrosecondsPerUnit: Double
    /// Processor time of all its workers together.
    var workerMicrosecondsPerUnit: Double
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// The sources lie beside this file: peers are for who has the repository.
  private static let sources = "\(#filePath)".dropLast(".swift".count)
  private static let patienceMilliseconds: Int64 = 600_000
  private static let outputByteCount = 64 << 10

  /// Where what is compiled goes; the caller makes and removes it.
  let folder: String

  /// libzmq alone, in C: one ROUTER and two DEALER processes over loopback TCP.
  /// - Parameters:
  ///   - window: units that each of the workers has outstanding.
  ///   - batch: units in one message.
  ///   - unitByteCount: bytes sent out for each unit, from 8.
  ///   - rowByteCount: bytes that come back for each unit, from 8.
  func rawZeroMQ(
    units: Int64, window: Int = 256, batch: Int = 64, unitByteCount: Int = 8, rowByteCount: Int,
    isSecured: Bool
  ) throws -> Figures {
    let program = "\(folder)/zmq_peer"
    if !FileSystem.exists(program) {
      // pkg-config knows of a libzmq that lies elsewhere.
      _ = try run(
        "sh",
        [
          "-c",
          "exec cc -O2 -o \"$1\" \"$2\" $(pkg-config --cflags --libs libzmq 2>/dev/null || echo -lzmq)",
          "sh", program, "\(Self.sources)/zmq_peer.c",
        ])
    }
    return try figures(
      program,
      [
        "\(units)", "\(window)", "\(batch)", "\(unitByteCount)", "\(rowByteCount)",
        isSecured ? "curve" : "plain",
      ], units: units)
  }

  /// Python's `multiprocessing.Pool.imap_unordered`.
  func pool(units: Int64, chunk: Int, processes: Int = 2) throws -> Figures {
    try figures(
      "python3", ["\(Self.sources)/pool_peer.py", "\(units)", "\(chunk)", "\(processes)"],
      units: units)
  }

  private func figures(_ name: String, _ arguments: [String], units: Int64) throws -> Figures {
    let answer = try JSONValue(parsing: try run(name, arguments))
    guard answer["units"]?.integer == units, let rate = answer["units_per_second"]?.real,
      let coordinator = answer["coordinator_microseconds_per_unit"]?.real,
      let worker = answer["worker_microseconds_per_unit"]?.real
    else { throw Failure(description: "\(name) answered \(answer)") }
    return Figures(
      unitsPerSecond: rate, coordinatorMicrosecondsPerUnit: coordinator,
      workerMicrosecondsPerUnit: worker)
  }

  /// Runs a program and gives what it wrote to its standard output.
  private func run(_ name: String, _ arguments: [String]) throws -> [UInt8] {
    guard let program = FileSystem.findProgram(name) else {
      throw Failure(description: "\(name) is not installed")
    }
    let pipe = try Pipe()
    var specification = ChildSpecification(executable: program, arguments: arguments)
    specification.descriptors = [(pipe.writeEnd.raw, 1)]
    specification.ownGroup = true
    let child = try ChildProcess(specification)
    let reader = pipe.readEnd
    // Else the output never ends.
    try pipe.writeEnd.close()
    try reader.setNonblocking(true)
    let deadline = BootClock.now() + Self.patienceMilliseconds * 1_000_000
    var output: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4096)
    reading: while true {
      let transfer = try part.withUnsafeMutableBytes { try reader.tryRead(into: $0) }
      switch transfer {
      case .bytes(let count): output += part[..<count]
      case .ended: break reading
      case .wouldBlock: BootClock.sleep(milliseconds: 5)
      }
      // Letting go of the child kills it.
      guard BootClock.now() < deadline, output.count < Self.outputByteCount else {
        throw Failure(description: "\(name) did not end")
      }
    }
    let end = child.wait()
    guard end == .exited(code: 0) else { throw Failure(description: "\(name): \(end)") }
    return output
  }
}
