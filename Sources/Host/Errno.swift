import CHost
import Glibc

/// An error number of the operating system, as `errno` had it right after the call.
public struct Errno: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: Int32

  public init(rawValue: Int32) { self.rawValue = rawValue }

  public static let accessDenied = Errno(rawValue: EACCES)
  public static let badDescriptor = Errno(rawValue: EBADF)
  public static let brokenPipe = Errno(rawValue: EPIPE)
  public static let exists = Errno(rawValue: EEXIST)
  public static let fileTooLarge = Errno(rawValue: EFBIG)
  public static let inputOutput = Errno(rawValue: EIO)
  public static let interrupted = Errno(rawValue: EINTR)
  public static let invalid = Errno(rawValue: EINVAL)
  public static let noChild = Errno(rawValue: ECHILD)
  public static let noSpace = Errno(rawValue: ENOSPC)
  public static let noSuchFile = Errno(rawValue: ENOENT)
  public static let noSuchProcess = Errno(rawValue: ESRCH)
  public static let notADirectory = Errno(rawValue: ENOTDIR)
  public static let notPermitted = Errno(rawValue: EPERM)
  public static let overQuota = Errno(rawValue: EDQUOT)
  public static let readOnlyFileSystem = Errno(rawValue: EROFS)
  public static let tooManyOpenFiles = Errno(rawValue: EMFILE)
  public static let wouldBlock = Errno(rawValue: EAGAIN)

  /// The system's text for it, such as "No space left on device".
  public var description: String { String(cString: strerror(rawValue)) }
}

/// An operation of the system that failed: what was tried, on what, and why not.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  public var code: Errno
  /// A verb, such as "open".
  public var operation: String
  /// A path or another name for what it was done to; may be empty.
  public var subject: String

  public init(_ code: Errno, _ operation: String, _ subject: String = "") {
    self.code = code
    self.operation = operation
    self.subject = subject
  }

  /// "cannot open runs/a/shards/1-0.npy: Permission denied"
  public var description: String {
    subject.isEmpty
      ? "cannot \(operation): \(code)" : "cannot \(operation) \(subject): \(code)"
  }
}

/// Calls until the answer is not EINTR; a negative answer becomes an error. The only place that reads
/// `errno`: never inlined, so that nothing can run between the call and the reading.
@inline(never)
func attempt<Answer: SignedInteger>(
  _ operation: @autoclosure () -> String, _ subject: @autoclosure () -> String = "",
  _ call: () -> Answer
) throws(SystemError) -> Answer {
  while true {
    let answer = call()
    if answer >= 0 { return answer }
    let code = errno
    if code != EINTR { throw SystemError(Errno(rawValue: code), operation(), subject()) }
  }
}

/// The same for CHost's functions, which answer with a negative error number.
@inline(never)
func attemptCHost<Answer: SignedInteger>(
  _ operation: @autoclosure () -> String, _ subject: @autoclosure () -> String = "",
  _ call: () -> Answer
) throws(SystemError) -> Answer {
  while true {
    let answer = call()
    if answer >= 0 { return answer }
    let code = Int32(-answer)
    if code != EINTR { throw SystemError(Errno(rawValue: code), operation(), subject()) }
  }
}
