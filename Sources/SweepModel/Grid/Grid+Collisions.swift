import Crypto

extension Grid {
  /// Grids whose points are compared with one another, at most.
  public static let collisionLimit: Int64 = 10_000_000

  /// Two points that are the same to the solver (equal identities), though their auxiliary values
  /// differ: computing both would give the same rows twice. Points that `where` leaves out do not count.
  /// - Returns: the first units of such a pair, the later one being the earliest there is; nil if there
  ///   is none, or if the grid has more than `collisionLimit` points.
  public func firstCollision() -> (first: UnitIndex, second: UnitIndex)? {
    let pointCount = plans.reduce(Int64(0)) { $0 + $1.units.count / $1.unitsPerPoint }
    guard pointCount <= Self.collisionLimit, plans.count > 1 || plans[0].hasAuxiliaryAxis else {
      return nil
    }
    var seen: [Identity128: UnitIndex] = [:]
    seen.reserveCapacity(Int(pointCount))
    var point = makePoint()
    for plan in plans {
      var unit = plan.units.first
      while unit < plan.units.end {
        evaluate(unit, into: &point)
        if admits(&point) != false && point.problem == nil {
          let hash = Identity128(of: point.identity.bytes)
          if let first = seen.updateValue(unit, forKey: hash) { return (first, unit) }
        }
        unit += plan.unitsPerPoint
      }
    }
    return nil
  }
}

extension GridPlan {
  /// Whether a name that the solver does not know differs from point to point. Without one, points that
  /// differ at all differ to the solver, since no axis has a value twice.
  fileprivate var hasAuxiliaryAxis: Bool {
    members.contains { $0.slot >= layout.parameterCount && $0.slot < layout.firstLevel }
  }
}

/// Half of a SHA-256: 10^7 points fit into memory, and none of them share one by chance.
private struct Identity128: Hashable {
  var high: UInt64
  var low: UInt64

  init(of bytes: [UInt8]) {
    let digest = SHA256.hash(data: bytes)
    (high, low) = digest.withUnsafeBytes {
      ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
  }
}
