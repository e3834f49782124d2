/// A set of units of a run, as at most 4,096 blocks of consecutive units, each empty, full or a bitmap
/// (promise 7): 10^9 units take at most 125 MB in any pattern, and blocks that are empty or full take
/// a few bytes. Serves as the done-set and as the set of units that `where` excludes.
///
/// All operations work on runs and, inside a block, on words of 64 units. A copy shares its bitmaps
/// until one side changes.
public struct UnitSet: Hashable, Sendable {
  /// Units are `0 ..< unitCount`.
  public let unitCount: Int64
  /// How many units are in the set.
  public private(set) var count: Int64
  /// Units of each block but the last, a multiple of 64.
  public let blockSize: Int64
  /// How many units of each block are in the set.
  var counts: [Int64]
  /// A block's bitmap; no words where the block is empty or full.
  var words: [[UInt64]]

  public static let blockLimit: Int64 = 4096
  /// Smaller blocks would only make leases of cheap units longer lists.
  static let leastBlockSize: Int64 = 1024

  public init(unitCount: Int64) {
    precondition(unitCount >= 0 && unitCount < 1 << 62, "a run has fewer than 2^62 units")
    let even = (unitCount + Self.blockLimit - 1) / Self.blockLimit
    let blockSize = max(Self.leastBlockSize, (even + 63) / 64 * 64)
    let blockCount = Int((unitCount + blockSize - 1) / blockSize)
    self.unitCount = unitCount
    self.blockSize = blockSize
    count = 0
    counts = [Int64](repeating: 0, count: blockCount)
    words = [[UInt64]](repeating: [], count: blockCount)
  }

  public var blockCount: Int { counts.count }
  public var isEmpty: Bool { count == 0 }
  public var isFull: Bool { count == unitCount }
  /// Every unit that can be in the set.
  public var universe: UnitRun { UnitRun(first: 0, count: unitCount) }

  /// The units of a block, whether in the set or not.
  public func units(ofBlock block: Int) -> UnitRun {
    let first = Int64(block) * blockSize
    return UnitRun(first: first, count: min(blockSize, unitCount - first))
  }

  /// How many units of a block are in the set.
  public func count(ofBlock block: Int) -> Int64 { counts[block] }

  /// What the bitmaps take, in bytes.
  public var bitmapByteCount: Int { words.reduce(0) { $0 + 8 * $1.count } }

  public func contains(_ unit: UnitIndex) -> Bool {
    precondition(unit >= 0 && unit < unitCount, "no such unit")
    let block = Int(unit / blockSize)
    if words[block].isEmpty { return counts[block] > 0 }
    let bit = Int(unit - Int64(block) * blockSize)
    return words[block][bit >> 6] >> UInt64(bit & 63) & 1 != 0
  }

  /// Adds the units of a run.
  /// - Returns: how many of them were not there before.
  @discardableResult
  public mutating func insert(_ run: UnitRun) -> Int64 { change(run, inserting: true) }

  /// Takes the units of a run out.
  /// - Returns: how many of them were there.
  @discardableResult
  public mutating func remove(_ run: UnitRun) -> Int64 { change(run, inserting: false) }

  private mutating func change(_ run: UnitRun, inserting: Bool) -> Int64 {
    guard run.count > 0 else { return 0 }
    precondition(run.first >= 0 && run.end <= unitCount, "units outside the run")
    var changed: Int64 = 0
    let last = Int((run.end - 1) / blockSize)
    for block in Int(run.first / blockSize)...last {
      let all = units(ofBlock: block)
      let low = max(run.first, all.first) - all.first
      let high = min(run.end, all.end) - all.first
      changed += change(
        block: block, size: all.count, from: Int(low), to: Int(high), inserting: inserting)
    }
    count += inserting ? changed : -changed
    return changed
  }

  /// Sets or clears the bits `low ..< high` of a block.
  private mutating func change(
    block: Int, size: Int64, from low: Int, to high: Int, inserting: Bool
  )
    -> Int64
  {
    let before = counts[block]
    let target = inserting ? size : 0
    if before == target { return 0 }
    if Int64(high - low) == size {
      counts[block] = target
      words[block] = []
      return abs(target - before)
    }
    if words[block].isEmpty {
      words[block] = Self.uniformBitmap(size: Int(size), present: before > 0)
    }
    let changed = words[block].withUnsafeMutableBufferPointer { bitmap in
      Bitmap.change(bitmap, from: low, to: high, inserting: inserting)
    }
    counts[block] += inserting ? changed : -changed
    if counts[block] == target { words[block] = [] }
    return changed
  }

  private static func uniformBitmap(size: Int, present: Bool) -> [UInt64] {
    var bitmap = [UInt64](repeating: present ? .max : 0, count: (size + 63) / 64)
    // Bits beyond the block stay clear, so that equal sets are equal values.
    if present && size % 64 != 0 { bitmap[bitmap.count - 1] = ~(UInt64.max << UInt64(size % 64)) }
    return bitmap
  }

  /// Adds every unit of another set of the same run.
  public mutating func formUnion(_ other: UnitSet) {
    precondition(unitCount == other.unitCount, "sets of different runs")
    for block in 0..<blockCount where other.counts[block] > 0 {
      let all = units(ofBlock: block)
      if other.words[block].isEmpty {
        insert(all)
      } else if counts[block] < all.count {
        let before = counts[block]
        if words[block].isEmpty {
          words[block] = other.words[block]
          counts[block] = other.counts[block]
        } else {
          var total: Int64 = 0
          for place in 0..<words[block].count {
            words[block][place] |= other.words[block][place]
            total += Int64(words[block][place].nonzeroBitCount)
          }
          counts[block] = total
          if total == all.count { words[block] = [] }
        }
        count += counts[block] - before
      }
    }
  }

  /// Traps if a count is wrong or a bitmap stands where none belongs.
  public func checkInvariants() {
    precondition(Int64(blockCount) <= Self.blockLimit && blockSize % 64 == 0, "blocks are wrong")
    var total: Int64 = 0
    for block in 0..<blockCount {
      let size = units(ofBlock: block).count
      precondition(size > 0, "an empty block at the end")
      if words[block].isEmpty {
        precondition(counts[block] == 0 || counts[block] == size, "a bitmap is missing")
      } else {
        let bits = words[block].reduce(Int64(0)) { $0 + Int64($1.nonzeroBitCount) }
        precondition(bits == counts[block], "a block's count is wrong")
        precondition(bits > 0 && bits < size, "a bitmap that is not needed")
        precondition(words[block].count == Int((size + 63) / 64), "a bitmap of the wrong size")
      }
      total += counts[block]
    }
    precondition(total == count, "the count is wrong")
  }
}
