/// Runs of bits in words of 64, least significant bit first.
enum Bitmap {
  /// The bits of word `word` that lie in `low ..< high`.
  @inline(__always)
  private static func mask(_ word: Int, _ low: Int, _ high: Int) -> UInt64 {
    var mask = UInt64.max
    if word == low >> 6 { mask &= UInt64.max << UInt64(low & 63) }
    if word == (high - 1) >> 6 { mask &= UInt64.max >> UInt64(63 - (high - 1) & 63) }
    return mask
  }

  /// Sets or clears the bits `low ..< high`, which are at least one.
  /// - Returns: how many changed.
  static func change(
    _ words: UnsafeMutableBufferPointer<UInt64>, from low: Int, to high: Int, inserting: Bool
  ) -> Int64 {
    var changed = 0
    for word in (low >> 6)...((high - 1) >> 6) {
      let mask = mask(word, low, high)
      let old = words[word]
      if inserting {
        changed += (mask & ~old).nonzeroBitCount
        words[word] = old | mask
      } else {
        changed += (mask & old).nonzeroBitCount
        words[word] = old & ~mask
      }
    }
    return Int64(changed)
  }

  /// How many of the bits `low ..< high` are set.
  static func count(_ words: [UInt64], from low: Int, to high: Int) -> Int64 {
    guard low < high else { return 0 }
    var total = 0
    for word in (low >> 6)...((high - 1) >> 6) {
      total += (words[word] & mask(word, low, high)).nonzeroBitCount
    }
    return Int64(total)
  }

  /// The first bit in `low ..< high` that is set (or clear); `high` if there is none.
  static func first(_ words: [UInt64], set: Bool, from low: Int, to high: Int) -> Int {
    guard low < high else { return high }
    let flip: UInt64 = set ? 0 : .max
    for word in (low >> 6)...((high - 1) >> 6) {
      let found = (words[word] ^ flip) & mask(word, low, high)
      if found != 0 { return word << 6 + found.trailingZeroBitCount }
    }
    return high
  }
}
