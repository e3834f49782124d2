import Host
import Shards
import SweepModel

/// A shard that is open for reading. Pieces are read into a buffer: a mapping would end the process if
/// the file were cut short meanwhile.
public final class ShardReader {
  public let name: ShardName
  /// When it was opened; rows that come later are not looked at.
  public let fileByteCount: Int64
  private let path: String
  private let descriptor: Descriptor
  private let buffer: UnsafeMutableRawBufferPointer

  /// - Parameter pieceByteCount: how much is read at a time.
  public init(
    _ folder: RunFolder, _ name: ShardName, pieceByteCount: Int = 4 << 20
  ) throws(RunFolderError) {
    self.name = name
    path = folder.shardFile(name)
    do throws(SystemError) {
      descriptor = try FileSystem.open(path, .read)
      fileByteCount = try descriptor.status().byteCount
    } catch {
      throw RunFolderError(error, path)
    }
    buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceByteCount, alignment: 64)
  }

  deinit { buffer.deallocate() }

  /// Bytes of the file from `offset` on: as many as `limit` and the buffer allow, fewer at its end.
  /// They stay valid until the next call.
  public func read(
    at offset: Int64, limit: Int = .max
  ) throws(RunFolderError) -> UnsafeRawBufferPointer {
    let count = Int(max(0, min(Int64(min(limit, buffer.count)), fileByteCount - offset)))
    let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
    do throws(SystemError) {
      let got = try descriptor.pread(into: target, at: offset)
      return UnsafeRawBufferPointer(rebasing: buffer[..<got])
    } catch {
      throw RunFolderError(error, path)
    }
  }

  /// Scans it from front to back.
  public func scan(
    header: NPYHeader, layout: RowLayout, unitCount: Int64, _ found: (ShardScan.Found) -> Void
  ) throws(RunFolderError) -> ShardScan.Result {
    var scan = ShardScan(header: header, layout: layout, unitCount: unitCount)
    precondition(buffer.count >= scan.leastPieceByteCount, "the buffer holds no row")
    var offset: Int64 = 0
    while true {
      let consumed = scan.read(try read(at: offset), found)
      if consumed == 0 { break }
      offset += Int64(consumed)
    }
    return scan.finished(fileByteCount: fileByteCount)
  }
}

extension RunFolder {
  /// The shards there are, in the order in which their rows count (epoch, number).
  public func shardNames() throws(SystemError) -> [ShardName] {
    try FileSystem.list(shardsFolder).compactMap { ShardName(fileName: $0) }.sorted()
  }

  /// A buffer for `ShardReader` that holds rows of this layout.
  public static func pieceByteCount(for layout: RowLayout) -> Int {
    max(4 << 20, layout.byteCount, NPYHeader.byteCountLimit)
  }
}
