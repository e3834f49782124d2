import Scheduling
import Shards
import SweepModel

// Solver processes and the worker's side of their pipes.
extension World {
  mutating func withChild(
    _ worker: Int, _ slot: Int, _ generation: Int, _ body: (inout World) -> Void
  ) {
    guard let child = workers[worker].children[slot], child.generation == generation else { return }
    body(&self)
  }

  mutating func change(_ worker: Int, _ slot: Int, _ body: (inout Child) -> Void) {
    guard var child = workers[worker].children[slot] else { return }
    workers[worker].children[slot] = nil
    body(&child)
    workers[worker].children[slot] = child
  }

  mutating func startChild(_ worker: Int, _ slot: Int) {
    if workers[worker].children[slot] != nil {
      return fail(.protocolBroken, "a slot gets a second child")
    }
    let generation = workers[worker].nextGeneration
    workers[worker].nextGeneration += 1
    workers[worker].children[slot] = Child(generation: generation, at: now)
    agenda.add(
      .childStarts(worker: worker, slot: slot, generation: generation),
      at: now + random.duration(.milliseconds(1)...(.milliseconds(80))))
  }

  mutating func childStarts(_ worker: Int, _ slot: Int) {
    guard workers[worker].children[slot]?.isDead == false else { return }
    if workers[worker].failsNextStart {
      workers[worker].failsNextStart = false
      return childDies(worker, slot, .exited(code: 127))
    }
    change(worker, slot) { $0.isReady = true }
    write(worker, slot, .ready)
    plan(worker, slot, after: TickDuration(nanoseconds: 1000))
  }

  mutating func command(_ worker: Int, _ slot: Int, _ command: Child.Command) {
    guard workers[worker].children[slot] != nil else {
      return fail(.protocolBroken, "a command for a child that is gone")
    }
    change(worker, slot) { child in
      if case .units(_, let units) = command {
        for run in units.runs {
          for unit in run.first..<run.end { child.expected.append(unit) }
        }
      }
      child.commands.append(command)
    }
    guard let child = workers[worker].children[slot], !child.isDead else { return }
    if child.current == nil {
      plan(worker, slot, after: TickDuration(nanoseconds: 2000))
    } else if case .recall = command, options.answersRecallAtOnce {
      readCommands(worker, slot)
    }
  }

  private mutating func plan(_ worker: Int, _ slot: Int, after delay: TickDuration) {
    guard let child = workers[worker].children[slot] else { return }
    agenda.add(
      .childSteps(
        worker: worker, slot: slot, generation: child.generation, step: child.step),
      at: now + delay)
  }

  /// Puts something into the child's output pipe.
  private mutating func write(_ worker: Int, _ slot: Int, _ output: Child.Output) {
    let delay = random.duration(TickDuration(nanoseconds: 5000)...(.milliseconds(1)))
    let soonest = now + delay
    var arrival = soonest
    change(worker, slot) { child in
      arrival = max(child.outputTime, soonest)
      child.outputTime = arrival
      child.output.append(output)
    }
    guard let child = workers[worker].children[slot] else { return }
    agenda.add(
      .arriveFromChild(worker: worker, slot: slot, generation: child.generation), at: arrival)
  }

  private mutating func flush(_ worker: Int, _ slot: Int) {
    guard let child = workers[worker].children[slot], !child.gathered.isEmpty else { return }
    change(worker, slot) {
      $0.gathered = []
      $0.gatheredCount = 0
    }
    write(worker, slot, .rows(child.gathered))
  }

  /// The child is through with its unit, or has none: it looks for the next.
  mutating func childSteps(_ worker: Int, _ slot: Int, _ step: Int) {
    guard let child = workers[worker].children[slot], !child.isDead, child.isReady,
      child.step == step
    else { return }
    change(worker, slot) { $0.step += 1 }
    if let current = child.current {
      guard compute(worker, slot, current.unit, current.attempt) else { return }
    }
    readCommands(worker, slot)
    beginNext(worker, slot)
  }

  private mutating func readCommands(_ worker: Int, _ slot: Int) {
    while let child = workers[worker].children[slot], !child.isDead, !child.commands.isEmpty {
      var taken: Child.Command?
      change(worker, slot) { taken = $0.commands.takeFirst() }
      switch taken {
      case .units(let attempt, let units):
        change(worker, slot) { child in
          for run in units.runs {
            for unit in run.first..<run.end { child.work.append((attempt, unit)) }
          }
        }
      case .recall:
        flush(worker, slot)
        let dropped = child.work.all.map(\.unit)
        change(worker, slot) { $0.work.keepFirst(0) }
        if !dropped.isEmpty { write(worker, slot, .returned(dropped)) }
      case nil: return
      }
    }
  }

  private mutating func beginNext(_ worker: Int, _ slot: Int) {
    var next: (attempt: Int16, unit: UnitIndex)?
    let beginning = now
    change(worker, slot) { child in
      guard !child.isDead else { return }
      next = child.work.takeFirst()
      child.current = next
      child.began = beginning
    }
    guard let next, let child = workers[worker].children[slot] else {
      return flush(worker, slot)
    }
    let time = solver.duration(of: next.unit) * child.slowness
    change(worker, slot) { $0.slowness = 1 }
    if time > options.timeLimit || solver.nature(of: next.unit) == .hanging {
      hang(worker, slot)
    } else {
      plan(worker, slot, after: time)
    }
  }

  /// The unit in progress will not end by itself: the worker's limit does.
  mutating func hang(_ worker: Int, _ slot: Int) {
    change(worker, slot) { $0.step += 1 }
    guard let child = workers[worker].children[slot] else { return }
    agenda.add(
      .childOverLimit(
        worker: worker, slot: slot, generation: child.generation, step: child.step),
      at: max(now, child.began + options.timeLimit))
  }

  mutating func childOverLimit(_ worker: Int, _ slot: Int, _ step: Int) {
    guard let child = workers[worker].children[slot], child.step == step else { return }
    childDies(worker, slot, random.chance(1, in: 2) ? .timeLimit : .stalled)
  }

  /// Ends the unit in progress as its nature wants.
  /// - Returns: false if the child ended with it.
  private mutating func compute(
    _ worker: Int, _ slot: Int, _ unit: UnitIndex, _ attempt: Int16
  ) -> Bool {
    guard let child = workers[worker].children[slot] else { return false }
    let nature = solver.nature(of: unit)
    if case .crashing(let cause) = nature {
      childDies(worker, slot, cause)
      return false
    }
    let row = solver.row(
      of: unit, attempt: attempt, worker: workers[worker].machine.number,
      wallSeconds: (now - child.began).seconds)
    let isSpoiled = nature == .malformed || child.spoilsNextRow
    if isSpoiled { units.spoiled(unit) }
    let bytes = isSpoiled ? solver.spoiled(row, of: unit, by: random.next()) : row
    change(worker, slot) { child in
      child.current = nil
      child.spoilsNextRow = false
      child.gathered += bytes
      child.gatheredCount += 1
    }
    if child.gatheredCount + 1 >= options.rowsPerWrite || isSpoiled { flush(worker, slot) }
    return true
  }

  /// The process ends: what it had gathered and not written is lost, what it had written is not.
  mutating func childDies(
    _ worker: Int, _ slot: Int, _ cause: ChildEnd.Cause, outOfMemory: Bool = false,
    progressed: Bool = false
  ) {
    guard let child = workers[worker].children[slot], !child.isDead else { return }
    change(worker, slot) {
      $0.isDead = true
      $0.step += 1
    }
    let end = ChildEnd(cause: cause, outOfMemoryKillSeen: outOfMemory, progressed: progressed)
    if let current = child.current { units.ended(current.unit, end) }
    write(worker, slot, .end(unit: child.current?.unit, end, detail: "line of stderr"))
  }

  // MARK: The worker's side

  mutating func arriveFromChild(_ worker: Int, _ slot: Int) {
    guard let generation = workers[worker].children[slot]?.generation else { return }
    guard
      workerCanRun(
        worker, .arriveFromChild(worker: worker, slot: slot, generation: generation))
    else { return }
    var output: Child.Output?
    change(worker, slot) { output = $0.output.takeFirst() }
    switch output {
    case .ready: deliver(.childReady(slot: slot), to: worker)
    case .rows(let bytes): takeRows(bytes, worker, slot)
    case .returned(let dropped): takeReturned(dropped, worker, slot)
    case .end(let unit, let end, let detail):
      workers[worker].children[slot] = nil
      deliver(.childEnded(slot: slot, unit: unit, end, detail: detail), to: worker)
    case nil: break
    }
  }

  private mutating func takeReturned(_ dropped: [UnitIndex], _ worker: Int, _ slot: Int) {
    guard workers[worker].children[slot]?.isFramingLost == false else { return }
    // All that it had but the unit in progress: that one stands before them.
    change(worker, slot) { child in
      var kept: [UnitIndex] = []
      if child.expected.all.first != dropped.first || dropped.isEmpty {
        if !dropped.isEmpty, let first = child.expected.takeFirst() { kept.append(first) }
      }
      for _ in dropped { _ = child.expected.takeFirst() }
      kept += child.expected.all
      child.expected.keepFirst(0)
      for unit in kept { child.expected.append(unit) }
    }
    deliver(
      .childReturned(
        slot: slot, UnitRuns(dropped.map { UnitRun(first: $0, count: 1) })), to: worker)
  }

  /// Rows pass one gate: length, checksum, and that they are the next ones that were asked for. What
  /// stands before a bad one is good.
  private mutating func takeRows(_ bytes: [UInt8], _ worker: Int, _ slot: Int) {
    guard let child = workers[worker].children[slot], !child.isFramingLost else { return }
    let size = solver.layout.byteCount
    var good = 0
    var fault: String?
    while good < bytes.count, fault == nil {
      let row = good..<min(good + size, bytes.count)
      var runs: [RowRun] = []
      if row.count < size {
        fault = "a part of a row"
      } else if let bad = solver.scanner.scan(bytes, row, into: &runs) {
        fault = "\(bad)"
      } else if runs[0].units.first != nextExpected(worker, slot) {
        fault = "a row of unit \(runs[0].units.first)"
      } else {
        change(worker, slot) { _ = $0.expected.takeFirst() }
        good += size
      }
    }
    if good > 0 {
      let part = Array(bytes[..<good])
      var runs: [RowRun] = []
      _ = solver.scanner.scan(part, into: &runs)
      deliver(
        .childRows(slot: slot, bytes: part, runs: runs, reasons: reasons(in: runs)), to: worker)
    }
    guard let fault else { return }
    let unit = nextExpected(worker, slot)
    change(worker, slot) { $0.isFramingLost = true }
    deliver(.childMalformed(slot: slot, unit: unit, reason: fault), to: worker)
  }

  private func reasons(in runs: [RowRun]) -> [RowReason] {
    runs.filter { !$0.isFinal }.map { RowReason(unit: $0.units.first, text: "did not converge") }
  }

  private func nextExpected(_ worker: Int, _ slot: Int) -> UnitIndex? {
    workers[worker].children[slot]?.expected.all.first
  }
}
