/// A number as the exact sum of two doubles, `low` being at most half a last place of `high`: about 106
/// bits. Plain IEEE operations only (Dekker 1971, Knuth), so that every CPU gives the same bits.
package struct DoubleDouble: Hashable, Sendable {
  package var high: Double
  package var low: Double

  @inline(__always)
  package init(_ high: Double, _ low: Double = 0) {
    self.high = high
    self.low = low
  }

  /// `left + right`, exactly.
  @inline(__always)
  package static func sum(_ left: Double, _ right: Double) -> DoubleDouble {
    let sum = left + right
    let part = sum - left
    return DoubleDouble(sum, (left - (sum - part)) + (right - part))
  }

  /// `left + right`, exactly, where |left| >= |right| or left = 0.
  @inline(__always)
  package static func quickSum(_ left: Double, _ right: Double) -> DoubleDouble {
    let sum = left + right
    return DoubleDouble(sum, right - (sum - left))
  }

  /// `left * right`, exactly, unless it leaves the range of doubles.
  @inline(__always)
  package static func product(_ left: Double, _ right: Double) -> DoubleDouble {
    let product = left * right
    let (leftHigh, leftLow) = split(left)
    let (rightHigh, rightLow) = split(right)
    let rest = ((leftHigh * rightHigh - product) + leftHigh * rightLow + leftLow * rightHigh)
    return DoubleDouble(product, rest + leftLow * rightLow)
  }

  /// Two halves of 26 bits. |value| < 2^996.
  @inline(__always)
  private static func split(_ value: Double) -> (Double, Double) {
    let scaled = 134_217_729 * value
    let high = scaled - (scaled - value)
    return (high, value - high)
  }

  @inline(__always)
  package static func + (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let high = sum(left.high, right.high)
    let low = sum(left.low, right.low)
    let middle = quickSum(high.high, high.low + low.high)
    return quickSum(middle.high, middle.low + low.low)
  }

  @inline(__always)
  package static prefix func - (value: DoubleDouble) -> DoubleDouble {
    DoubleDouble(-value.high, -value.low)
  }

  @inline(__always)
  package static func * (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let high = product(left.high, right.high)
    return quickSum(high.high, high.low + (left.high * right.low + left.low * right.high))
  }

  package static func / (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let first = left.high / right.high
    let rest = left + -(right * DoubleDouble(first))
    let second = rest.high / right.high
    let last = rest + -(right * DoubleDouble(second))
    let quotient = quickSum(first, second)
    return quickSum(quotient.high, quotient.low + last.high / right.high)
  }
}
