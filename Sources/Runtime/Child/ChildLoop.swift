import Host
import SweepModel

/// The loop of a solver child: batches in, rows out, and the unit in progress on the shared page.
struct ChildLoop: ~Copyable {
  private let orders: Descriptor
  private let answers: Descriptor
  private let page: ProgressPage
  private var reader = FrameReader()
  private var solver: UnitComputer
  private let trace: UnitTrace?

  /// Rows that are not written yet, and the frames of reasons that go before them.
  private var rows: [UInt8] = []
  private var reasons: [UInt8] = []
  private var lastFlush: Int64 = 0

  private static let rowsByteCount = 1 << 16
  private static let flushIntervalNanoseconds: Int64 = 2_000_000

  private init(
    orders: consuming Descriptor, answers: consuming Descriptor, page: ProgressPage,
    reader: FrameReader, solver: UnitComputer, trace: consuming UnitTrace?
  ) {
    self.orders = orders
    self.answers = answers
    self.page = page
    self.reader = reader
    self.solver = solver
    self.trace = trace
    rows.reserveCapacity(Self.rowsByteCount + solver.rowByteCount)
  }

  /// Waits for the run description, says `ready`, and computes until the orders end.
  static func run(
    orders: consuming Descriptor, answers: consuming Descriptor, page: ProgressPage
  ) throws {
    var reader = FrameReader()
    let trace = try UnitTrace(folder: Environment[UnitTrace.variable])
    guard let description = try awaitDescription(from: orders, with: &reader) else {
      throw ChildFailure("the worker closed the pipe before it said what to solve")
    }
    let solver: UnitComputer
    do {
      solver = try UnitComputer(description: description)
    } catch {
      let reason = Array("\(error)".utf8)
      var refusal: [UInt8] = []
      ChildFrame.header(ChildFrame.Answer.refusal.rawValue, reason.count, into: &refusal)
      try answers.writeAll(refusal + reason)
      throw error
    }
    var ready: [UInt8] = []
    ChildFrame.header(ChildFrame.Answer.ready.rawValue, 4, into: &ready)
    ChildFrame.append(UInt32(solver.rowByteCount), to: &ready)
    try answers.writeAll(ready)
    var loop = ChildLoop(
      orders: orders, answers: answers, page: page, reader: reader, solver: solver, trace: trace)
    try loop.run()
  }

  private static func awaitDescription(
    from orders: borrowing Descriptor, with reader: inout FrameReader
  ) throws -> [UInt8]? {
    while true {
      switch reader.next() {
      case .frame(ChildFrame.Order.description.rawValue, let payload):
        return reader.withPayload(payload) { [UInt8]($0) }
      case .frame(let kind, _): throw ChildFailure("frame \(kind) before the run description")
      case .broken: throw ChildFailure("the worker's frames make no sense")
      case .incomplete: if try reader.fill(from: orders) == .ended { return nil }
      }
    }
  }

  private mutating func run() throws {
    while true {
      switch reader.next() {
      case .frame(ChildFrame.Order.batch.rawValue, let payload):
        guard let batch = reader.withPayload(payload, { ChildFrame.decodeBatch($0) }) else {
          throw ChildFailure("the worker's batch makes no sense")
        }
        try compute(batch)
      case .frame(let kind, _): throw ChildFailure("frame \(kind) is not known")
      case .broken: throw ChildFailure("the worker's frames make no sense")
      case .incomplete:
        page.clear()
        if try reader.fill(from: orders) == .ended { return }
      }
    }
  }

  private mutating func compute(_ batch: ChildFrame.Batch) throws {
    var start = BootClock.now()
    for (place, run) in batch.runs.enumerated() {
      for unit in run.first..<run.end {
        if page.recalls != batch.recalls {
          try flush()
          try giveBack(
            [UnitRun(first: unit, count: run.end - unit)] + batch.runs[(place + 1)...])
          return
        }
        page.begin(unit: unit, at: start)
        trace?.begin(unit)
        start = try compute(unit, batch, since: start)
      }
    }
    try flush()
  }

  /// - Returns: when the unit ended.
  private mutating func compute(
    _ unit: UnitIndex, _ batch: ChildFrame.Batch, since start: Int64
  ) throws -> Int64 {
    solver.start(unit)
    while !solver.advance() {
      page.report(at: BootClock.now())
      // Rows of earlier units must not wait for this one.
      try flush()
    }
    let end = BootClock.now()
    let reason = solver.finish(
      attempt: batch.attempt, worker: batch.worker, wallSeconds: Double(end - start) / 1e9)
    if let reason { append(reason: reason, of: unit) }
    rows.append(contentsOf: solver.row)
    // A slow unit's row goes at once; quick ones share a write.
    if rows.count >= Self.rowsByteCount || end - lastFlush >= Self.flushIntervalNanoseconds {
      try flush()
      lastFlush = end
    }
    return end
  }

  private mutating func append(reason: String, of unit: UnitIndex) {
    let text = reason.utf8.prefix(ChildFrame.reasonByteCount)
    ChildFrame.header(ChildFrame.Answer.reason.rawValue, 8 + text.count, into: &reasons)
    ChildFrame.append(unit, to: &reasons)
    reasons += text
  }

  private mutating func flush() throws {
    if !reasons.isEmpty {
      try answers.writeAll(reasons)
      reasons.removeAll(keepingCapacity: true)
    }
    guard !rows.isEmpty else { return }
    var header: [UInt8] = []
    ChildFrame.header(ChildFrame.Answer.rows.rawValue, rows.count, into: &header)
    let outcome = header.withUnsafeBytes { header in
      rows.withUnsafeBytes { answers.writev([header, $0]) }
    }
    if let failure = outcome.failure { throw failure }
    rows.removeAll(keepingCapacity: true)
  }

  private func giveBack(_ runs: [UnitRun]) throws {
    var bytes: [UInt8] = []
    ChildFrame.header(ChildFrame.Answer.returned.rawValue, 16 * runs.count, into: &bytes)
    ChildFrame.append(runs, to: &bytes)
    try answers.writeAll(bytes)
  }
}

/// Writes the number of every unit that starts to a file of this process's own, at once: what tests
/// hold promises about repeated work against. Off unless a folder is named.
struct UnitTrace: ~Copyable {
  static let variable = "SPINODAL_TRACE"

  private let file: Descriptor

  init?(folder: String?) throws(SystemError) {
    guard let folder, !folder.isEmpty else { return nil }
    file = try FileSystem.open("\(folder)/units-\(Machine.processID)", .append)
  }

  func begin(_ unit: UnitIndex) {
    // A line is one write: a kill leaves whole lines.
    try? file.writeAll(Array("\(unit)\n".utf8))
  }
}
