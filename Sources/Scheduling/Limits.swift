/// Bounds on everything that a peer can make grow. Wire refuses what is over them.
public enum Limits {
  public static let protocolVersion: UInt16 = 1
  public static let messageByteCount = 16 << 20
  public static let rowByteCount = 4 << 20
  /// Result bytes that one worker may have unacknowledged, and all together.
  public static let resultWindowByteCount = 4 << 20
  public static let totalResultWindowByteCount = 64 << 20
  public static let pieceByteCount = 1 << 20
  public static let descriptionByteCount = 256 << 20
  public static let leasedUnits: Int64 = 1 << 20
  /// Runs after which a coordinator adds no more to a lease.
  public static let runs = 4096
  /// Runs in any list that travels: a full lease, worked off so that no two units touch, has no more.
  public static let listRuns = Int(leasedUnits / 2)
  public static let heldLeases = 4096
  /// Runs of all held leases together.
  public static let heldRuns = 65_536
  public static let solvers = 256
  public static let fingerprints = 4096
  /// Names, hosts, builds.
  public static let nameByteCount = 256
  /// Reasons that travel with one batch of rows; beyond them rows fail without words.
  public static let reasons = 4096
  /// Reasons and tails of stderr.
  public static let reasonByteCount = 4096
  public static let workers = 16_384
  public static let slots: UInt16 = 4096
}
