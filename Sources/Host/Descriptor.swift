import CHost
import Glibc

/// An open file, pipe or device that is closed when its owner goes. All are opened close-on-exec: a
/// child gets exactly what its `ChildSpecification` names.
public struct Descriptor: ~Copyable, Sendable {
  public let raw: Int32

  /// Takes ownership of an open descriptor.
  public init(owning raw: Int32) {
    precondition(raw >= 0, "not a descriptor")
    self.raw = raw
  }

  deinit { Glibc.close(raw) }

  /// Gives the number away; the new owner closes it.
  public consuming func release() -> Int32 {
    let number = raw
    discard self
    return number
  }

  /// Closes and says whether that failed (NFS reports late write errors here).
  public consuming func close() throws(SystemError) {
    let number = raw
    discard self
    // Not retried at EINTR: on Linux the descriptor is closed then, too.
    if Glibc.close(number) < 0, errno != EINTR {
      throw SystemError(Errno(rawValue: errno), "close", "")
    }
  }

  public func setNonblocking(_ on: Bool) throws(SystemError) {
    _ = try attemptCHost("make nonblocking") { chost_set_nonblocking(raw, on ? 1 : 0) }
  }

  public var isTerminal: Bool { isatty(raw) == 1 }
}

/// The two ends of a pipe; `let reader = pipe.readEnd` takes one out.
@frozen
public struct Pipe: ~Copyable, Sendable {
  public let readEnd: Descriptor
  public let writeEnd: Descriptor

  /// - Parameter capacity: bytes the kernel is asked to hold; it may hold fewer. 0: its default.
  public init(capacity: Int = 0) throws(SystemError) {
    var ends: (Int32, Int32) = (0, 0)
    _ = try attemptCHost("make a pipe") {
      withUnsafeMutableBytes(of: &ends) {
        chost_pipe($0.bindMemory(to: Int32.self).baseAddress, capacity)
      }
    }
    readEnd = Descriptor(owning: ends.0)
    writeEnd = Descriptor(owning: ends.1)
  }
}
