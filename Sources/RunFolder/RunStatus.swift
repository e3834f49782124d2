import Host
import Shards
import SweepModel

/// status.json: how a run stands, rewritten each second by its coordinator. `status` and `watch` read
/// nothing else, also over a shared file system and after the coordinator's death.
public struct RunStatus: Hashable, Sendable {
  public enum State: String, Hashable, Sendable, CaseIterable {
    case starting, running, draining, complete, drained, failed

    /// The coordinator has ended by itself.
    public var isOver: Bool { self == .complete || self == .drained || self == .failed }
  }

  public struct Worker: Hashable, Sendable {
    public var number: Int32
    public var host: String
    public var slots: Int
    /// 16 hexadecimal digits.
    public var numericsClass: String

    public init(number: Int32, host: String, slots: Int, numericsClass: String) {
      self.number = number
      self.host = host
      self.slots = slots
      self.numericsClass = numericsClass
    }
  }

  public var epoch: EpochNumber
  /// Rises with each rewriting: a reader that sees it move knows that the coordinator lives.
  public var counter: Int64
  public var state: State
  /// Why it ended or stands, for people.
  public var reason: String
  /// Admitted units; those that `where` excludes are not counted anywhere.
  public var units: Int64
  /// Units with a row, failed and quarantined ones included.
  public var ended: Int64
  public var failed: Int64
  public var leased: Int64
  /// Over the last seconds.
  public var unitsPerSecond: Double
  /// Since this coordinator started.
  public var elapsedSeconds: Double
  public var workers: [Worker]
  public var endpoints: [String]
  public var host: String
  public var processID: Int32
  /// Nanoseconds since 1970, when this was written.
  public var time: Int64

  public init(
    epoch: EpochNumber, counter: Int64, state: State, reason: String = "", units: Int64,
    ended: Int64, failed: Int64, leased: Int64, unitsPerSecond: Double, elapsedSeconds: Double,
    workers: [Worker], endpoints: [String], host: String, processID: Int32, time: Int64
  ) {
    self.epoch = epoch
    self.counter = counter
    self.state = state
    self.reason = reason
    self.units = units
    self.ended = ended
    self.failed = failed
    self.leased = leased
    self.unitsPerSecond = unitsPerSecond
    self.elapsedSeconds = elapsedSeconds
    self.workers = workers
    self.endpoints = endpoints
    self.host = host
    self.processID = processID
    self.time = time
  }
}

extension RunStatus {
  public var json: JSONValue {
    [
      "schema": 1, "epoch": .integer(Int64(epoch)), "counter": .integer(counter),
      "state": .string(state.rawValue), "reason": reason.isEmpty ? nil : .string(reason),
      "units": .integer(units), "ended": .integer(ended), "failed": .integer(failed),
      "leased": .integer(leased), "units_per_second": .real(unitsPerSecond),
      "elapsed_seconds": .real(elapsedSeconds),
      "workers": .array(
        workers.map {
          [
            "number": .integer(Int64($0.number)), "host": .string($0.host),
            "slots": .integer(Int64($0.slots)), "numerics_class": .string($0.numericsClass),
          ]
        }),
      "endpoints": .array(endpoints.map { .string($0) }), "host": .string(host),
      "pid": .integer(Int64(processID)), "time": .string(WallClock.text(time)),
      "time_nanoseconds": .integer(time),
    ]
  }

  public init?(json: JSONValue) {
    guard json["schema"]?.integer == 1,
      let epoch = json["epoch"]?.integer.flatMap({ EpochNumber(exactly: $0) }),
      let counter = json["counter"]?.integer,
      let state = json["state"]?.string.flatMap(State.init(rawValue:)),
      let units = json["units"]?.integer, let ended = json["ended"]?.integer,
      let failed = json["failed"]?.integer, let leased = json["leased"]?.integer,
      let time = json["time_nanoseconds"]?.integer
    else { return nil }
    var workers: [Worker] = []
    for worker in json["workers"]?.array ?? [] {
      guard let number = worker["number"]?.integer.flatMap({ Int32(exactly: $0) }),
        let slots = worker["slots"]?.integer.flatMap({ Int(exactly: $0) })
      else { return nil }
      workers.append(
        Worker(
          number: number, host: worker["host"]?.string ?? "", slots: slots,
          numericsClass: worker["numerics_class"]?.string ?? ""))
    }
    self.init(
      epoch: epoch, counter: counter, state: state, reason: json["reason"]?.string ?? "",
      units: units, ended: ended, failed: failed, leased: leased,
      unitsPerSecond: json["units_per_second"]?.real ?? 0,
      elapsedSeconds: json["elapsed_seconds"]?.real ?? 0, workers: workers,
      endpoints: (json["endpoints"]?.array ?? []).compactMap(\.string),
      host: json["host"]?.string ?? "",
      processID: json["pid"]?.integer.flatMap({ Int32(exactly: $0) }) ?? 0, time: time)
  }
}

extension RunFolder {
  /// Replaces status.json whole. Not synced: a crash may leave an older one.
  public func write(_ status: RunStatus) throws(SystemError) {
    try FileSystem.replaceFile(statusFile, with: status.json.line, durable: false)
  }

  public var hasStatus: Bool { FileSystem.exists(statusFile) }

  public func status() throws(RunFolderError) -> RunStatus {
    guard let status = RunStatus(json: try readObject(statusFile, limit: 64 << 20)) else {
      throw RunFolderError(statusFile, "not a status of a version that is known here")
    }
    return status
  }
}
