import Glibc

/// Something the operating system or libzmq would not do, for a reason that lies outside this program:
/// a port in use, an unknown address, too many open files.
public struct TransportFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried, e.g. "listen at tcp://*:5555".
  public var attempt: String
  /// The errno of the call.
  public var code: Int32
  /// The reason, and a remedy where there is one.
  public var reason: String

  public var description: String { "cannot \(attempt): \(reason)" }

  init(attempt: String, code: Int32) {
    self.attempt = attempt
    self.code = code
    reason =
      switch code {
      case EADDRINUSE: "the address is in use; choose another port, or 0 for any free one"
      case EADDRNOTAVAIL, ENODEV:
        "this machine has no such address; use * for all of its addresses"
      case EACCES, EPERM: "not permitted; ports below 1024 need privileges"
      case EMFILE, ENFILE: "too many open files; raise the limit (ulimit -n)"
      case ENAMETOOLONG: "the path is longer than 107 bytes; set TMPDIR to a shorter one"
      default: errorText(code)
      }
  }
}
