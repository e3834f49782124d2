import Shards
import Testing

extension JournalFile {
  var isShard: Bool { if case .shard = self { true } else { false } }
}

/// A disk that keeps apart what was written, what was synced and what a directory remembers, and that
/// objects to anything the contract of a journal forbids.
struct ModelDisk {
  struct File {
    var written: [UInt8]
    var synced: [UInt8] = []
    var isNameSynced = false
    /// A write or sync of it failed: it must never be written again.
    var isDead = false
    var isClosed = false
  }

  enum Fault: Hashable {
    case error
    /// A write takes only part, or a sync fails after all; otherwise an error.
    case short
  }

  var files: [JournalFile: File] = [:]
  /// In the order of their creation.
  var order: [JournalFile] = []
  var highestEpoch: EpochNumber = 0
  var holder = JournalHolder(description: "host, process 7", isAlive: false, isMoving: false)
  var sealed: [ShardName: Int64] = [:]
  let header: NPYHeader

  /// Performs an operation and answers as a driver would.
  mutating func perform(_ operation: JournalOperation, fault: Fault?) -> JournalEvent {
    let error = JournalEvent.failed(JournalError(code: 28, text: "No space left on device"))
    switch operation {
    case .listEpochs: return fault == nil ? .epochs(highest: highestEpoch) : error
    case .inspectHolder(let epoch):
      #expect(epoch == highestEpoch)
      return fault == nil ? .holder(holder) : error
    case .claimEpoch(let epoch):
      if fault != nil { return error }
      guard epoch > highestEpoch else { return .claimed(false) }
      highestEpoch = epoch
      return .claimed(true)
    case .create(let file, let beginning):
      #expect(files[file] == nil, "\(file) is created twice")
      var made = File(written: beginning)
      made.isDead = fault != nil
      if fault == .short { made.written = Array(beginning.prefix(10)) }
      files[file] = made
      order.append(file)
      return fault == nil ? .done : error
    case .syncDirectory(let file):
      return change(file, fault, error) { $0.isNameSynced = true }
    case .write(let file, let offset, let slices, let byteCount):
      return write(file, offset, slices, byteCount, fault, error)
    case .sync(let file): return change(file, fault, error) { $0.synced = $0.written }
    case .patchCount(let name, let offset, let digits):
      return patch(name, Int(offset), digits, fault, error)
    case .seal(let name, let rows, let byteCount):
      #expect(files[.shard(name)]?.synced.count == Int(byteCount))
      if fault == nil { sealed[name] = rows }
      return fault == nil ? .done : error
    case .cut(let file, let byteCount):
      #expect(files[file]?.isDead == true, "\(file) is cut and has not failed")
      #expect(files[file]?.isClosed == false)
      let synced = files[file]?.synced.count ?? 0
      #expect(
        Int(byteCount) == (synced == 0 && file.isShard ? header.byteCount : synced),
        "\(file) is cut to what is not its synced part")
      if fault == nil { files[file]?.written.removeSubrange(Int(byteCount)...) }
      return fault == nil ? .done : error
    case .close(let file):
      #expect(files[file]?.isClosed == false)
      files[file]?.isClosed = true
      return fault == nil ? .done : error
    }
  }

  private mutating func change(
    _ file: JournalFile, _ fault: Fault?, _ error: JournalEvent, _ success: (inout File) -> Void
  ) -> JournalEvent {
    guard var found = files[file] else {
      Issue.record("\(file) does not exist")
      return error
    }
    #expect(!found.isDead && !found.isClosed, "\(file) is touched after it failed")
    if fault == nil { success(&found) } else { found.isDead = true }
    files[file] = found
    return fault == nil ? .done : error
  }

  private mutating func write(
    _ file: JournalFile, _ offset: UInt64, _ slices: [JournalSlice], _ byteCount: Int,
    _ fault: Fault?, _ error: JournalEvent
  ) -> JournalEvent {
    var bytes = slices.flatMap { $0.bytes[$0.range] }
    #expect(bytes.count == byteCount)
    if fault != nil { bytes = Array(bytes.prefix(bytes.count / 2)) }
    #expect(files[file]?.isNameSynced == true, "written before its name was synced")
    #expect(files[file]?.written.count == Int(offset), "a hole or an overlap")
    let answer = change(file, fault, error) { $0.written += bytes }
    if fault == nil { return .written(byteCount: byteCount) }
    files[file]?.written += bytes
    return fault == .short ? .written(byteCount: bytes.count) : answer
  }

  private mutating func patch(
    _ name: ShardName, _ offset: Int, _ digits: [UInt8], _ fault: Fault?, _ error: JournalEvent
  ) -> JournalEvent {
    #expect(offset == header.countRange.lowerBound && digits.count == header.countRange.count)
    let rows = Int(String(decoding: digits.drop { $0 == 32 }, as: UTF8.self)) ?? -1
    let synced = files[.shard(name)]?.synced.count ?? 0
    #expect(rows * Rows.byteCount + header.byteCount <= synced, "the count is ahead of the rows")
    return change(.shard(name), fault, error) {
      $0.written.replaceSubrange(offset..<offset + digits.count, with: digits)
    }
  }

  /// What a crash leaves of a file: what was synced, and of what was not any part that `survives`
  /// says; nothing if its name was not synced.
  func afterCrash(_ file: JournalFile, survives: (Int) -> Bool) -> [UInt8]? {
    guard let found = files[file], found.isNameSynced else { return nil }
    var bytes = found.synced
    for place in found.synced.count..<max(found.synced.count, found.written.count)
    where survives(place) {
      bytes += [UInt8](repeating: 0, count: place - bytes.count)
      bytes.append(found.written[place])
    }
    return bytes
  }
}

/// One journal on a model disk, fed with a script.
struct JournalTrial {
  enum Step {
    case append(rows: Int, lines: Int)
    case watch
    case stop
    case otherCoordinator
  }

  var journal: Journal
  var disk: ModelDisk
  var pending: JournalOperation?
  var operationCount = 0
  var faults: [Int: ModelDisk.Fault] = [:]
  var entries: [JournalEntry] = []
  var nextUnit: UnitIndexAlias = 0
  var durable: UInt64 = 0
  var stopped: JournalStop?
  var claimed: EpochNumber?
  var log: [String] = []

  typealias UnitIndexAlias = Int64

  init(rotationByteCount: UInt64 = 1 << 30) throws {
    let header = try Rows.header()
    var configuration = Journal.Configuration(header: header, rowByteCount: Rows.byteCount)
    configuration.rotationByteCount = rotationByteCount
    journal = Journal(configuration)
    disk = ModelDisk(header: header)
  }

  mutating func handle(_ event: JournalEvent) {
    var effects: [JournalEffect] = []
    let wasStopped = stopped != nil
    journal.handle(event, into: &effects)
    journal.checkInvariants()
    #expect(!wasStopped || effects.isEmpty, "something after the end")
    for effect in effects {
      switch effect {
      case .perform(let operation):
        #expect(pending == nil, "two operations in flight")
        pending = operation
        log.append(operation.action)
      case .claimed(let epoch): claimed = epoch
      case .durable(let position):
        #expect(position > durable)
        let isEmpty = entries[Int(durable)..<Int(position)].allSatisfy {
          $0.rows.range.isEmpty && $0.failureLine.isEmpty
        }
        if case .done = event {} else { #expect(isEmpty, "durable while handling \(event)") }
        durable = position
        checkDurable()
      case .stopped(let reason):
        #expect(stopped == nil)
        stopped = reason
      }
    }
  }

  /// Everything that was acknowledged is in synced bytes of files whose names are synced.
  private func checkDurable() {
    var rows: Set<[UInt8]> = []
    var lines: Set<[UInt8]> = []
    for (file, content) in disk.files where content.isNameSynced {
      switch file {
      case .shard:
        var place = disk.header.byteCount
        while place + Rows.byteCount <= content.synced.count {
          rows.insert(Array(content.synced[place..<place + Rows.byteCount]))
          place += Rows.byteCount
        }
      case .failures:
        forEachLine(of: content.synced) { lines.insert(Array($0)) }
      }
    }
    for entry in entries.prefix(Int(durable)) {
      var place = entry.rows.range.lowerBound
      while place < entry.rows.range.upperBound {
        #expect(rows.contains(Array(entry.rows.bytes[place..<place + Rows.byteCount])))
        place += Rows.byteCount
      }
      if !entry.failureLine.isEmpty {
        #expect(lines.contains(Array(entry.failureLine.dropLast())))
      }
    }
  }

  /// Performs the pending operation.
  mutating func work() {
    guard let operation = pending else { return }
    pending = nil
    let answer = disk.perform(operation, fault: faults[operationCount])
    operationCount += 1
    handle(answer)
  }

  mutating func settle() {
    while pending != nil { work() }
  }

  mutating func start(takeOver: Bool = false) {
    handle(.start(takeOver: takeOver))
    settle()
  }

  mutating func take(_ step: Step) {
    guard stopped == nil else { return }
    switch step {
    case .append(let rows, let lines):
      let position = UInt64(entries.count + 1)
      // The rows stand inside a larger buffer, as they do in a message.
      let bytes = [1, 2, 3] + Rows.rows(nextUnit..<nextUnit + Int64(rows)) + [4]
      nextUnit += Int64(rows)
      let line = (0..<lines).flatMap { _ in
        FailureRecord(
          position: position, unit: 1, attempt: 0, worker: 1, event: .death(counted: true),
          cause: "signal 11"
        ).line
      }
      entries.append(
        JournalEntry(
          position: position, rows: JournalSlice(bytes, 3..<bytes.count - 1), failureLine: line))
      handle(.append(entries[entries.count - 1]))
    case .watch: handle(.watch)
    case .stop: handle(.stop)
    case .otherCoordinator: disk.highestEpoch += 1
    }
  }

  /// Takes the script's steps, with so many operations performed after each; then works to the end.
  mutating func play(_ steps: [Step], operationsBetween: Int) {
    for step in steps {
      take(step)
      for _ in 0..<operationsBetween { work() }
    }
    settle()
  }
}
