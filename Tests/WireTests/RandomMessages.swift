import Scheduling
import SweepModel
import TestSupport

/// Messages of every kind with random contents, small and at their limits.
struct RandomMessages {
  var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  static let workerKinds = 9
  static let coordinatorKinds = 8

  private mutating func number<Integer: FixedWidthInteger>(_ range: ClosedRange<Integer>) -> Integer
  {
    // The ends are as likely as everything between.
    switch random.next() % 8 {
    case 0: range.lowerBound
    case 1: range.upperBound
    default: Integer.random(in: range, using: &random)
    }
  }

  private mutating func any<Integer: FixedWidthInteger>() -> Integer { number(.min ... .max) }

  private mutating func text(limit: Int) -> String {
    var text = ""
    let letters: [Character] = ["a", "z", " ", "\n", "\0", "é", "Ω", "汉", "🦆", "e\u{301}"]
    let wanted = number(0...min(limit, 300))
    while true {
      let letter = letters[Int(random.next() % UInt64(letters.count))]
      if text.utf8.count + String(letter).utf8.count > wanted { return text }
      text.append(letter)
    }
  }

  private mutating func seconds() -> Double {
    switch random.next() % 4 {
    case 0: -1
    case 1: 0
    case 2: 1e9
    default: Double.random(in: 0...1e6, using: &random)
    }
  }

  private mutating func duration() -> TickDuration {
    TickDuration(nanoseconds: number(1...1_000_000_000_000_000_000))
  }

  private mutating func identity() -> Identity128 { Identity128(high: any(), low: any()) }

  private mutating func runs(count limit: Int = 20) -> UnitRuns {
    var runs = UnitRuns()
    var first: Int64 = number(0...(1 << 61))
    for _ in 0..<number(0...limit) {
      let count: Int64 = number(1...1000)
      runs.insert(UnitRun(first: first, count: count))
      first += count + number(1...1 << 40)
    }
    return runs
  }

  private mutating func attempt() -> Int16 { number(0...Int16.max) }

  private mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  mutating func hello() -> Hello {
    Hello(
      protocolVersion: Limits.protocolVersion, run: identity(), worker: identity(),
      build: text(limit: Limits.nameByteCount), host: text(limit: Limits.nameByteCount),
      processID: any(), slots: any(),
      solvers: (0..<number(0...5)).map { _ in
        SolverVersion(name: text(limit: Limits.nameByteCount), version: any())
      },
      fingerprints: (0..<number(0...5)).map { _ in bytes(32) },
      held: (0..<number(0...5)).map { _ in
        HeldLease(epoch: any(), serial: any(), units: runs())
      }, remainingSeconds: seconds())
  }

  private mutating func death() -> Death {
    let cause: ChildEnd.Cause =
      switch random.next() % 4 {
      case 0: .exited(code: any())
      case 1: .killed(signal: any())
      case 2: .timeLimit
      default: .stalled
      }
    return Death(
      epoch: any(), serial: any(), attempt: attempt(), sequence: number(1...UInt64.max),
      unit: number(0...(1 << 62) - 1),
      end: ChildEnd(
        cause: cause, outOfMemoryKillSeen: random.next() % 2 == 0,
        progressed: random.next() % 2 == 0), detail: text(limit: Limits.reasonByteCount))
  }

  mutating func reasons() -> [RowReason] {
    (0..<number(0...3)).map { _ in
      RowReason(unit: number(0...(1 << 62) - 1), text: text(limit: Limits.reasonByteCount))
    }
  }

  mutating func worker(_ kind: Int) -> WorkerMessage {
    switch kind {
    case 0: .hello(hello())
    case 1: .request(piece: any())
    case 2: .ready(numericsClass: any())
    case 3: .declined(reason: text(limit: Limits.reasonByteCount))
    case 4:
      .rows(
        RowBatch(
          epoch: any(), serial: any(), attempt: attempt(), sequence: number(1...UInt64.max),
          bytes: bytes(number(0...300)), reasons: reasons()))
    case 5:
      .returned(LeaseReturn(epoch: any(), serial: any(), units: runs(), interrupted: runs()))
    case 6: .death(death())
    case 7:
      .beat(
        WorkerBeat(
          busySlots: number(0...Limits.slots), openSlots: number(0...Limits.slots),
          remainingSeconds: seconds()))
    default: .leaving(reason: text(limit: Limits.reasonByteCount))
    }
  }

  mutating func coordinator(_ kind: Int) -> CoordinatorMessage {
    switch kind {
    case 0:
      .welcome(
        Welcome(
          epoch: any(), number: number(0...Int32.max),
          descriptionByteCount: number(0...UInt64(Limits.descriptionByteCount)),
          pieceByteCount: number(0...UInt32(Limits.pieceByteCount)), beatInterval: duration(),
          leaseDuration: duration(), resultWindowByteCount: any(),
          standing: (0..<number(0...20)).map { _ in any() }))
    case 1: .piece(index: any(), bytes: bytes(number(0...300)))
    case 2:
      .refused(Refusal(rawValue: any()), reason: text(limit: Limits.reasonByteCount))
    case 3: .lease(Lease(epoch: any(), serial: any(), attempt: attempt(), units: runs()))
    case 4: .acknowledged(upTo: any())
    case 5: .beat(CoordinatorBeat(resultWindowByteCount: any()))
    case 6: .recall
    default: .finished
    }
  }
}
