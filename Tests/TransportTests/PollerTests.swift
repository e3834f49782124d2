import Glibc
import Testing
import Transport

@Suite(.serialized) final class PollerTests {
  let message = Message()

  @Test("a wait ends at its time, and with 0 at once")
  func timeout() {
    var poller = Poller()
    let start = milliseconds()
    #expect(poller.wait(milliseconds: 60) == false)
    #expect(milliseconds() - start >= 60)
    #expect(poller.wait(milliseconds: 0) == false)
  }

  @Test("descriptors and sockets wake the same wait, each known by its place")
  func mixed() throws {
    try withFolder { folder in
      let context = try Context()
      var listener = try Listener(context, at: .ipc(path: "\(folder)/socket"))
      var pipes: [Int32] = [0, 0]
      try #require(pipe(&pipes) == 0)
      defer { for descriptor in pipes { close(descriptor) } }
      var poller = Poller()
      while listener.nextEvent() != nil {}

      func list() -> (Poller.Place, Poller.Place) {
        poller.removeAll()
        return (poller.add(descriptor: pipes[0]), poller.add(listener))
      }
      var (pipePlace, listenerPlace) = list()
      #expect(poller.wait(milliseconds: 20) == false)
      #expect(poller.isReady(pipePlace) == false)
      #expect(poller.isReady(listenerPlace) == false)

      try #require(write(pipes[1], "x", 1) == 1)
      #expect(poller.wait(milliseconds: patienceMilliseconds) == true)
      #expect(poller.isReady(pipePlace) == true)
      var byte: UInt8 = 0
      try #require(read(pipes[0], &byte, 1) == 1)

      let connection = try Connection(
        context, to: listener.endpoint, as: RoutingID(high: 1, low: 1), lingerMilliseconds: 0)
      _ = connection.send([5])
      var got: [UInt8]?
      let deadline = milliseconds() + patienceMilliseconds
      while got == nil, milliseconds() < deadline {
        (pipePlace, listenerPlace) = list()
        #expect(poller.wait(milliseconds: patienceMilliseconds) == true)
        #expect(poller.isReady(listenerPlace) == true)
        #expect(poller.isReady(pipePlace) == false)
        got = listener.nextMessage(message)?.bytes
      }
      #expect(got == [5])

      close(pipes[1])
      pipes.removeLast()
      (pipePlace, listenerPlace) = list()
      #expect(poller.wait(milliseconds: patienceMilliseconds) == true, "a hang-up is readiness too")
      #expect(poller.isReady(pipePlace) == true)
    }
  }

  @Test("a signal neither ends a wait nor breaks it")
  func interrupted() throws {
    signal(SIGUSR2) { _ in }
    defer { signal(SIGUSR2, SIG_DFL) }
    // A thread that disturbs this one ten times.
    let target = pthread_self()
    let join = onThread {
      for _ in 0..<10 {
        usleep(10_000)
        pthread_kill(target, SIGUSR2)
      }
    }
    var poller = Poller()
    let start = milliseconds()
    #expect(poller.wait(milliseconds: 200) == false)
    #expect(milliseconds() - start >= 200)
    join()
  }

  @Test("a socket in the hands of another thread traps")
  func wrongThread() async {
    await #expect(processExitsWith: .failure) {
      let context = try Context()
      let listener = try Listener(
        context, at: .tcp(host: "127.0.0.1", port: 0), keys: .generate())
      let box = Box(listener)
      onThread { box.use() }()
      // Not reached if the trap works: leave as a success, which the test takes for a failure.
      exit(0)
    }
  }

  @Test("TCP without CURVE traps, for listeners and for connections")
  func withoutKeys() async {
    await #expect(processExitsWith: .failure) {
      _ = try Listener(try Context(), at: .tcp(host: "127.0.0.1", port: 0))
      exit(0)
    }
    await #expect(processExitsWith: .failure) {
      _ = try Connection(
        try Context(), to: .tcp(host: "127.0.0.1", port: 9), as: RoutingID(high: 1, low: 1))
      exit(0)
    }
  }
}

/// Carries a listener where the compiler would not let it go.
private final class Box: @unchecked Sendable {
  private let listener: Listener
  private let message = Message()

  init(_ listener: consuming Listener) { self.listener = listener }

  func use() { _ = listener.receive(into: message) }
}
