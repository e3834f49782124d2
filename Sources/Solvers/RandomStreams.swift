import SweepModel

/// The keys of a unit's random streams, by the stream's name.
public struct RandomStreams {
  let keyOfStream: (String) -> RandomKey

  public init(_ keyOfStream: @escaping (String) -> RandomKey) { self.keyOfStream = keyOfStream }

  public func key(stream: String) -> RandomKey { keyOfStream(stream) }
}
