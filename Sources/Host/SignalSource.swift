import CHost
import Glibc

/// Signals as something to poll for instead of handlers. Make one, early, in the main thread: threads
/// started later inherit its mask, and a signal that another thread leaves open would end the process.
///
/// TERM, INT, HUP, USR1, USR2 and CHLD arrive here; a HUP that was ignored at the start (nohup) stays
/// ignored; PIPE is ignored, so that a write to a closed pipe is an error of that write.
public struct SignalSource: ~Copyable, Sendable {
  public let descriptor: Descriptor

  public init() throws(SystemError) {
    var wanted: [Int32] = [SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGCHLD]
    if chost_signal_is_ignored(SIGHUP) != 1 { wanted.append(SIGHUP) }
    _ = try attemptCHost("ignore SIGPIPE") { chost_signal_set(SIGPIPE, 1) }
    // A parent that ignored CHLD would have the kernel reap our children behind our back.
    _ = try attemptCHost("reset SIGCHLD") { chost_signal_set(SIGCHLD, 0) }
    descriptor = Descriptor(
      owning: try attemptCHost("watch signals") { chost_signal_source(wanted, wanted.count) })
  }

  /// The next signal that arrived; nil if there is none now. Several of one kind may come as one.
  public func next() throws(SystemError) -> Int32? {
    let signal = try attemptCHost("read signals") { chost_signal_next(descriptor.raw) }
    return signal == 0 ? nil : signal
  }
}

/// What another thread uses to end a poll.
public final class Wakeup: Sendable {
  /// To poll for reading.
  public let descriptor: Int32

  public init() throws(SystemError) {
    descriptor = try attemptCHost("make an event descriptor") { chost_eventfd() }
  }

  deinit { close(descriptor) }

  /// Makes the descriptor readable; from any thread, never blocks.
  public func signal() {
    var one: UInt64 = 1
    // It can only fail if the count is at its end, and then the descriptor is readable anyway.
    _ = try? attempt("signal") { write(descriptor, &one, 8) }
  }

  /// Waits until it is signalled or the time is over.
  public func wait(milliseconds: Int32) {
    var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // Interrupted or failed: the caller looks and waits again.
    _ = poll(&item, 1, milliseconds)
  }

  /// Makes it unreadable; answers whether it was signalled since the last time.
  @discardableResult public func clear() -> Bool {
    var count: UInt64 = 0
    return (try? attempt("clear") { read(descriptor, &count, 8) }) == 8
  }
}
