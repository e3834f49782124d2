import Glibc

/// A thread of this process. All signals are blocked in it if they are in the thread that starts it,
/// which is so once a `SignalSource` was made.
public final class Thread: Sendable {
  private let handle: pthread_t

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  public init(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(Body(body))
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, argument.toOpaque())
    guard code == 0 else {
      argument.release()
      throw SystemError(Errno(rawValue: code), "start a thread")
    }
    handle = thread
  }

  /// Waits for its end; once.
  public func join() { pthread_join(handle, nil) }
}
