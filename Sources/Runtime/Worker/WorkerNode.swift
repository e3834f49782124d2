import Glibc
import Host
import Scheduling
import Shards
import Solvers
import SweepModel
import Transport
import Wire

/// How a worker finds its coordinator and proves itself; read anew before each attempt, because a
/// coordinator may have moved.
public struct WorkerAccess: Sendable {
  public var run: RunIdentity
  /// Tried in turn.
  public var endpoints: [Endpoint]
  /// nil for ipc.
  public var keys: Connection.Keys?

  public init(run: RunIdentity, endpoints: [Endpoint], keys: Connection.Keys?) {
    self.run = run
    self.endpoints = endpoints
    self.keys = keys
  }
}

public struct WorkerConfiguration: Sendable {
  public var access: WorkerAccess
  /// Reads the access again; nil keeps the last.
  public var readAccess: @Sendable () -> WorkerAccess?
  public var slots: UInt16
  public var policy: Policy
  public var build: String
  /// The program whose hidden subcommand is the solver child.
  public var program: String
  /// When it must have ended, by `BootClock`; nil if it need not.
  public var endsAt: Int64?
  public var notice: @Sendable (WorkerNotice) -> Void

  public init(
    access: WorkerAccess, readAccess: @escaping @Sendable () -> WorkerAccess?, slots: UInt16,
    policy: Policy, build: String, program: String, endsAt: Int64?,
    notice: @escaping @Sendable (WorkerNotice) -> Void
  ) {
    self.access = access
    self.readAccess = readAccess
    self.slots = slots
    self.policy = policy
    self.build = build
    self.program = program
    self.endsAt = endsAt
    self.notice = notice
  }
}

/// How a worker's process ends.
public enum WorkerEnd: Sendable {
  case outcome(WorkerOutcome)
  /// A second signal: at once.
  case signalled(Int32)
}

/// The worker's process: owns the one connection, the children and their pipes, and turns what happens
/// there into events of the `Worker` value. One thread, one loop.
public final class WorkerNode {
  private let configuration: WorkerConfiguration
  private var access: WorkerAccess
  private var machine: Worker
  private let context: Context
  private let signals: SignalSource
  private let link: WorkerLink
  private let children: ChildPool
  private var poller = Poller()
  private var effects: [WorkerEffect] = []
  private var spare: [WorkerEffect] = []
  private var outcome: WorkerOutcome?
  private var isDraining = false

  /// - Throws: `SystemError` or `TransportFailure` if the process cannot even begin.
  public init(_ configuration: WorkerConfiguration) throws {
    self.configuration = configuration
    access = configuration.access
    signals = try SignalSource()
    // Each slot takes four descriptors.
    try Machine.raiseOpenFileLimit()
    context = try Context()
    link = WorkerLink(context)
    let random = Machine.randomWord
    let facts = WorkerFacts(
      run: access.run, identity: WorkerIdentity(high: random(), low: random()),
      build: configuration.build, host: Machine.hostName(), processID: Machine.processID,
      slots: configuration.slots,
      solvers: Registry.interfaces.map { SolverVersion(name: $0.name, version: $0.version) },
      endsAt: configuration.endsAt.map { Tick(nanoseconds: $0) })
    machine = Worker(
      facts: facts, policy: configuration.policy, seed: random(), at: Self.now)
    children = ChildPool(program: configuration.program, slots: Int(configuration.slots))
  }

  static var now: Tick { Tick(nanoseconds: BootClock.now()) }

  /// Runs until the worker is told to end, gives up, or is signalled twice.
  public func run() throws -> WorkerEnd {
    machine.start(at: Self.now, into: &effects)
    perform()
    while outcome == nil {
      poller.removeAll()
      let signalPlace = poller.add(descriptor: signals.descriptor.raw)
      let linkPlace = link.add(to: &poller)
      children.add(to: &poller)
      poller.wait(milliseconds: millisecondsToWait)
      if poller.isReady(signalPlace), let signal = try handleSignals() {
        children.killAll()
        return .signalled(signal)
      }
      if let linkPlace, poller.isReady(linkPlace) { receive() }
      children.serve(poller)
      for event in children.takeEvents() { handle(event) }
      if let deadline = machine.nextDeadline, Self.now >= deadline { handle(.tick) }
    }
    children.killAll()
    link.close()
    return .outcome(outcome ?? .finished)
  }

  private var millisecondsToWait: Int64 {
    let now = Self.now
    var wait: Int64 = children.needsTiming ? ChildPool.timingIntervalMilliseconds : 1000
    if let deadline = machine.nextDeadline {
      wait = min(wait, max(0, ((deadline - now).nanoseconds + 999_999) / 1_000_000))
    }
    return wait
  }

  /// - Returns: the signal that ends the process at once, the second of its kind.
  private func handleSignals() throws -> Int32? {
    while let signal = try signals.next() {
      if signal == SIGCHLD {
        children.reap()
        for event in children.takeEvents() { handle(event) }
      } else if isDraining {
        return signal
      } else {
        isDraining = true
        handle(.drain)
      }
    }
    return nil
  }

  private func receive() {
    // A bound, so that a flood of messages cannot starve the children.
    hear(atMost: 256)
    let attempt = link.attempt
    while outcome == nil, link.attempt == attempt, let event = link.nextEvent() {
      // What came before the connection's end is heard before it: often that the sweep is over.
      hear(atMost: .max)
      if outcome == nil, link.attempt == attempt { handle(event) }
    }
    link.flush()
  }

  private func hear(atMost limit: Int) {
    var count = 0
    while count < limit, outcome == nil, let event = link.receive() {
      handle(event)
      count += 1
    }
  }

  /// The one funnel: every event goes in here, and every effect is performed from here.
  func handle(_ event: WorkerEvent) {
    machine.handle(event, at: Self.now, into: &effects)
    assert(
      {
        machine.checkInvariants()
        return true
      }())
    perform()
  }

  private func perform() {
    while !effects.isEmpty {
      swap(&effects, &spare)
      for effect in spare { perform(effect) }
      spare.removeAll(keepingCapacity: true)
    }
  }

  private func perform(_ effect: WorkerEffect) {
    switch effect {
    case .connect(let peer): connect(as: peer)
    case .disconnect: link.close()
    case .send(let message): link.send(message)
    case .prepare(let bytes): prepare(bytes)
    case .startChild(let slot):
      if let event = children.start(slot) {
        machine.handle(event, at: Self.now, into: &effects)
      }
    case .assign(let slot, let attempt, let units):
      children.assign(units, attempt: attempt, worker: machine.number, to: slot)
    case .killChild(let slot): children.kill(slot)
    case .recallChild(let slot): children.recall(slot)
    case .buildFailedRow(let serial, let unit, let attempt, let status, let reason):
      if let (bytes, runs) = children.failedRow(
        unit, attempt: attempt, worker: machine.number, status: status)
      {
        machine.handle(
          .failedRow(serial, bytes: bytes, runs: runs, reason: reason), at: Self.now,
          into: &effects)
      }
    case .notice(let notice): configuration.notice(notice)
    case .exit(let outcome): self.outcome = outcome
    }
  }

  private func connect(as peer: PeerID) {
    if let again = configuration.readAccess() { access = again }
    if let failure = link.connect(access, as: peer) {
      machine.handle(.disconnected(reason: failure), at: Self.now, into: &effects)
    }
  }

  private func prepare(_ bytes: [UInt8]) {
    let event: WorkerEvent
    do {
      let run = try children.prepare(description: bytes)
      event = .prepared(
        fingerprints: run.grid.segments.map(\.fingerprint.bytes),
        rowByteCount: children.rowByteCount,
        numericsClass: NumericsClass.value(for: run.solver.numerics))
    } catch {
      event = .unprepared(reason: "\(error)")
    }
    machine.handle(event, at: Self.now, into: &effects)
  }
}
