extension UnitSet {
  /// The first run of units of `run` that are not in the set, as long as it goes; nil if all are in it.
  public func firstAbsent(in run: UnitRun) -> UnitRun? { firstRun(in: run, present: false) }

  /// The first run of units of `run` that are in the set, as long as it goes; nil if none is.
  public func firstPresent(in run: UnitRun) -> UnitRun? { firstRun(in: run, present: true) }

  /// Calls `body` with each longest run of units of `run` that are not in the set, in order.
  public func forEachAbsent(in run: UnitRun, _ body: (UnitRun) -> Void) {
    forEachRun(in: run, present: false, body)
  }

  /// Calls `body` with each longest run of units of `run` that are in the set, in order.
  public func forEachPresent(in run: UnitRun, _ body: (UnitRun) -> Void) {
    forEachRun(in: run, present: true, body)
  }

  /// How many units of `run` are in the set.
  public func presentCount(in run: UnitRun) -> Int64 {
    guard run.count > 0 else { return 0 }
    precondition(run.first >= 0 && run.end <= unitCount, "units outside the run")
    var total: Int64 = 0
    for block in Int(run.first / blockSize)...Int((run.end - 1) / blockSize) {
      let all = units(ofBlock: block)
      let low = max(run.first, all.first)
      let high = min(run.end, all.end)
      if words[block].isEmpty {
        if counts[block] > 0 { total += high - low }
      } else {
        total += Bitmap.count(words[block], from: Int(low - all.first), to: Int(high - all.first))
      }
    }
    return total
  }

  /// How many units of `run` are not in the set.
  public func absentCount(in run: UnitRun) -> Int64 { run.count - presentCount(in: run) }

  private func forEachRun(in run: UnitRun, present: Bool, _ body: (UnitRun) -> Void) {
    var rest = run
    while let found = firstRun(in: rest, present: present) {
      body(found)
      rest = UnitRun(first: found.end, count: run.end - found.end)
    }
  }

  private func firstRun(in run: UnitRun, present: Bool) -> UnitRun? {
    guard run.count > 0 else { return nil }
    precondition(run.first >= 0 && run.end <= unitCount, "units outside the run")
    let first = boundary(from: run.first, to: run.end, present: present)
    guard first < run.end else { return nil }
    let end = boundary(from: first, to: run.end, present: !present)
    return UnitRun(first: first, count: end - first)
  }

  /// The first unit of `start ..< end` that is in the set (or is not); `end` if there is none.
  private func boundary(from start: UnitIndex, to end: UnitIndex, present: Bool) -> UnitIndex {
    var unit = start
    var block = Int(start / blockSize)
    while unit < end {
      let all = units(ofBlock: block)
      if words[block].isEmpty {
        if (counts[block] > 0) == present { return unit }
      } else {
        let high = Int(min(end, all.end) - all.first)
        let place = Bitmap.first(
          words[block], set: present, from: Int(unit - all.first), to: high)
        if place < high { return all.first + Int64(place) }
      }
      unit = all.end
      block += 1
    }
    return end
  }
}
