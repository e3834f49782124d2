import Host

/// A file that is written from front to back under a draft name and gets its own when it is whole. Not
/// synced: what is collected can be collected again.
public final class OutputFile {
  public let path: String
  private let draft: String
  private let descriptor: Descriptor
  private var buffer: [UInt8] = []
  private var isKept = false
  private static let bufferByteCount = 1 << 20

  public init(_ path: String) throws(RunFolderError) {
    self.path = path
    draft = "\(path).\(Machine.processID).new"
    do throws(SystemError) {
      try? FileSystem.remove(draft)
      descriptor = try FileSystem.open(draft, .createNew)
    } catch {
      throw RunFolderError(error, path)
    }
    buffer.reserveCapacity(Self.bufferByteCount)
  }

  deinit { if !isKept { try? FileSystem.remove(draft) } }

  public func write(_ bytes: UnsafeRawBufferPointer) throws(RunFolderError) {
    if buffer.count + bytes.count > Self.bufferByteCount { try flush() }
    if bytes.count < Self.bufferByteCount {
      buffer.append(contentsOf: bytes)
    } else {
      try put(bytes)
    }
  }

  public func write(_ bytes: [UInt8]) throws(RunFolderError) {
    if buffer.count + bytes.count > Self.bufferByteCount { try flush() }
    buffer += bytes
  }

  private func flush() throws(RunFolderError) {
    let full = buffer
    buffer.removeAll(keepingCapacity: true)
    try full.withUnsafeBufferPointer { (bytes) throws(RunFolderError) in
      try put(UnsafeRawBufferPointer(bytes))
    }
  }

  private func put(_ bytes: UnsafeRawBufferPointer) throws(RunFolderError) {
    if let failure = descriptor.write(bytes).failure { throw RunFolderError(failure, path) }
  }

  /// Writes what is left and gives the file its name.
  public func keep() throws(RunFolderError) {
    try flush()
    do throws(SystemError) {
      try FileSystem.rename(draft, to: path)
      isKept = true
    } catch {
      throw RunFolderError(error, path)
    }
  }
}
