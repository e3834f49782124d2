import Host
import Shards
import SweepModel

/// epochs/N: who started as the N-th coordinator of this run.
public struct EpochRecord: Hashable, Sendable {
  public var host: String
  public var processID: Int32
  public var bootID: String
  /// Clock ticks after the machine's start at which the process started.
  public var startTime: UInt64
  /// What it was told to listen on; empty if on nothing.
  public var endpoint: String
  public var build: String
  public var processor: String
  /// ISO 8601, UTC.
  public var time: String

  public init(
    host: String, processID: Int32, bootID: String, startTime: UInt64, endpoint: String,
    build: String, processor: String, time: String
  ) {
    self.host = host
    self.processID = processID
    self.bootID = bootID
    self.startTime = startTime
    self.endpoint = endpoint
    self.build = build
    self.processor = processor
    self.time = time
  }

  /// This process, now.
  public static func current(endpoint: String, build: String) -> EpochRecord {
    let processID = Machine.processID
    return EpochRecord(
      host: Machine.hostName(), processID: processID, bootID: Machine.bootID() ?? "",
      startTime: Machine.processStartTime(processID) ?? 0, endpoint: endpoint, build: build,
      processor: processorName(), time: WallClock.text(WallClock.now()))
  }

  /// What the CPU calls itself; empty if nothing says it.
  public static func processorName() -> String {
    guard let bytes = try? FileSystem.readFile("/proc/cpuinfo", limit: 16 << 20) else { return "" }
    var name = ""
    forEachLine(of: bytes) { line in
      guard name.isEmpty, line.starts(with: "model name".utf8),
        let colon = line.firstIndex(of: UInt8(ascii: ":"))
      else { return }
      name = String(decoding: line[(colon + 1)...].drop { $0 == 32 }, as: UTF8.self)
    }
    return name
  }

  func json(epoch: EpochNumber) -> JSONValue {
    [
      "format": 1, "epoch": .integer(Int64(epoch)), "host": .string(host),
      "pid": .integer(Int64(processID)), "boot_id": .string(bootID),
      "start_time": .integer(Int64(clamping: startTime)), "endpoint": .string(endpoint),
      "build": .string(build), "cpu": .string(processor), "time": .string(time),
    ]
  }

  init?(json: JSONValue) {
    guard let host = json["host"]?.string,
      let processID = json["pid"]?.integer.flatMap({ Int32(exactly: $0) }),
      let bootID = json["boot_id"]?.string,
      let startTime = json["start_time"]?.integer.flatMap({ UInt64(exactly: $0) })
    else { return nil }
    self.host = host
    self.processID = processID
    self.bootID = bootID
    self.startTime = startTime
    endpoint = json["endpoint"]?.string ?? ""
    build = json["build"]?.string ?? ""
    processor = json["cpu"]?.string ?? ""
    time = json["time"]?.string ?? ""
  }
}

extension RunFolder {
  /// Who made this epoch; nil if its file cannot be read or says nothing.
  public func epochRecord(_ epoch: EpochNumber) -> EpochRecord? {
    (try? readObject(epochFile(epoch), limit: 1 << 20)).flatMap(EpochRecord.init(json:))
  }

  /// The highest number that a coordinator of this run has used, 0 if none has. Shards count too, so
  /// that no number is used twice if somebody empties epochs/.
  public func highestEpoch() throws(SystemError) -> EpochNumber {
    var highest: EpochNumber = 0
    for name in try FileSystem.list(epochsFolder) {
      if let epoch = EpochNumber(name), String(epoch) == name { highest = max(highest, epoch) }
    }
    for name in try FileSystem.list(shardsFolder) {
      if let shard = ShardName(fileName: name) { highest = max(highest, shard.epoch) }
    }
    return highest
  }

  /// Makes epochs/N, complete and synced.
  /// - Returns: false if the number is taken.
  public func claim(_ epoch: EpochNumber, _ record: EpochRecord) throws(SystemError) -> Bool {
    let draft = epochsFolder + "/.\(epoch).\(record.host).\(record.processID).new"
    try? FileSystem.remove(draft)
    let file = try FileSystem.open(draft, .createNew)
    defer { try? FileSystem.remove(draft) }
    try file.writeAll(record.json(epoch: epoch).line)
    try file.synchroniseData()
    do {
      try FileSystem.link(draft, to: epochFile(epoch))
    } catch {
      // Over NFS the answer can be lost and the link made all the same: the count of names decides.
      let isOurs = (try? FileSystem.status(draft))?.linkCount == 2
      if !isOurs {
        if error.code == .exists { return false }
        throw error
      }
    }
    guard try FileSystem.status(draft).linkCount == 2 else { return false }
    try FileSystem.synchroniseDirectory(epochsFolder)
    return true
  }

  /// Looks whether the maker of an epoch lives: by its process if it is of this machine, else by
  /// watching status.json, which a living coordinator rewrites each second.
  /// - Parameters:
  ///   - watchSeconds: how long a status of another machine is watched.
  ///   - pause: waits a second.
  public func inspect(
    holderOf epoch: EpochNumber, watchSeconds: Int, pause: () -> Void
  ) -> JournalHolder {
    guard let record = epochRecord(epoch) else {
      return watch(epoch, "start number \(epoch)", watchSeconds: watchSeconds, pause: pause)
    }
    let description =
      "\(record.host), process \(record.processID), started \(record.time)"
      + (record.endpoint.isEmpty ? "" : ", listening on \(record.endpoint)")
    let isSameMachine =
      record.host == Machine.hostName() && !record.bootID.isEmpty
      && record.bootID == Machine.bootID()
    guard isSameMachine else {
      return watch(epoch, description, watchSeconds: watchSeconds, pause: pause)
    }
    let isAlive =
      record.processID > 0 && Machine.processStartTime(record.processID) == record.startTime
    return JournalHolder(description: description, isAlive: isAlive, isMoving: false)
  }

  private func watch(
    _ epoch: EpochNumber, _ description: String, watchSeconds: Int, pause: () -> Void
  ) -> JournalHolder {
    var holder = JournalHolder(description: description, isAlive: false, isMoving: false)
    var last: Int64?
    for second in 0...watchSeconds {
      // Opened afresh each time: over NFS that is what brings news.
      if let status = try? status() {
        if status.epoch == epoch && status.state.isOver { return holder }
        if status.epoch >= epoch {
          if let last, status.counter != last {
            holder.isMoving = true
            return holder
          }
          last = status.counter
        }
      }
      if second < watchSeconds { pause() }
    }
    return holder
  }
}
