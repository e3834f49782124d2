import Glibc

/// What one attempt on a nonblocking descriptor brought.
public enum Transfer: Hashable, Sendable {
  case bytes(Int)
  /// Nothing now; poll.
  case wouldBlock
  /// Read: the end of the file, or no writer is left. Write: no reader is left.
  case ended
}

/// How far a write came. `failure` is nil exactly when everything was written.
public struct WriteOutcome: Hashable, Sendable {
  public var byteCount: Int
  public var failure: SystemError?

  public init(byteCount: Int, failure: SystemError?) {
    self.byteCount = byteCount
    self.failure = failure
  }
}

extension Descriptor {
  /// Up to `buffer.count` bytes; 0 at the end of the file.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    try attempt("read") { Glibc.read(raw, buffer.baseAddress, buffer.count) }
  }

  /// Reads on until the buffer is full or the file ends; answers with the count.
  public func readFully(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let got = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
      if got == 0 { break }
      filled += got
    }
    return filled
  }

  /// Reads at a place of the file until the buffer is full or the file ends; answers with the count.
  public func pread(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(SystemError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let place = off_t(offset) + filled
      let got = try attempt("read") { Glibc.pread(raw, rest.baseAddress, rest.count, place) }
      if got == 0 { break }
      filled += got
    }
    return filled
  }

  /// One attempt on a nonblocking descriptor.
  public func tryRead(
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(SystemError) -> Transfer {
    do {
      let got = try read(into: buffer)
      return got == 0 && !buffer.isEmpty ? .ended : .bytes(got)
    } catch  where error.code == .wouldBlock {
      return .wouldBlock
    }
  }

  /// One attempt that fills `first`, then `second`: the two free parts of a ring.
  public func tryRead(
    into first: UnsafeMutableRawBufferPointer, then second: UnsafeMutableRawBufferPointer
  ) throws(SystemError) -> Transfer {
    var parts = (
      iovec(iov_base: first.baseAddress, iov_len: first.count),
      iovec(iov_base: second.baseAddress, iov_len: second.count)
    )
    do {
      let got = try attempt("read") {
        withUnsafeBytes(of: &parts) {
          Glibc.readv(raw, $0.bindMemory(to: iovec.self).baseAddress, 2)
        }
      }
      return got == 0 && first.count + second.count > 0 ? .ended : .bytes(got)
    } catch  where error.code == .wouldBlock {
      return .wouldBlock
    }
  }

  /// One attempt on a nonblocking descriptor.
  public func tryWrite(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Transfer {
    do {
      return .bytes(try attempt("write") { Glibc.write(raw, bytes.baseAddress, bytes.count) })
    } catch  where error.code == .wouldBlock {
      return .wouldBlock
    } catch  where error.code == .brokenPipe {
      return .ended
    }
  }

  /// One call: how many bytes it took, for files where a short write is a failure of the disk.
  public func writeOnce(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
    try attempt("write") { Glibc.write(raw, bytes.baseAddress, bytes.count) }
  }

  /// Writes on until all is written or a write fails or writes nothing. A short count means that the
  /// bytes up to it are in the file: what that is worth is the caller's to decide.
  public func write(_ bytes: UnsafeRawBufferPointer) -> WriteOutcome {
    writeOn(bytes) { (rest, _) throws(SystemError) in
      try attempt("write") { Glibc.write(raw, rest.baseAddress, rest.count) }
    }
  }

  /// `write` at a place of the file.
  public func pwrite(_ bytes: UnsafeRawBufferPointer, at offset: Int64) -> WriteOutcome {
    writeOn(bytes) { (rest, done) throws(SystemError) in
      try attempt("write") {
        Glibc.pwrite(raw, rest.baseAddress, rest.count, off_t(offset) + done)
      }
    }
  }

  /// `write` of several buffers, one after the other, in as few calls as the system allows.
  public func writev(_ buffers: [UnsafeRawBufferPointer]) -> WriteOutcome {
    var parts = buffers.filter { !$0.isEmpty }.map {
      iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
    }
    var written = 0
    var first = 0
    while first < parts.count {
      do throws(SystemError) {
        let count = min(parts.count - first, 1024)
        var put = try attempt("write") {
          parts.withUnsafeBufferPointer {
            Glibc.writev(raw, $0.baseAddress?.advanced(by: first), Int32(count))
          }
        }
        if put == 0 { throw SystemError(.inputOutput, "write") }
        written += put
        while first < parts.count, put >= parts[first].iov_len {
          put -= parts[first].iov_len
          first += 1
        }
        if put > 0 {
          parts[first].iov_base += put
          parts[first].iov_len -= put
        }
      } catch {
        return WriteOutcome(byteCount: written, failure: error)
      }
    }
    return WriteOutcome(byteCount: written, failure: nil)
  }

  /// Everything or an error, for files where a part is worth nothing.
  public func writeAll(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    if let failure = write(bytes).failure { throw failure }
  }

  public func writeAll(_ bytes: [UInt8]) throws(SystemError) {
    if let failure = bytes.withUnsafeBytes({ write($0) }).failure { throw failure }
  }

  private func writeOn(
    _ bytes: UnsafeRawBufferPointer,
    _ put: (UnsafeRawBufferPointer, Int) throws(SystemError) -> Int
  ) -> WriteOutcome {
    var written = 0
    while written < bytes.count {
      do throws(SystemError) {
        let count = try put(UnsafeRawBufferPointer(rebasing: bytes[written...]), written)
        if count == 0 { throw SystemError(.inputOutput, "write") }
        written += count
      } catch {
        return WriteOutcome(byteCount: written, failure: error)
      }
    }
    return WriteOutcome(byteCount: written, failure: nil)
  }

  /// Bytes are on disk when this returns; the file's times may not be. After a failure the system may
  /// hold pages that are lost for clean ones: never try the same file again.
  public func synchroniseData() throws(SystemError) {
    _ = try attempt("fdatasync") { fdatasync(raw) }
  }

  public func synchronise() throws(SystemError) { _ = try attempt("fsync") { fsync(raw) } }

  public func truncate(to byteCount: Int64) throws(SystemError) {
    _ = try attempt("truncate") { ftruncate(raw, off_t(byteCount)) }
  }

  public func status() throws(SystemError) -> FileStatus {
    var facts = stat()
    _ = try attempt("stat") { fstat(raw, &facts) }
    return FileStatus(facts)
  }
}
