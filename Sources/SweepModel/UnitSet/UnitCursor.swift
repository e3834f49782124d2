/// Hands out the units of a run once each, in an order that permutes the blocks of a `UnitSet`, so that
/// an unfinished run is spread over the whole grid. It holds a place, not a list.
public struct UnitCursor: Hashable, Sendable {
  public let unitCount: Int64
  private let blockSize: Int64
  private let blockCount: Int64
  /// Coprime to the number of blocks and near blocks / golden ratio: each next block falls into the
  /// largest gap that the earlier ones left.
  private let stride: Int64
  /// How many blocks were begun, the current one included.
  private var begunBlocks: Int64
  private var block: Int64
  /// The next unit and the end of the current block.
  private var next: UnitIndex
  private var end: UnitIndex

  /// A cursor over all units of `set`, of which none was handed out.
  public init(over set: UnitSet) {
    unitCount = set.unitCount
    blockSize = set.blockSize
    blockCount = Int64(set.blockCount)
    stride = Self.stride(blockCount)
    begunBlocks = min(1, blockCount)
    block = 0
    next = 0
    end = min(blockSize, unitCount)
  }

  /// Whether every unit was passed.
  public var isAtEnd: Bool { next == end && begunBlocks == blockCount }

  /// Takes the next run of units that are not in `set` and were not passed before: at most `limit`,
  /// never across two blocks. Units in `set` are passed for good.
  /// - Returns: nil at the end, or if `limit` is not positive.
  public mutating func takeAbsent(from set: UnitSet, limit: Int64) -> UnitRun? {
    precondition(set.unitCount == unitCount, "a set of another run")
    guard limit > 0 else { return nil }
    while true {
      if next < end, let found = set.firstAbsent(in: UnitRun(first: next, count: end - next)) {
        let run = UnitRun(first: found.first, count: min(limit, found.count))
        next = run.end
        return run
      }
      next = end
      guard begunBlocks < blockCount else { return nil }
      begunBlocks += 1
      block = (block + stride) % blockCount
      next = block * blockSize
      end = min(next + blockSize, unitCount)
    }
  }

  private static func stride(_ blockCount: Int64) -> Int64 {
    guard blockCount > 2 else { return 1 }
    // 2^10 / golden ratio = 632.9; at most 4,096 blocks, so integers do.
    var stride = max(1, blockCount * 633 / 1024)
    while greatestCommonDivisor(stride, blockCount) != 1 { stride += 1 }
    return stride
  }

  private static func greatestCommonDivisor(_ left: Int64, _ right: Int64) -> Int64 {
    var (left, right) = (left, right)
    while right != 0 { (left, right) = (right, left % right) }
    return left
  }
}
