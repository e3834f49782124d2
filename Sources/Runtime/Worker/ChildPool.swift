import Glibc
import Host
import Scheduling
import Shards
import Solvers
import SweepModel
import Transport

/// The solver children of a worker, by slot: started, fed, read, timed, reaped. What happens to them is
/// collected as events, in order, for the event loop to handle.
final class ChildPool {
  private(set) var events: [WorkerEvent] = []
  private let program: String
  private var children: [ChildHandle?]
  private var places:
    [(slot: Int, answers: Poller.Place, orders: Poller.Place?, error: Poller.Place?)]
  private var description: [UInt8] = []
  private var codec: RowCodec?
  private var grid: Grid?
  private var scanner: RowScanner?
  private var runs: [RowRun] = []
  private var limits = UnitLimits()
  private let memory = ControlGroup.current
  private var seenMemoryKills: Int64 = 0

  static let timingIntervalMilliseconds: Int64 = 100

  init(program: String, slots: Int) {
    self.program = program
    children = Array(repeating: nil, count: slots)
    places = []
    seenMemoryKills = memory?.outOfMemoryKillCount() ?? 0
  }

  var rowByteCount: Int { grid?.layout.byteCount ?? 0 }

  /// Whether running units must be looked at now and then.
  var needsTiming: Bool { limits.timeMilliseconds != nil || limits.stallMilliseconds != nil }

  func prepare(description bytes: [UInt8]) throws -> SolvableRun {
    let description = try RunDescription(decoding: bytes)
    let run = try SolvableRun(description)
    let grid = run.grid
    self.grid = grid
    codec = RowCodec(layout: grid.layout)
    scanner = RowScanner(layout: grid.layout, unitCount: grid.unitCount)
    limits = description.settings.limits
    self.description = bytes
    return run
  }

  /// - Returns: the event of its end if it cannot even be started.
  func start(_ slot: Int) -> WorkerEvent? {
    do throws(SystemError) {
      children[slot] = try ChildHandle(program: program, description: description, slot: slot)
      return nil
    } catch {
      return .childEnded(
        slot: slot, unit: nil, ChildEnd(cause: .exited(code: 1)), detail: "\(error)")
    }
  }

  func assign(_ units: UnitRuns, attempt: Int16, worker: WorkerNumber, to slot: Int) {
    children[slot]?.assign(units, attempt: attempt, worker: worker)
  }

  func kill(_ slot: Int) { children[slot]?.process.send(SIGKILL) }

  func recall(_ slot: Int) { children[slot]?.recall() }

  func killAll() {
    for slot in children.indices { children[slot]?.process.send(SIGKILL) }
    for slot in children.indices { children[slot] = nil }
  }

  func failedRow(
    _ unit: UnitIndex, attempt: Int16, worker: WorkerNumber, status: RowStatus
  ) -> ([UInt8], [RowRun])? {
    guard let grid, let codec else { return nil }
    let row = FailedRow.make(
      unit, of: grid, codec, status: status, attempt: attempt, worker: worker)
    return (
      row, [RowRun(units: UnitRun(first: unit, count: 1), firstRow: 0, isFinal: status.isFinal)]
    )
  }

  func add(to poller: inout Poller) {
    places.removeAll(keepingCapacity: true)
    for (slot, child) in children.enumerated() {
      guard let child else { continue }
      // At its end a pipe is readable for ever; the child's exit is what is waited for then.
      if !child.isAtEnd {
        let tail = child.process.errorTail
        places.append(
          (
            slot, poller.add(descriptor: child.answers.raw),
            child.isWaitingToSend
              ? poller.add(descriptor: child.ordersDescriptor, for: .writing) : nil,
            tail.flatMap {
              $0.ended ? nil : poller.add(descriptor: $0.descriptor.raw)
            }
          ))
      }
    }
  }

  func serve(_ poller: borrowing Poller) {
    for place in places {
      guard let child = children[place.slot] else { continue }
      if let orders = place.orders, poller.isReady(orders) { child.flush() }
      if let error = place.error, poller.isReady(error) { child.process.errorTail?.drain() }
      if poller.isReady(place.answers) { read(place.slot, child) }
    }
    if needsTiming { time() }
    for slot in children.indices where children[slot]?.isAtEnd == true {
      reap(slot)
    }
  }

  /// Some children may have ended.
  func reap() {
    for slot in children.indices where children[slot] != nil { reap(slot) }
  }

  private func reap(_ slot: Int) {
    guard let child = children[slot], let exit = child.process.reap() else { return }
    // Everything it wrote before its end counts.
    while child.fill() { readFrames(slot, child) }
    readFrames(slot, child)
    child.process.errorTail?.drain()
    let cause: ChildEnd.Cause =
      child.killedFor
      ?? {
        switch exit {
        case .exited(let code): .exited(code: code)
        case .killed(let signal): .killed(signal: signal)
        }
      }()
    let memoryKills = memory?.outOfMemoryKillCount() ?? 0
    let end = ChildEnd(cause: cause, outOfMemoryKillSeen: memoryKills > seenMemoryKills)
    seenMemoryKills = memoryKills
    children[slot] = nil
    events.append(
      .childEnded(
        slot: slot, unit: child.page.read().unit, end,
        detail: child.process.errorTail?.text ?? ""))
  }

  private func read(
    _ slot: Int, _ child: ChildHandle
  ) {
    // A bound, so that one fast child cannot starve the others.
    for _ in 0..<8 {
      guard child.fill() else { break }
      readFrames(slot, child)
    }
  }

  private func readFrames(_ slot: Int, _ child: ChildHandle) {
    while !child.isBroken {
      switch child.nextFrame() {
      case .incomplete: return
      case .broken:
        child.isBroken = true
        events.append(
          .childMalformed(slot: slot, unit: nil, reason: "its frames make no sense"))
        return
      case .frame(let kind, let payload):
        child.withPayload(payload) { take(kind, $0, from: slot, child) }
      }
    }
  }

  private func take(
    _ kind: UInt32, _ payload: UnsafeRawBufferPointer, from slot: Int, _ child: ChildHandle
  ) {
    switch ChildFrame.Answer(rawValue: kind) {
    case .ready: events.append(.childReady(slot: slot))
    case .rows: take(rows: payload, from: slot, child)
    case .reason:
      guard payload.count >= 8 else { break }
      child.reasons.append(
        RowReason(
          unit: ChildFrame.load(UnitIndex.self, payload, at: 0),
          text: String(decoding: payload[8...], as: UTF8.self)))
    case .returned:
      guard let runs = ChildFrame.decodeRuns(payload) else { break }
      events.append(.childReturned(slot: slot, UnitRuns(runs)))
    // It ends after this, and says the same on stderr.
    case .refusal: break
    case nil:
      child.isBroken = true
      events.append(
        .childMalformed(slot: slot, unit: nil, reason: "it sent a frame of unknown kind \(kind)"))
    }
  }

  private func take(
    rows: UnsafeRawBufferPointer, from slot: Int, _ child: ChildHandle
  ) {
    guard let scanner else { return }
    let good = scanner.scanPrefix(rows, into: &runs)
    let byteCount = good * scanner.rowByteCount
    if good > 0 {
      events.append(
        .childRows(
          slot: slot, bytes: [UInt8](rows[..<byteCount]), runs: runs, reasons: child.reasons))
    }
    child.reasons.removeAll()
    if byteCount < rows.count {
      // The machine blames the unit that was asked for next; nothing after this row is believed.
      child.isBroken = true
      events.append(
        .childMalformed(
          slot: slot, unit: nil, reason: "wrote a row whose length, checksum or unit is wrong"))
    }
  }

  func takeEvents() -> [WorkerEvent] {
    defer { events.removeAll(keepingCapacity: true) }
    return events
  }

  /// Kills children whose unit runs beyond its limits.
  private func time() {
    let now = BootClock.now()
    for child in children {
      guard let child, child.killedFor == nil else { continue }
      let reading = child.page.read()
      guard reading.unit != nil else { continue }
      if let limit = limits.timeMilliseconds, now - reading.start > limit * 1_000_000 {
        child.killedFor = .timeLimit
      } else if let limit = limits.stallMilliseconds,
        now - max(reading.start, reading.progress) > limit * 1_000_000
      {
        child.killedFor = .stalled
      }
      if child.killedFor != nil { child.process.send(SIGKILL) }
    }
  }
}
