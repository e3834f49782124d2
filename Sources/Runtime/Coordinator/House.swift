import Host
import RunFolder
import Scheduling
import Shards
import SweepModel
import Transport

/// What a coordinator keeps in its run directory beside the journal: status, the list of workers, and a
/// look at control/. None of it is part of a promise, so a failure here is a remark and no end.
struct House {
  let folder: RunFolder
  let epoch: Epoch
  let endpoints: [Endpoint]
  let startedAt: Int64
  private let remark: @Sendable (String) -> Void
  private(set) var nextDue: Int64
  private var nextStatus: Int64
  private var counter: Int64 = 0
  private var workers: [RunStatus.Worker] = []
  private var rate = RateMeter(windowSeconds: 5)
  private var isBroken = false
  var isDraining = false
  /// Why the run must end although its journal works.
  var failure: String?

  private static let progressNanoseconds: Int64 = 100_000_000
  private static let statusNanoseconds: Int64 = 1_000_000_000

  init(
    folder: RunFolder, epoch: Epoch, endpoints: [Endpoint],
    remark: @escaping @Sendable (String) -> Void
  ) {
    self.folder = folder
    self.epoch = epoch
    self.endpoints = endpoints
    self.remark = remark
    startedAt = BootClock.now()
    nextDue = startedAt
    nextStatus = startedAt
  }

  func isDue(at now: Int64) -> Bool { now >= nextDue }

  mutating func write(_ counts: CoordinatorCounts, at now: Int64) {
    nextDue = now + Self.progressNanoseconds
    rate.add(ended: counts.ended, at: now)
    guard now >= nextStatus else { return }
    nextStatus = now + Self.statusNanoseconds
    write(counts, state: isDraining ? .draining : .running, reason: "", at: now)
  }

  mutating func write(
    _ counts: CoordinatorCounts, state: RunStatus.State, reason: String, at now: Int64
  ) {
    counter += 1
    let status = RunStatus(
      epoch: epoch, counter: counter, state: state, reason: reason, units: counts.units,
      ended: counts.ended, failed: counts.failed, leased: counts.leased,
      unitsPerSecond: rate.unitsPerSecond ?? 0, elapsedSeconds: Double(now - startedAt) / 1e9,
      workers: workers, endpoints: endpoints.map { "\($0)" }, host: Machine.hostName(),
      processID: Machine.processID, time: WallClock.now())
    do throws(SystemError) { try folder.write(status) } catch { complain(error) }
  }

  mutating func record(_ worker: WorkerRecord) {
    workers.removeAll { $0.number == worker.number }
    workers.append(
      RunStatus.Worker(
        number: worker.number, host: worker.host, slots: Int(worker.slots),
        numericsClass: hexadecimal(worker.numericsClass)))
    let line: JSONValue = [
      "number": .integer(Int64(worker.number)), "host": .string(worker.host),
      "pid": .integer(Int64(worker.processID)), "slots": .integer(Int64(worker.slots)),
      "build": .string(worker.build), "numerics_class": .string(hexadecimal(worker.numericsClass)),
      "time": .string(WallClock.text(WallClock.now())),
    ]
    do throws(SystemError) {
      try folder.appendWorker(line.line, of: epoch)
    } catch {
      complain(error)
    }
  }

  /// A worker that left or fell silent is no longer listed; if it comes back it is recorded again.
  mutating func note(_ notice: Notice) {
    switch notice {
    case .workerLeft(let number, _, _), .workerLost(let number, _, _):
      workers.removeAll { $0.number == number }
    default: break
    }
  }

  /// Whether a file in control/ asks for a drain.
  func isDrainAsked() -> Bool { folder.requests().contains(.drain) }

  /// Once is enough.
  private mutating func complain(_ error: SystemError) {
    if !isBroken { remark("\(error); status may be out of date") }
    isBroken = true
  }
}
