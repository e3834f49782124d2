// What to do next, and what an answer means. `advance` looks at the state alone, so every way into it
// (a new entry, an answer, a failure) goes on from the same place.

extension Journal {
  /// Begins the next operation, if none is in flight and there is something to do.
  mutating func advance(into effects: inout [JournalEffect]) {
    guard phase == .running else { return }
    while inFlight == nil {
      if rowsByteCount > 0 { return advanceRows(&effects) }
      if linesByteCount > 0 { return advanceLines(&effects) }
      if groupEnd > lastDurable {
        lastDurable = groupEnd
        fileFailures = 0
        effects.append(.durable(upTo: groupEnd))
      }
      if let file = toClose.popLast() { return perform(.close(file), &effects) }
      if isWatchDue {
        isWatchDue = false
        return perform(.listEpochs, &effects)
      }
      // Under load the count is brought up to date once a second only: it dirties another page.
      if let shard, shardRows > countedRows, isPatchDue || isSealing || queue.isEmpty {
        isPatchDue = false
        return patchCount(of: shard, &effects)
      }
      isPatchDue = false
      if isSealing, let shard { return seal(shard, &effects) }
      if !queue.isEmpty {
        takeGroup()
      } else if isStopping {
        guard shard != nil else { return end(.requested, &effects) }
        isSealing = true
      } else {
        return
      }
    }
  }

  /// Everything handed over so far becomes the group.
  private mutating func takeGroup() {
    for entry in queue {
      if !entry.rows.range.isEmpty {
        rows.append(entry.rows)
        rowsByteCount += entry.rows.range.count
      }
      if !entry.failureLine.isEmpty {
        lines.append(JournalSlice(entry.failureLine, 0..<entry.failureLine.count))
        linesByteCount += entry.failureLine.count
      }
    }
    groupEnd = lastAppended
    queue.removeAll(keepingCapacity: true)
    // A full shard is counted and sealed before the next one is opened for this group.
    if rowsByteCount > 0, let shard, shardRows > 0,
      shard.byteCount + UInt64(rowsByteCount) > configuration.rotationByteCount
    {
      isSealing = true
    }
  }

  private mutating func advanceRows(_ effects: inout [JournalEffect]) {
    if isSealing, let shard {
      if shardRows > countedRows { return patchCount(of: shard, &effects) }
      return seal(shard, &effects)
    }
    guard let open = shard else {
      guard isListed else { return perform(.listEpochs, &effects) }
      isListed = false
      shardNumber += 1
      shardRows = 0
      countedRows = 0
      let file = JournalFile.shard(ShardName(epoch: epoch, number: shardNumber))
      shard = OpenFile(file: file, byteCount: UInt64(configuration.header.byteCount))
      return perform(.create(file, beginning: configuration.header.bytes), &effects)
    }
    if !open.isDirectorySynced { return perform(.syncDirectory(of: open.file), &effects) }
    if open.isWritten { return perform(.sync(open.file), &effects) }
    perform(
      .write(open.file, offset: open.byteCount, rows, byteCount: rowsByteCount), &effects)
  }

  private mutating func advanceLines(_ effects: inout [JournalEffect]) {
    guard let open = failures else {
      failuresNumber += 1
      let file = JournalFile.failures(FailuresName(epoch: epoch, number: failuresNumber))
      failures = OpenFile(file: file, byteCount: 0)
      return perform(.create(file, beginning: []), &effects)
    }
    if !open.isDirectorySynced { return perform(.syncDirectory(of: open.file), &effects) }
    if open.isWritten { return perform(.sync(open.file), &effects) }
    perform(
      .write(open.file, offset: open.byteCount, lines, byteCount: linesByteCount), &effects)
  }

  private mutating func patchCount(of shard: OpenFile, _ effects: inout [JournalEffect]) {
    guard case .shard(let name) = shard.file else { preconditionFailure("not a shard") }
    perform(
      .patchCount(
        name, offset: UInt64(configuration.header.countRange.lowerBound),
        configuration.header.countBytes(shardRows)), &effects)
  }

  private mutating func seal(_ shard: OpenFile, _ effects: inout [JournalEffect]) {
    guard case .shard(let name) = shard.file else { preconditionFailure("not a shard") }
    perform(.seal(name, rows: shardRows, byteCount: shard.byteCount), &effects)
  }

  /// Takes the answer to `operation` and goes on.
  mutating func answer(
    _ operation: JournalOperation, _ event: JournalEvent, _ effects: inout [JournalEffect]
  ) {
    switch (operation, event) {
    case (.listEpochs, .epochs(let highest)):
      listed(highest, &effects)
    case (.inspectHolder(let last), .holder(let holder)):
      inspected(last, holder, &effects)
    case (.claimEpoch(let number), .claimed(let isOurs)):
      if isOurs {
        epoch = number
        phase = .running
        effects.append(.claimed(epoch: number))
      } else {
        // Somebody was faster: look at them.
        perform(.listEpochs, &effects)
      }
    case (.create(let file, _), .done):
      withFile(file) { $0.isCreated = true }
    case (.syncDirectory(let file), .done):
      withFile(file) { $0.isDirectorySynced = true }
    case (.write(let file, _, _, let asked), .written(let count)):
      if count == asked {
        withFile(file) { $0.isWritten = true }
      } else {
        let error = JournalError(code: 0, text: "only \(count) of \(asked) bytes were written")
        failed(operation, error, &effects)
      }
    case (.sync(let file), .done):
      synced(file)
    case (.patchCount, .done):
      countedRows = shardRows
    case (.seal(let name, _, _), .done):
      retire(.shard(name))
    case (.cut, .done), (.cut, .failed):
      if let ending { end(ending, &effects) }
    case (.close, .done), (.close, .failed):
      break
    case (_, .failed(let error)):
      failed(operation, error, &effects)
    default:
      preconditionFailure("\(event) is no answer to \(operation)")
    }
    advance(into: &effects)
  }

  private mutating func listed(_ highest: EpochNumber, _ effects: inout [JournalEffect]) {
    listingFailures = 0
    guard phase == .claiming else {
      // Only a shard that is opened now may rely on it; a later one asks again.
      isListed = rowsByteCount > 0
      if highest > epoch {
        end(.superseded(by: highest), &effects)
      } else if let (file, byteCount) = toCut {
        toCut = nil
        perform(.cut(file, byteCount: byteCount), &effects)
      }
      return
    }
    if highest == 0 || isTakingOver {
      claim(after: highest, &effects)
    } else {
      perform(.inspectHolder(of: highest), &effects)
    }
  }

  private mutating func inspected(
    _ last: EpochNumber, _ holder: JournalHolder, _ effects: inout [JournalEffect]
  ) {
    if holder.isAlive || holder.isMoving {
      end(.refused(holder: holder.description), &effects)
    } else {
      claim(after: last, &effects)
    }
  }

  private mutating func claim(after last: EpochNumber, _ effects: inout [JournalEffect]) {
    guard last < .max else {
      let error = JournalError(code: 0, text: "the numbers of starts are used up")
      return end(.failed(action: "claim a new start number", error), &effects)
    }
    perform(.claimEpoch(last + 1), &effects)
  }

  private mutating func withFile(_ file: JournalFile, _ change: (inout OpenFile) -> Void) {
    if shard?.file == file, var open = shard {
      change(&open)
      shard = open
    } else if failures?.file == file, var open = failures {
      change(&open)
      failures = open
    }
  }

  private mutating func synced(_ file: JournalFile) {
    switch file {
    case .shard:
      let count = rowsByteCount
      shardRows += Int64(count / configuration.rowByteCount)
      rows.removeAll(keepingCapacity: true)
      rowsByteCount = 0
      withFile(file) {
        $0.byteCount += UInt64(count)
        $0.isWritten = false
      }
    case .failures:
      let count = linesByteCount
      lines.removeAll(keepingCapacity: true)
      linesByteCount = 0
      withFile(file) {
        $0.byteCount += UInt64(count)
        $0.isWritten = false
      }
    }
  }

  /// Nothing of ours writes the file any more.
  private mutating func retire(_ file: JournalFile) {
    if shard?.file == file {
      shard = nil
      isSealing = false
    } else if failures?.file == file {
      failures = nil
    }
    toClose.append(file)
  }

  private mutating func failed(
    _ operation: JournalOperation, _ error: JournalError, _ effects: inout [JournalEffect]
  ) {
    switch operation {
    case .listEpochs:
      listingFailures += 1
      toCut = nil
      if let ending {
        end(ending, &effects)
      } else if phase == .claiming || listingFailures >= configuration.failureLimit {
        end(.failed(action: operation.action, error), &effects)
      }
    case .inspectHolder, .claimEpoch:
      end(.failed(action: operation.action, error), &effects)
    case .seal(let name, _, _):
      // The summary can be rebuilt at any time.
      retire(.shard(name))
    case .patchCount(let name, _, _):
      // Nothing unacknowledged is in it, but what it now holds is unknown: never written again.
      retire(.shard(name))
    case .create(let file, _), .syncDirectory(let file), .write(let file, _, _, _):
      give(up: file, operation, error)
      if let ending { end(ending, &effects) }
    case .sync(let file):
      // Pages turn clean after an error, so a second sync of the same file could lie: the group's
      // bytes, which are still here, go to a new file. Those in the old one go before anything else is
      // done: recovery would see them, and no sync of its own could tell that no disk has them. But
      // not if a newer coordinator may have read them already.
      toCut = (file, byteCount(of: file))
      give(up: file, operation, error)
      perform(.listEpochs, &effects)
    case .cut, .close:
      break
    }
  }
}

extension Journal {
  private mutating func give(
    up file: JournalFile, _ operation: JournalOperation, _ error: JournalError
  ) {
    retire(file)
    fileFailures += 1
    if fileFailures >= configuration.failureLimit {
      ending = .failed(action: operation.action, error)
    }
  }

  private func byteCount(of file: JournalFile) -> UInt64 {
    if let shard, shard.file == file { return shard.byteCount }
    if let failures, failures.file == file { return failures.byteCount }
    preconditionFailure("\(file) is not open")
  }
}

extension JournalOperation {
  /// What was tried, for "could not ...".
  public var action: String {
    switch self {
    case .listEpochs: "list epochs/ and shards/"
    case .inspectHolder(let epoch): "look at who made start number \(epoch)"
    case .claimEpoch(let epoch): "make epochs/\(epoch)"
    case .create(let file, _): "create \(file)"
    case .syncDirectory(let file): "sync the directory of \(file)"
    case .write(let file, _, _, _): "write to \(file)"
    case .sync(let file): "sync \(file)"
    case .patchCount(let name, _, _): "write the row count of shards/\(name)"
    case .seal(let name, _, _): "write the summary of shards/\(name)"
    case .cut(let file, _): "cut \(file)"
    case .close(let file): "close \(file)"
    }
  }
}
