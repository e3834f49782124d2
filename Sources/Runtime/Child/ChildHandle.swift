import Glibc
import Host
import Scheduling
import SweepModel

/// A worker's view of one packed solver child: its process, its two pipes and the page they share.
package final class ChildHandle {
  package let process: ChildProcess
  package let page: ProgressPage
  /// Nonblocking; what it does not take at once waits in `unsent`.
  private let orders: Descriptor
  package let answers: Descriptor
  private var unsent: [UInt8] = []
  private var sent = 0
  private var reader = FrameReader()
  package private(set) var isAtEnd = false
  /// What the worker killed it for, if it did.
  var killedFor: ChildEnd.Cause?
  /// It said something that makes no sense; nothing more of it is read.
  var isBroken = false
  /// Reasons that came before the rows they are about.
  var reasons: [RowReason] = []
  /// Batches sent before this many recalls are dropped by the child.
  private var recalls: UInt32 = 0

  static let ordersDescriptor: Int32 = 3
  static let answersDescriptor: Int32 = 4
  static let pageDescriptor: Int32 = 5
  private static let pipeByteCount = 1 << 20

  /// - Parameters:
  ///   - program: this program's own path.
  ///   - description: the run description's bytes.
  package init(program: String, description: [UInt8], slot: Int) throws(SystemError) {
    let toChild = try Pipe(capacity: Self.pipeByteCount)
    let fromChild = try Pipe(capacity: Self.pipeByteCount)
    page = try ProgressPage()
    var specification = ChildSpecification(
      executable: program, arguments: [SolverChild.commandName])
    specification.descriptors = [
      (toChild.readEnd.raw, Self.ordersDescriptor),
      (fromChild.writeEnd.raw, Self.answersDescriptor),
      (page.descriptor.raw, Self.pageDescriptor),
    ]
    specification.environment = Environment.all + ["SPINODAL_SLOT=\(slot)"]
    specification.standardError = .pipe
    // Slurm signals every process of a job; the worker alone decides what becomes of units in progress.
    specification.ignoredSignals = [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2]
    specification.ownGroup = true
    // Its pipe closes when the worker ends, but it may be in the middle of a long unit then.
    specification.deathSignal = SIGKILL
    process = try ChildProcess(specification)
    orders = toChild.writeEnd
    answers = fromChild.readEnd
    try orders.setNonblocking(true)
    try answers.setNonblocking(true)
    var bytes: [UInt8] = []
    ChildFrame.header(ChildFrame.Order.description.rawValue, description.count, into: &bytes)
    bytes += description
    send(bytes)
  }

  var ordersDescriptor: Int32 { orders.raw }
  var isWaitingToSend: Bool { sent < unsent.count }

  package func assign(_ units: UnitRuns, attempt: Int16, worker: WorkerNumber) {
    var bytes: [UInt8] = []
    ChildFrame.encode(
      ChildFrame.Batch(worker: worker, attempt: attempt, recalls: recalls, runs: units.runs),
      into: &bytes)
    send(bytes)
  }

  package func recall() {
    recalls &+= 1
    page.recalls = recalls
  }

  private func send(_ bytes: [UInt8]) {
    unsent += bytes
    flush()
  }

  /// Writes what the pipe takes. A broken pipe is no news: the child's end is told by its exit.
  func flush() {
    while sent < unsent.count {
      let transfer = unsent.withUnsafeBytes {
        try? orders.tryWrite(UnsafeRawBufferPointer(rebasing: $0[sent...]))
      }
      guard case .bytes(let count) = transfer else {
        if transfer != .wouldBlock { unsent.removeAll() }
        break
      }
      sent += count
    }
    if sent >= unsent.count {
      unsent.removeAll(keepingCapacity: true)
      sent = 0
    }
  }

  /// Reads once what has come.
  /// - Returns: whether there may be more.
  package func fill() -> Bool {
    guard !isAtEnd, let transfer = try? reader.fill(from: answers) else {
      isAtEnd = true
      return false
    }
    if transfer == .ended { isAtEnd = true }
    if case .bytes = transfer { return true }
    return false
  }

  package func nextFrame() -> FrameReader.Next { reader.next() }

  package func withPayload(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Void) {
    reader.withPayload(range, body)
  }
}
