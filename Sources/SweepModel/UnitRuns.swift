/// A set of units as sorted, disjoint, maximal runs. Its size is the number of runs, so it suits what
/// a worker holds or returns (a few hundred runs); the done-set of a whole grid is a `UnitSet`.
public struct UnitRuns: Hashable, Sendable {
  /// Sorted by `first`, disjoint, never empty, never touching.
  public private(set) var runs: [UnitRun]
  /// The sum of the runs' counts.
  public private(set) var count: Int64

  public init() {
    runs = []
    count = 0
  }

  public init(_ run: UnitRun) {
    self.init()
    insert(run)
  }

  public init(_ runs: some Sequence<UnitRun>) {
    self.init()
    for run in runs { insert(run) }
  }

  public var isEmpty: Bool { runs.isEmpty }
  public var first: UnitRun? { runs.first }

  /// The place of the first run that ends after `unit`.
  private func place(after unit: UnitIndex) -> Int {
    var low = 0
    var high = runs.count
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].end <= unit { low = middle + 1 } else { high = middle }
    }
    return low
  }

  public func contains(_ unit: UnitIndex) -> Bool {
    let place = place(after: unit)
    return place < runs.count && runs[place].first <= unit
  }

  /// Adds the units of `run`; those already there stay.
  public mutating func insert(_ run: UnitRun) {
    guard run.count > 0 else { return }
    if let last = runs.last, last.end < run.first {
      runs.append(run)
      count += run.count
      return
    }
    var first = run.first
    var end = run.end
    // `first - 1`: a run that ends where this one starts is merged with it.
    let low = place(after: first == .min ? first : first - 1)
    var high = low
    while high < runs.count && runs[high].first <= end {
      first = min(first, runs[high].first)
      end = max(end, runs[high].end)
      count -= runs[high].count
      high += 1
    }
    runs.replaceSubrange(
      low..<high, with: CollectionOfOne(UnitRun(first: first, count: end - first)))
    count += end - first
  }

  /// Removes the units of `run` that are there.
  /// - Returns: how many were removed.
  @discardableResult
  public mutating func remove(_ run: UnitRun) -> Int64 {
    guard run.count > 0, !runs.isEmpty else { return 0 }
    let low = place(after: run.first)
    guard low < runs.count, runs[low].first < run.end else { return 0 }
    // The common case, rows arriving in order: the head of one run, in place.
    if runs[low].first == run.first && runs[low].end > run.end {
      runs[low].first = run.end
      runs[low].count -= run.count
      count -= run.count
      return run.count
    }
    var high = low
    var removed: Int64 = 0
    var kept: [UnitRun] = []
    while high < runs.count && runs[high].first < run.end {
      let old = runs[high]
      if old.first < run.first {
        kept.append(UnitRun(first: old.first, count: run.first - old.first))
      }
      if old.end > run.end { kept.append(UnitRun(first: run.end, count: old.end - run.end)) }
      removed += min(old.end, run.end) - max(old.first, run.first)
      high += 1
    }
    runs.replaceSubrange(low..<high, with: kept)
    count -= removed
    return removed
  }

  /// The parts of `run` that are in the set, in order.
  public func intersection(_ run: UnitRun) -> [UnitRun] {
    var parts: [UnitRun] = []
    var place = place(after: run.first)
    while place < runs.count && runs[place].first < run.end {
      let first = max(runs[place].first, run.first)
      parts.append(UnitRun(first: first, count: min(runs[place].end, run.end) - first))
      place += 1
    }
    return parts
  }

  /// Takes at most `limit` units from the front, in at most `runLimit` runs.
  public mutating func takeFirst(_ limit: Int64, runLimit: Int = .max) -> UnitRuns {
    var taken = UnitRuns()
    var whole = 0
    while whole < runs.count && taken.count < limit && taken.runs.count < runLimit {
      let room = limit - taken.count
      if runs[whole].count <= room {
        taken.append(runs[whole])
        whole += 1
      } else {
        taken.append(UnitRun(first: runs[whole].first, count: room))
        runs[whole].first += room
        runs[whole].count -= room
      }
    }
    runs.removeFirst(whole)
    count -= taken.count
    return taken
  }

  private mutating func append(_ run: UnitRun) {
    runs.append(run)
    count += run.count
  }

  public mutating func formUnion(_ other: UnitRuns) {
    for run in other.runs { insert(run) }
  }

  public mutating func subtract(_ other: UnitRuns) {
    for run in other.runs { remove(run) }
  }

  /// Traps if the runs are not sorted, disjoint and maximal, or the count is wrong.
  public func checkInvariants() {
    var total: Int64 = 0
    for (place, run) in runs.enumerated() {
      precondition(run.count > 0, "an empty run")
      if place > 0 { precondition(runs[place - 1].end < run.first, "runs touch or are unsorted") }
      total += run.count
    }
    precondition(total == count, "the count is wrong")
  }
}
