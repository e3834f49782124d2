import Glibc

/// The streams that a process is started with: data goes to output, messages and progress to error.
/// Unbuffered: one call is one write, so that lines of several processes do not mix.
public enum StandardStream: Int32, Hashable, Sendable {
  case output = 1
  case error = 2

  public var isTerminal: Bool { isatty(rawValue) == 1 }

  /// Whether a person's terminal takes colours here (NO_COLOR, TERM=dumb).
  public func takesColour(
    environment value: (String) -> String? = { Environment[$0] }
  ) -> Bool {
    let refused = value("NO_COLOR").map { !$0.isEmpty } ?? false
    return isTerminal && !refused && value("TERM") != "dumb"
  }

  /// Writes all of it, waiting for a slow reader; an error if there is none any more (`brokenPipe`).
  public func write(_ text: String) throws(SystemError) {
    try write(Array(text.utf8))
  }

  public func write(_ bytes: [UInt8]) throws(SystemError) {
    var written = 0
    while written < bytes.count {
      do throws(SystemError) {
        written += try attempt("write", self == .output ? "stdout" : "stderr") {
          bytes.withUnsafeBytes {
            Glibc.write(rawValue, $0.baseAddress.map { $0 + written }, bytes.count - written)
          }
        }
      } catch  where error.code == .wouldBlock {
        // Whoever shares the stream with us made it nonblocking.
        var wait = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        poll(&wait, 1, 1000)
      }
    }
  }
}
