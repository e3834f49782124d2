import Host
import Shards
import SweepModel

/// What is written beside a shard when it gets no further row. It can be rebuilt at any time, and
/// nothing trusts it: it serves to notice that a shard has lost rows.
public struct ShardSummary: Hashable, Sendable {
  public var rows: Int64
  public var byteCount: Int64

  public init(rows: Int64, byteCount: Int64) {
    self.rows = rows
    self.byteCount = byteCount
  }
}

extension RunFolder {
  func write(_ summary: ShardSummary, of shard: ShardName) throws(SystemError) {
    let json: JSONValue = [
      "format": 1, "rows": .integer(summary.rows), "bytes": .integer(summary.byteCount),
    ]
    try FileSystem.replaceFile(
      shardsFolder + "/" + shard.summaryFileName, with: json.line, durable: false)
  }

  /// nil if the shard was never sealed, or the summary cannot be read.
  public func summary(of shard: ShardName) -> ShardSummary? {
    let file = shardsFolder + "/" + shard.summaryFileName
    guard FileSystem.exists(file), let json = try? readObject(file, limit: 1 << 20),
      let rows = json["rows"]?.integer, let byteCount = json["bytes"]?.integer
    else { return nil }
    return ShardSummary(rows: rows, byteCount: byteCount)
  }
}
