import Host
import Shards
import SweepModel

/// What was found in a run directory, shard by shard.
public struct RecoveredRun: Sendable {
  public struct Shard: Hashable, Sendable {
    public var name: ShardName
    public var result: ShardScan.Result
    public var fileByteCount: Int64
  }

  public var recovery: Recovery
  /// In the order (epoch, number); those that could not be read are missing and stand in `remarks`.
  public var shards: [Shard] = []
  public var remarks: [RecoveryRemark] = []
}

extension RunFolder {
  /// Reads every shard, every line of failures/ and the workers' numbers. What cannot be read is
  /// remarked and left out: a coordinator starts in any case, and computes again what it did not find.
  /// - Parameters:
  ///   - unitCount: units are `0 ..< unitCount`.
  ///   - visit: is called with all good rows, in the order in which they count.
  /// - Throws: if shards/ cannot be listed at all.
  public func recover(
    layout: RowLayout, unitCount: Int64, visit: (ShardName, ShardScan.Found) -> Void = { _, _ in }
  ) throws(RunFolderError) -> RecoveredRun {
    let header: NPYHeader
    do {
      header = try NPYHeader(layout: layout)
    } catch {
      throw RunFolderError(schemaFile, "\(error)")
    }
    var run = RecoveredRun(recovery: Recovery(unitCount: unitCount))
    let names: [ShardName]
    do {
      names = try shardNames()
    } catch {
      throw RunFolderError(error, shardsFolder)
    }
    for name in names {
      do {
        let reader = try ShardReader(
          self, name, pieceByteCount: Self.pieceByteCount(for: layout))
        let result = try reader.scan(header: header, layout: layout, unitCount: unitCount) {
          run.recovery.add($0)
          visit(name, $0)
        }
        run.recovery.add(result, of: name)
        run.shards.append(
          RecoveredRun.Shard(name: name, result: result, fileByteCount: reader.fileByteCount))
        if let summary = summary(of: name), summary.rows > result.rowCount {
          run.remarks.append(
            .shortened(name, sealedRows: summary.rows, foundRows: result.rowCount))
        }
      } catch {
        run.remarks.append(
          .unreadable(file: "shards/\(name)", reason: error.reason))
      }
    }
    readFailures(into: &run)
    readWorkers(into: &run)
    run.remarks = run.recovery.remarks + run.remarks
    return run
  }

  /// Makes durable what `recover` has read. A coordinator that died between a write and its sync leaves
  /// rows that every reader sees and no disk may have; a worker that sends them again is told at once
  /// that they are safe. To be called after the scan and before anything rests on it.
  public func synchronise(_ run: RecoveredRun) throws(RunFolderError) {
    var files = run.shards.map { shardFile($0.name) }
    for name in (try? FileSystem.list(failuresFolder)) ?? [] {
      if let failures = FailuresName(fileName: name) { files.append(failuresFile(failures)) }
    }
    for file in files {
      do throws(SystemError) {
        try FileSystem.open(file, .read).synchroniseData()
      } catch {
        throw RunFolderError(error, file)
      }
    }
    for folder in [shardsFolder, failuresFolder] where FileSystem.exists(folder) {
      do throws(SystemError) {
        try FileSystem.synchroniseDirectory(folder)
      } catch {
        throw RunFolderError(error, folder)
      }
    }
  }

  private func readFailures(into run: inout RecoveredRun) {
    let names = (try? FileSystem.list(failuresFolder)) ?? []
    for name in names.compactMap({ FailuresName(fileName: $0) }).sorted() {
      do {
        run.recovery.add(
          failures: name, bytes: try FileSystem.readFile(failuresFile(name), limit: 1 << 32))
      } catch {
        run.remarks.append(.unreadable(file: "failures/\(name)", reason: error.code.description))
      }
    }
  }

  private func readWorkers(into run: inout RecoveredRun) {
    for name in (try? FileSystem.list(workersFolder)) ?? [] where name.hasSuffix(".jsonl") {
      guard let bytes = try? FileSystem.readFile(workersFolder + "/" + name, limit: 1 << 30) else {
        run.remarks.append(.unreadable(file: "workers/\(name)", reason: "not readable"))
        continue
      }
      forEachLine(of: bytes) { line in
        if let object = try? JSONValue(parsing: line),
          let number = object["number"]?.integer.flatMap({ Int32(exactly: $0) })
        {
          run.recovery.add(worker: number)
        }
      }
    }
  }

  /// Appends a line to workers/EPOCH.jsonl: a JSON object with the worker's `number`, its newline
  /// included. No promise rests on it, so it is not synced.
  public func appendWorker(_ line: [UInt8], of epoch: EpochNumber) throws(SystemError) {
    let file = try FileSystem.open(workersFile(epoch), .append)
    try file.writeAll(line)
  }

  /// What failures/ has on these units, in the order in which it was written.
  public func failures(of units: Set<UnitIndex>) -> [FailureRecord] {
    var found: [FailureRecord] = []
    let names = (try? FileSystem.list(failuresFolder)) ?? []
    for name in names.compactMap({ FailuresName(fileName: $0) }).sorted() {
      guard let bytes = try? FileSystem.readFile(failuresFile(name), limit: 1 << 32) else {
        continue
      }
      forEachLine(of: bytes) { line in
        if let record = FailureRecord(line: line), units.contains(record.unit) {
          found.append(record)
        }
      }
    }
    return found
  }
}
