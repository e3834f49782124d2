import SweepModel

/// The units that wait for a worker: those never leased in this epoch, those handed back, and those
/// that are to be tried again after a death.
struct UnitPool: Sendable {
  private var fresh: UnitCursor
  /// Units that go through `retries` from the start and are passed over among the fresh ones.
  private let setAside: UnitRuns
  private var returned = UnitRuns()
  private var retries: [Retry] = []
  private var nextRetry = 0

  struct Retry: Hashable, Sendable {
    var unit: UnitIndex
    var attempt: Int16
  }

  /// - Parameter retries: units with deaths behind them in earlier epochs, with their attempt.
  init(over ended: UnitSet, retries: [Retry]) {
    fresh = UnitCursor(over: ended)
    setAside = UnitRuns(retries.lazy.map { UnitRun(first: $0.unit, count: 1) })
    self.retries = retries
  }

  mutating func giveBack(_ units: UnitRuns) { returned.formUnion(units) }

  mutating func retry(_ unit: UnitIndex, attempt: Int16) {
    retries.append(Retry(unit: unit, attempt: attempt))
  }

  /// Takes up to `limit` units that have not ended, all on the same attempt.
  /// - Returns: nil if none is left.
  mutating func take(limit: Int64, ended: UnitSet) -> (attempt: Int16, units: UnitRuns)? {
    if let retried = takeRetries(limit: limit, ended: ended) { return retried }
    var taken = UnitRuns()
    while taken.count < limit, taken.runs.count < Limits.runs, !returned.isEmpty {
      let candidates = returned.takeFirst(
        limit - taken.count, runLimit: Limits.runs - taken.runs.count)
      for run in candidates.runs {
        ended.forEachAbsent(in: run) { taken.insert($0) }
      }
    }
    while taken.count < limit, taken.runs.count < Limits.runs,
      let run = fresh.takeAbsent(from: ended, limit: limit - taken.count)
    {
      taken.insert(run)
      for other in setAside.intersection(run) { taken.remove(other) }
    }
    // Holes may have cut the last runs in many.
    let leased = taken.takeFirst(.max, runLimit: Limits.runs)
    returned.formUnion(taken)
    return leased.isEmpty ? nil : (0, leased)
  }

  private mutating func takeRetries(
    limit: Int64, ended: UnitSet
  ) -> (attempt: Int16, units: UnitRuns)? {
    var taken = UnitRuns()
    var attempt: Int16 = 0
    while nextRetry < retries.count, taken.count < limit, taken.runs.count < Limits.runs {
      let retry = retries[nextRetry]
      if !taken.isEmpty && retry.attempt != attempt { break }
      nextRetry += 1
      guard !ended.contains(retry.unit) else { continue }
      attempt = retry.attempt
      taken.insert(UnitRun(first: retry.unit, count: 1))
    }
    if nextRetry == retries.count {
      retries.removeAll(keepingCapacity: true)
      nextRetry = 0
    }
    return taken.isEmpty ? nil : (attempt, taken)
  }

  var returnedUnits: UnitRuns { returned }
  var waitingRetries: ArraySlice<Retry> { retries[nextRetry...] }
}
