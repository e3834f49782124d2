/// The writer of a run's shards and failure lines, as a value: promise 1 (what is acknowledged is on
/// disk) and promise 11 (one writer) are decided here and nowhere else. A thread drives it on real files, a
/// simulation on a disk that forgets.
///
/// Group commit: whenever no operation is in flight, everything handed over so far is one group, made
/// durable by one write and one sync of each file. A group's bytes are kept until then, so that after
/// a failure they can go to a new file.
public struct Journal: Sendable {
  public struct Configuration: Sendable {
    public var header: NPYHeader
    public var rowByteCount: Int
    /// A shard that is this long gets no further group.
    public var rotationByteCount: UInt64 = 1 << 30
    /// Failures in a row, each answered by a new file, after which the journal stops.
    public var failureLimit = 3

    public init(header: NPYHeader, rowByteCount: Int) {
      precondition(rowByteCount > 0)
      self.header = header
      self.rowByteCount = rowByteCount
    }
  }

  /// A file of ours that still takes bytes.
  struct OpenFile: Sendable {
    var file: JournalFile
    var isCreated = false
    var isDirectorySynced = false
    /// Where the next group goes: what is written and synced ends here.
    var byteCount: UInt64
    var isWritten = false
  }

  enum Phase: Sendable {
    case new
    case claiming
    case running
    case ended
  }

  let configuration: Configuration
  var phase = Phase.new
  var isTakingOver = false
  public internal(set) var epoch: EpochNumber = 0

  /// The operation that is not answered yet.
  var inFlight: JournalOperation?
  var queue: [JournalEntry] = []
  var lastAppended: UInt64 = 0
  public internal(set) var lastDurable: UInt64 = 0
  var isStopping = false
  var isWatchDue = false
  var isPatchDue = false

  /// The group that is being made durable; empty if none is.
  var rows: [JournalSlice] = []
  var lines: [JournalSlice] = []
  var rowsByteCount = 0
  var linesByteCount = 0
  var groupEnd: UInt64 = 0

  var shard: OpenFile?
  var shardNumber: UInt32 = 0
  /// Rows in the open shard, and how many of them its header counts.
  var shardRows: Int64 = 0
  var countedRows: Int64 = 0
  /// The epochs were listed since the last shard was opened or failed to.
  var isListed = false
  /// Whether the open shard gets a summary before it is closed.
  var isSealing = false
  var failures: OpenFile?
  var failuresNumber: UInt32 = 0
  var toClose: [JournalFile] = []

  /// A file whose sync failed, and what of it is synced.
  var toCut: (file: JournalFile, byteCount: UInt64)?
  /// The reason to end once that file is cut.
  var ending: JournalStop?

  var fileFailures = 0
  var listingFailures = 0

  public init(_ configuration: Configuration) {
    self.configuration = configuration
  }

  /// Whether an operation is in flight: if not, the journal has nothing to do until the next event.
  public var isBusy: Bool { inFlight != nil }

  public mutating func handle(_ event: JournalEvent, into effects: inout [JournalEffect]) {
    switch event {
    case .start(let takeOver):
      precondition(phase == .new, "a journal starts once")
      phase = .claiming
      isTakingOver = takeOver
      perform(.listEpochs, &effects)
    case .append(let entry):
      guard phase != .ended else { return }
      append(entry)
      advance(into: &effects)
    case .watch:
      guard phase == .running else { return }
      isWatchDue = true
      isPatchDue = true
      advance(into: &effects)
    case .stop:
      guard phase != .ended else { return }
      isStopping = true
      // A claim under way is finished first: it may already be on disk.
      if phase == .new { end(.requested, &effects) } else { advance(into: &effects) }
    case .done, .written, .epochs, .holder, .claimed, .failed:
      guard let operation = inFlight else {
        preconditionFailure("an answer to nothing: \(event)")
      }
      inFlight = nil
      if phase == .ended { return }
      answer(operation, event, &effects)
    }
  }

  private mutating func append(_ entry: JournalEntry) {
    precondition(phase == .running, "appended to a journal that is not open")
    precondition(entry.position == lastAppended + 1, "positions are consecutive")
    precondition(
      entry.rows.range.count % configuration.rowByteCount == 0
        && entry.rows.range.lowerBound >= 0
        && entry.rows.range.upperBound <= entry.rows.bytes.count, "not a whole number of rows")
    lastAppended = entry.position
    queue.append(entry)
  }

  mutating func perform(_ operation: JournalOperation, _ effects: inout [JournalEffect]) {
    precondition(inFlight == nil)
    inFlight = operation
    effects.append(.perform(operation))
  }

  mutating func end(_ reason: JournalStop, _ effects: inout [JournalEffect]) {
    phase = .ended
    queue = []
    clearGroup()
    effects.append(.stopped(reason))
  }

  mutating func clearGroup() {
    rows.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
    rowsByteCount = 0
    linesByteCount = 0
  }

  /// Traps if the state contradicts itself.
  public func checkInvariants() {
    precondition(lastDurable <= lastAppended)
    precondition(rows.reduce(0) { $0 + $1.range.count } == rowsByteCount)
    precondition(lines.reduce(0) { $0 + $1.range.count } == linesByteCount)
    precondition(rowsByteCount % configuration.rowByteCount == 0)
    precondition(countedRows <= shardRows)
    if let first = queue.first { precondition(first.position > groupEnd) }
    if phase == .running && inFlight == nil {
      precondition(queue.isEmpty && rowsByteCount == 0 && linesByteCount == 0, "idle with work")
      precondition(lastDurable == lastAppended, "idle and not durable")
    }
    if let shard, shard.isCreated {
      precondition(
        shard.byteCount == UInt64(configuration.header.byteCount)
          + UInt64(shardRows) * UInt64(configuration.rowByteCount))
    }
  }
}
