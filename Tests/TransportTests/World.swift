import Glibc
import Testing
import Transport

/// Longest that any test waits for anything.
let patienceMilliseconds: Int64 = 20_000

func milliseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}

/// Asks again and again until there is an answer; records an issue when patience is over.
func eventually<Answer>(
  _ what: String, within limitMilliseconds: Int64 = patienceMilliseconds, _ ask: () -> Answer?
) throws -> Answer {
  let deadline = milliseconds() + limitMilliseconds
  while milliseconds() < deadline {
    if let answer = ask() { return answer }
    usleep(1000)
  }
  throw TooLate(what: what)
}

struct TooLate: Error {
  var what: String
}

extension Listener {
  /// The next message, letting workers in meanwhile.
  mutating func nextMessage(_ message: borrowing Message) -> (from: RoutingID, bytes: [UInt8])? {
    while nextEvent() != nil {}
    guard case .message(let id) = receive(into: message) else { return nil }
    return (id, message.copyBytes())
  }
}

/// A folder of this test's own.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  var template = Array("/tmp/spinodal-transport-XXXXXX".utf8CString)
  let made = template.withUnsafeMutableBufferPointer { template -> String? in
    guard let start = template.baseAddress, mkdtemp(start) != nil else { return nil }
    return String(cString: start)
  }
  let folder = try #require(made)
  defer {
    // Only sockets lie in it.
    if let directory = opendir(folder) {
      while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        unlink("\(folder)/\(name)")
      }
      closedir(directory)
    }
    rmdir(folder)
  }
  return try body(folder)
}

let loopback = Endpoint.tcp(host: "127.0.0.1", port: 0)

/// Runs `body` on a thread of its own; the answer waits for its end.
func onThread(_ body: @escaping @Sendable () -> Void) -> () -> Void {
  var thread = pthread_t()
  pthread_create(
    &thread, nil,
    { argument in
      guard let argument else { return nil }
      Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
      return nil
    }, Unmanaged.passRetained(Work(body)).toOpaque())
  return { pthread_join(thread, nil) }
}

private final class Work: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
