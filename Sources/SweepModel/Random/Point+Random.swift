import Crypto

extension Point {
  /// The key of a named random stream of the unit. Nothing is hashed before it is asked for.
  ///
  /// It depends on seed, solver, stream, the stream's replicate levels and the point's identity less
  /// `common_random_numbers`; never on the unit's number or on auxiliary names, so that adding or
  /// reordering points changes no other row. `data` is the data set's stream: of the replicate levels
  /// only those down to the level `data` count for it, so that networks share a data set; every other
  /// stream has all levels.
  public func key(stream: String) -> RandomKey {
    let identity = plan.identity
    return withUnsafeTemporaryAllocation(byteCount: identity.messageLimit, alignment: 8) { memory in
      var buffer = FixedBuffer(memory)
      identity.appendMessage(of: self, stream: stream, to: &buffer)
      var hash = SHA256()
      hash.update(bufferPointer: buffer.bytes)
      return hash.finalize().withUnsafeBytes { digest in
        RandomKey(
          key: UInt64(littleEndian: digest.loadUnaligned(as: UInt64.self)),
          counterHigh: UInt64(
            littleEndian: digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
      }
    }
  }

  /// What makes the point itself: two points are the same if their identities are.
  public var identity: Identity {
    let plan = plan.identity
    return withUnsafeTemporaryAllocation(byteCount: plan.identityLimit + 1, alignment: 8) {
      memory in
      var buffer = FixedBuffer(memory)
      plan.appendIdentity(of: self, to: &buffer)
      return Identity(bytes: Array(buffer.bytes))
    }
  }
}

/// A point's solver parameters that are marked as identity and differ from their defaults, sorted by
/// name; reals rounded to 12 significant digits.
public struct Identity: Hashable, Sendable {
  public let bytes: [UInt8]
}
