/// Part of somebody's bytes, written without being copied.
public struct JournalSlice: Sendable {
  public var bytes: [UInt8]
  public var range: Range<Int>

  public init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    self.range = range
  }
}

/// What the coordinator hands over to be made durable. A quarantine has both a row and a line.
public struct JournalEntry: Sendable {
  /// The last position handed over so far + 1; from 1 in each epoch.
  public var position: UInt64
  /// A whole number of rows, checked by `RowScanner` or made here; may be empty.
  public var rows: JournalSlice
  /// A line of failures/ with its newline; may be empty.
  public var failureLine: [UInt8]

  public init(
    position: UInt64, rows: JournalSlice = JournalSlice([], 0..<0), failureLine: [UInt8] = []
  ) {
    self.position = position
    self.rows = rows
    self.failureLine = failureLine
  }
}

/// What happens to a journal.
public enum JournalEvent: Sendable {
  /// Begin: look at who wrote last, and claim the next epoch. First of all events, once.
  case start(takeOver: Bool)
  /// Only after the effect `claimed`.
  case append(JournalEntry)
  /// A second went by (the driver's only timer): look whether a newer coordinator has started, and
  /// bring the row count in the shard's header up to date.
  case watch
  /// Make everything handed over durable, then end with `stopped(.requested)`.
  case stop

  /// The answers: exactly one to each `perform`, of the kind that its operation names.
  case done
  /// How many bytes the operating system took; fewer than asked for is a failure.
  case written(byteCount: Int)
  case epochs(highest: EpochNumber)
  case holder(JournalHolder)
  case claimed(Bool)
  case failed(JournalError)
}

/// What is known of the coordinator that claimed the last epoch.
public struct JournalHolder: Hashable, Sendable {
  /// Host and process, for the refusal.
  public var description: String
  /// It runs on this machine since this boot: same boot id, and a process with its id and start time.
  public var isAlive: Bool
  /// It is another machine's, and its status.json moved while it was watched.
  public var isMoving: Bool

  public init(description: String, isAlive: Bool, isMoving: Bool) {
    self.description = description
    self.isAlive = isAlive
    self.isMoving = isMoving
  }
}

/// An operating error as the driver met it.
public struct JournalError: Hashable, Sendable {
  /// errno, or 0 where there is none.
  public var code: Int32
  /// What the operating system calls it.
  public var text: String

  public init(code: Int32, text: String) {
    self.code = code
    self.text = text
  }
}

/// What a journal wants done, in order.
///
/// Contract: at most one `perform` is unanswered at any time. `durable` is emitted only while handling
/// the answer to the sync that covers it, or at once for entries with nothing in them. After `stopped` nothing follows.
public enum JournalEffect: Sendable {
  case perform(JournalOperation)
  /// The epoch is ours: recover, then append.
  case claimed(epoch: EpochNumber)
  /// Every entry up to this position is on disk.
  case durable(upTo: UInt64)
  case stopped(JournalStop)
}

/// One thing to do on disk, and the answer it asks for. Files are in RUN; a driver keeps those that it
/// created open until `close`.
public enum JournalOperation: Sendable {
  /// The highest number in use among epochs/ and the shards' names, 0 if there is none: `epochs`.
  case listEpochs
  /// Who claimed this epoch, and does it live? `holder`.
  case inspectHolder(of: EpochNumber)
  /// Make epochs/N, complete and synced, unless it exists: `claimed`.
  case claimEpoch(EpochNumber)
  /// Make a file that does not exist yet, beginning with these bytes: `done`.
  case create(JournalFile, beginning: [UInt8])
  /// Sync the file's directory, so that its name survives: `done`.
  case syncDirectory(of: JournalFile)
  /// Write the slices one after the other from `offset`: `written`.
  case write(JournalFile, offset: UInt64, [JournalSlice], byteCount: Int)
  /// fdatasync: `done`.
  case sync(JournalFile)
  /// Write the row count's digits into the header; not synced: `done`. A courtesy to readers.
  case patchCount(ShardName, offset: UInt64, [UInt8])
  /// Write the summary of a shard that has all its rows, counted and synced: `done`.
  case seal(ShardName, rows: Int64, byteCount: UInt64)
  /// Cut a file whose sync failed back to what is synced, so that no reader takes the rest, which may be
  /// in memory only, for safe: `done`.
  case cut(JournalFile, byteCount: UInt64)
  /// The file is never written again: `done`.
  case close(JournalFile)
}

public enum JournalFile: Hashable, Sendable {
  case shard(ShardName)
  case failures(FailuresName)
}

extension JournalFile: CustomStringConvertible {
  public var description: String {
    switch self {
    case .shard(let name): "shards/\(name)"
    case .failures(let name): "failures/\(name)"
    }
  }
}

/// Why a journal ended.
public enum JournalStop: Hashable, Sendable {
  /// Asked for; everything handed over is durable.
  case requested
  /// Another coordinator holds the run.
  case refused(holder: String)
  /// A newer coordinator has taken over.
  case superseded(by: EpochNumber)
  /// The disk does not take what it is given. Nothing beyond the last `durable` is promised.
  case failed(action: String, JournalError)
}

extension JournalStop: CustomStringConvertible {
  /// For the user: what, where, and what to do next.
  public var description: String {
    switch self {
    case .requested:
      "stopped as asked"
    case .refused(let holder):
      "another coordinator holds this run: \(holder). Stop it first, or give --take-over"
    case .superseded(let epoch):
      "a newer coordinator (start number \(epoch)) has taken this run over"
    case .failed(let action, let error):
      "could not \(action): \(error.text). What was acknowledged is safe; "
        + "mend the disk and give the same command again"
    }
  }
}
