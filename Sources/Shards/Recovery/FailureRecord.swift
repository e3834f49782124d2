import SweepModel

/// A line of failures/: one death of a unit's child, or the verdict on a unit, with its reason.
public struct FailureRecord: Hashable, Sendable {
  public enum Event: Hashable, Sendable {
    /// A child ended while it computed the unit; `counted` towards quarantine or not.
    case death(counted: Bool)
    /// The unit has this status now.
    case verdict(RowStatus)
  }

  /// The journal's position within the epoch: after a failure the same line may stand in two files.
  public var position: UInt64
  public var unit: UnitIndex
  public var attempt: Int16
  public var worker: Int32
  public var event: Event
  /// "signal 11", "exit code 3", "time limit": for people.
  public var cause: String
  /// The last lines of the child's stderr.
  public var detail: String
  /// When, ISO 8601 UTC; empty if not known.
  public var time: String

  public init(
    position: UInt64, unit: UnitIndex, attempt: Int16, worker: Int32, event: Event, cause: String,
    detail: String = "", time: String = ""
  ) {
    self.position = position
    self.unit = unit
    self.attempt = attempt
    self.worker = worker
    self.event = event
    self.cause = cause
    self.detail = detail
    self.time = time
  }

  /// As a line with its newline.
  public var line: [UInt8] {
    var object: JSONValue = [
      "position": .integer(Int64(clamping: position)), "unit": .integer(unit),
      "attempt": .integer(Int64(attempt)), "worker": .integer(Int64(worker)),
    ]
    switch event {
    case .death(let counted):
      object.append("event", "death")
      object.append("counted", .boolean(counted))
    case .verdict(let status):
      object.append("event", "verdict")
      object.append("status", .integer(Int64(status.rawValue)))
    }
    object.append("cause", .string(cause))
    object.append("detail", .string(detail))
    if !time.isEmpty { object.append("time", .string(time)) }
    return object.line
  }

  /// Reads a line without its newline; nil if it is none of ours.
  public init?(line: ArraySlice<UInt8>) {
    guard let object = try? JSONValue(parsing: line, depthLimit: 4),
      let position = object["position"]?.integer, position > 0,
      let unit = object["unit"]?.integer, unit >= 0,
      let attempt = object["attempt"]?.integer.flatMap({ Int16(exactly: $0) }),
      let worker = object["worker"]?.integer.flatMap({ Int32(exactly: $0) })
    else { return nil }
    switch object["event"]?.string {
    case "death":
      guard let counted = object["counted"]?.boolean else { return nil }
      event = .death(counted: counted)
    case "verdict":
      guard let status = object["status"]?.integer.flatMap({ Int16(exactly: $0) }) else {
        return nil
      }
      event = .verdict(RowStatus(rawValue: status))
    default: return nil
    }
    self.position = UInt64(position)
    self.unit = unit
    self.attempt = attempt
    self.worker = worker
    cause = object["cause"]?.string ?? ""
    detail = object["detail"]?.string ?? ""
    time = object["time"]?.string ?? ""
  }
}
