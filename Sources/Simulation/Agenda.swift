import Scheduling

/// What is going to happen, earliest first; of one moment, in the order of being put down.
struct Agenda: Sendable {
  struct Entry: Sendable {
    var at: Tick
    var order: UInt64
    var happening: Happening

    func isBefore(_ other: Entry) -> Bool { (at, order) < (other.at, other.order) }
  }

  private var heap: [Entry] = []
  private var nextOrder: UInt64 = 0

  var isEmpty: Bool { heap.isEmpty }

  mutating func add(_ happening: Happening, at moment: Tick) {
    heap.append(Entry(at: moment, order: nextOrder, happening: happening))
    nextOrder += 1
    var place = heap.count - 1
    while place > 0 {
      let parent = (place - 1) / 2
      guard heap[place].isBefore(heap[parent]) else { return }
      heap.swapAt(place, parent)
      place = parent
    }
  }

  mutating func takeFirst() -> Entry? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if heap.isEmpty { return first }
    heap[0] = last
    var place = 0
    while true {
      let left = 2 * place + 1
      guard left < heap.count else { return first }
      let right = left + 1
      let child = right < heap.count && heap[right].isBefore(heap[left]) ? right : left
      guard heap[child].isBefore(heap[place]) else { return first }
      heap.swapAt(place, child)
      place = child
    }
  }
}

/// One thing that happens to somebody. Numbers are places in the world's lists.
enum Happening: Sendable {
  /// The next message of a connection arrives, at the coordinator or at the worker.
  case arriveUp(connection: Int)
  case arriveDown(connection: Int)
  /// The worker's socket reports that its connection is gone.
  case socketClosed(connection: Int, reason: String)
  case coordinatorTick(Int)
  case coordinatorEvents(Int)
  case coordinatorStarts(takeOver: Bool)
  /// The operation that a journal has in flight is over.
  case operationEnds(coordinator: Int)
  case recovered(coordinator: Int)
  case watch(coordinator: Int)
  case workerTick(Int)
  case prepared(worker: Int)
  case workerJoins
  case childStarts(worker: Int, slot: Int, generation: Int)
  /// The child looks into its pipe, or is through with what it did.
  case childSteps(worker: Int, slot: Int, generation: Int, step: Int)
  case childKilled(worker: Int, slot: Int, generation: Int)
  case childOverLimit(worker: Int, slot: Int, generation: Int, step: Int)
  /// The next thing in a child's output pipe arrives at the worker.
  case arriveFromChild(worker: Int, slot: Int, generation: Int)
  case fault
  case calm
  case overBudget
}
