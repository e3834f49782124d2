import SweepModel

/// The keys of a unit's random streams, by the stream's name.
public struct RandomStreams: Sendable {
  private enum Source: Sendable {
    case point(Point)
    case function(@Sendable (String) -> RandomKey)
  }

  private let source: Source

  /// The streams of a unit of a grid.
  public init(_ point: Point) { source = .point(point) }

  /// Streams of any other kind.
  public init(_ key: @escaping @Sendable (String) -> RandomKey) { source = .function(key) }

  public func key(stream: String) -> RandomKey {
    switch source {
    case .point(let point): point.key(stream: stream)
    case .function(let key): key(stream)
    }
  }
}
