import Glibc

extension FileSystem {
  /// The whole file; one longer than `limit` bytes is an error (`Errno.fileTooLarge`).
  public static func readFile(
    _ path: String, limit: Int = 1 << 30
  ) throws(SystemError) -> [UInt8] {
    let file = try open(path, .read)
    // Files of /proc say 0, and a file may grow: the size is a hint only.
    let hint = Int(clamping: try file.status().byteCount)
    var bytes: [UInt8] = []
    var wanted = min(max(hint, 4095), limit) + 1
    while true {
      var piece = [UInt8](repeating: 0, count: wanted)
      let got: Int
      do {
        got = try piece.withUnsafeMutableBufferPointer { (buffer) throws(SystemError) in
          try file.readFully(into: UnsafeMutableRawBufferPointer(buffer))
        }
      } catch {
        throw SystemError(error.code, "read", path)
      }
      bytes += piece[..<got]
      if bytes.count > limit { throw SystemError(.fileTooLarge, "read", path) }
      if got < wanted { return bytes }
      wanted = min(max(bytes.count, 4096), limit - bytes.count + 1)
    }
  }

  /// Replaces the file whole: a reader sees the old or the new contents, and after this returns the
  /// new ones survive a crash.
  /// - Parameter durable: false leaves out both syncs, for files that are rewritten each second.
  public static func replaceFile(
    _ path: String, with bytes: [UInt8], permissions: UInt32 = 0o666, durable: Bool = true
  ) throws(SystemError) {
    let draft = "\(path).\(getpid()).new"
    do {
      try? remove(draft)
      let file = try open(draft, .createNew, permissions: permissions)
      try file.writeAll(bytes)
      if durable { try file.synchroniseData() }
      try file.close()
      try rename(draft, to: path)
      if durable { try synchroniseDirectory(parentDirectory(path)) }
    } catch {
      try? remove(draft)
      throw SystemError(error.code, error.operation, error.subject.isEmpty ? draft : error.subject)
    }
  }
}

/// A file's bytes as memory, read-only. Touching bytes beyond the end of a file that was cut short
/// meanwhile ends the process: map only files that nobody shortens.
public final class MappedFile: Sendable {
  private let address: UInt
  public let byteCount: Int

  public init(_ path: String) throws(SystemError) {
    let file = try FileSystem.open(path, .read)
    let count = Int(try file.status().byteCount)
    var found: UInt = 0
    if count > 0 {
      _ = try attempt("map", path) {
        let pointer = mmap(nil, count, PROT_READ, MAP_SHARED, file.raw, 0)
        if pointer == MAP_FAILED { return -1 }
        found = UInt(bitPattern: pointer)
        return 0
      }
    }
    address = found
    byteCount = count
  }

  deinit { if byteCount > 0 { munmap(UnsafeMutableRawPointer(bitPattern: address), byteCount) } }

  /// Valid while the closure runs.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: byteCount))
  }

  /// Tells the system that the bytes will be read once, from first to last.
  public func adviseSequential() {
    if byteCount > 0 {
      madvise(UnsafeMutableRawPointer(bitPattern: address), byteCount, MADV_SEQUENTIAL)
    }
  }
}
