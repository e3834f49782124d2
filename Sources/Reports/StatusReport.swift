import RunFolder
import Shards
import SweepModel

/// How a run stands, by its directory alone: for `status` and `watch`.
public struct StatusReport: Sendable {
  public var folder: RunFolder
  public var name: String
  /// nil if no coordinator has written one yet.
  public var status: RunStatus?
  /// Since the status was written.
  public var ageSeconds: Double
  /// What stands in control/.
  public var requests: [ControlRequest]

  /// A living coordinator writes each second; after this many without news it is taken to be gone.
  public static let staleSeconds = 10.0

  /// - Parameter now: nanoseconds since 1970.
  public init(_ folder: RunFolder, now: Int64) throws(RunFolderError) {
    self.folder = folder
    name = try folder.open().name
    status = folder.hasStatus ? try folder.status() : nil
    ageSeconds = status.map { max(0, Double(now - $0.time) / 1e9) } ?? 0
    requests = folder.requests()
  }

  /// Whether a coordinator seems to be at work.
  public var isLive: Bool {
    guard let status else { return false }
    return !status.state.isOver && ageSeconds < Self.staleSeconds
  }

  public var json: JSONValue {
    var object: JSONValue = [
      "schema": 1, "run": .string(folder.path), "name": .string(name), "live": .boolean(isLive),
      "age_seconds": status == nil ? nil : .real(ageSeconds),
      "requests": .array(requests.map { .string($0.rawValue) }),
    ]
    object.append("status", status?.json ?? .null)
    return object
  }
}

extension StatusReport: CustomStringConvertible {
  /// A few lines for people.
  public var description: String {
    guard let status else {
      return "\(folder.path): \(name), created but never started"
    }
    let percent =
      status.units > 0
      ? Int((Double(status.ended) / Double(status.units) * 100).rounded(.down)) : 100
    var lines = [
      "\(folder.path): \(name), \(stateText(status))",
      "\(status.ended) of \(status.units) units (\(percent)%), \(status.failed) failed, "
        + "\(status.leased) leased",
    ]
    if isLive {
      let slots = status.workers.reduce(0) { $0 + $1.slots }
      lines.append(
        "\(oneDecimal(status.unitsPerSecond)) unit/s, \(status.workers.count) "
          + "worker\(status.workers.count == 1 ? "" : "s") with \(slots) "
          + "slot\(slots == 1 ? "" : "s")\(classesText(status))")
      lines += status.endpoints.map { "listening on \($0)" }
      lines += requests.map { "asked to \($0.rawValue)" }
    } else if !status.state.isOver {
      lines.append(
        "no news for \(duration(ageSeconds)): the coordinator (\(status.host), process "
          + "\(status.processID)) has died or cannot write here; the same command continues the run"
      )
    }
    return lines.joined(separator: "\n")
  }

  private func stateText(_ status: RunStatus) -> String {
    status.state.rawValue + (status.reason.isEmpty ? "" : " (\(status.reason))")
  }

  /// Said only where it matters: all workers are of one class on most machines.
  private func classesText(_ status: RunStatus) -> String {
    var classes: [String] = []
    for worker in status.workers where !classes.contains(worker.numericsClass) {
      classes.append(worker.numericsClass)
    }
    guard classes.count > 1 else { return "" }
    let counts = classes.map { name in
      "\(status.workers.filter { $0.numericsClass == name }.count) of \(name)"
    }
    return ", numerics classes: " + counts.joined(separator: ", ")
  }

  private func oneDecimal(_ number: Double) -> String {
    guard number.isFinite, abs(number) < 1e15 else { return "\(number)" }
    let tenths = Int64((number * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10))"
  }

  private func duration(_ seconds: Double) -> String {
    let whole = Int64(min(seconds, 1e15))
    switch whole {
    case ..<120: return "\(whole) s"
    case ..<7200: return "\(whole / 60) min"
    case ..<172_800: return "\(whole / 3600) h"
    default: return "\(whole / 86_400) days"
    }
  }
}
