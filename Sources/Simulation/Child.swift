import Scheduling
import SweepModel

/// A solver process of a worker, with the pipes to and from it.
struct Child: Sendable {
  /// What the worker wrote into its pipe.
  enum Command: Sendable {
    case units(attempt: Int16, UnitRuns)
    case recall
  }

  /// What it wrote, as the worker will read it.
  enum Output: Sendable {
    case ready
    case rows([UInt8])
    /// How many units, in the order they were given, were dropped.
    case returned([UnitIndex])
    case end(unit: UnitIndex?, ChildEnd, detail: String)
  }

  let generation: Int
  var isReady = false
  var isDead = false
  /// Read by the child between two units.
  var commands = Queue<Command>()
  /// Units that it took from its pipe and has not begun.
  var work = Queue<(attempt: Int16, unit: UnitIndex)>()
  var current: (attempt: Int16, unit: UnitIndex)?
  var began = Tick(nanoseconds: 0)
  /// Rows that it has not written yet.
  var gathered: [UInt8] = []
  var gatheredCount = 0
  var output = Queue<Output>()
  var outputTime: Tick
  /// Counts what it does, so that a plan that was overtaken is known as such.
  var step = 0

  // Troubles to come.
  var spoilsNextRow = false
  var slowness: Int64 = 1

  // The worker's side of the pipes.
  /// Units given and not answered, in order.
  var expected = Queue<UnitIndex>()
  /// A row was malformed: nothing more is read.
  var isFramingLost = false

  init(generation: Int, at now: Tick) {
    self.generation = generation
    outputTime = now
  }
}
