import Glibc
import Host
import Testing

/// What a shell command is started with.
private func shell(_ script: String) -> ChildSpecification {
  ChildSpecification(executable: "/bin/sh", arguments: ["-c", script])
}

/// Reads a child's pipe to its end, which comes when the child is gone.
private func readAll(_ end: borrowing Descriptor) throws -> String {
  var all: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while true {
    let got = try buffer.withUnsafeMutableBytes { try end.read(into: $0) }
    if got == 0 { return String(decoding: all, as: UTF8.self) }
    all += buffer[..<got]
  }
}

@Suite struct ChildProcessTests {
  @Test("a child's exit code and signal are told apart")
  func ends() throws {
    #expect(try ChildProcess(shell("exit 0")).wait() == .exited(code: 0))
    #expect(try ChildProcess(shell("exit 7")).wait() == .exited(code: 7))
    #expect(try ChildProcess(shell("kill -SEGV $$")).wait() == .killed(signal: SIGSEGV))
    let sleeper = try ChildProcess(shell("exec sleep 1000"))
    #expect(sleeper.reap() == nil)
    sleeper.send(SIGKILL)
    #expect(sleeper.wait() == .killed(signal: SIGKILL))
    #expect(sleeper.reap() == .killed(signal: SIGKILL))
    sleeper.send(SIGKILL)  // nothing: the number may be another's by now
  }

  @Test("a program that is not there is an error of the start")
  func missing() {
    #expect(throws: SystemError(.noSuchFile, "start", "/no/such")) {
      _ = try ChildProcess(ChildSpecification(executable: "/no/such"))
    }
    #expect(FileSystem.findProgram("sh")?.hasSuffix("/sh") == true)
    #expect(FileSystem.findProgram("no-such-program") == nil)
  }

  @Test("a child has the descriptors it was given and no other")
  func descriptors() throws {
    // Leaks on purpose: not close-on-exec, as a careless library would leave one.
    let leak = dup(0)
    defer { close(leak) }
    let pipe1 = try Pipe()
    let readEnd = pipe1.readEnd
    let writeEnd = pipe1.writeEnd
    let page = try ProgressPage()
    var wanted = shell("ls -l /proc/$$/fd >&4; echo end >&4")
    // The sources may lie on each other's targets.
    wanted.descriptors = [
      (readEnd.raw, 3), (writeEnd.raw, 4), (page.descriptor.raw, 5),
    ]
    let child = try ChildProcess(wanted)
    try writeEnd.close()
    let text = try readAll(readEnd)
    #expect(child.wait() == .exited(code: 0))
    let numbers = text.split(separator: "\n").compactMap { line in
      line.split(separator: " ").firstIndex(of: "->").flatMap {
        Int(line.split(separator: " ")[$0 - 1])
      }
    }
    // A shell may hold one of its own from 10 up.
    #expect(numbers.filter { $0 < 10 }.sorted() == [0, 1, 2, 3, 4, 5])
    #expect(text.contains("0 -> /dev/null"))
    #expect(text.contains("spinodal-progress"))
  }

  @Test("swapped targets are placed right")
  func swapped() throws {
    let pipe2 = try Pipe()
    let readA = pipe2.readEnd
    let writeA = pipe2.writeEnd
    let pipe3 = try Pipe()
    let readB = pipe3.readEnd
    let writeB = pipe3.writeEnd
    var wanted = shell(
      "echo a >/proc/$$/fd/\(writeB.raw); echo b >/proc/$$/fd/\(writeA.raw)")
    wanted.descriptors = [(writeA.raw, writeB.raw), (writeB.raw, writeA.raw)]
    let child = try ChildProcess(wanted)
    try writeA.close()
    try writeB.close()
    #expect(try readAll(readA) == "a\n")
    #expect(try readAll(readB) == "b\n")
    #expect(child.wait() == .exited(code: 0))
  }

  @Test("a child starts with open signals and their defaults, whatever its parent has")
  func signals() throws {
    _ = try SignalSource()
    let pipe4 = try Pipe()
    let readEnd = pipe4.readEnd
    let writeEnd = pipe4.writeEnd
    var wanted = ChildSpecification(
      executable: "/bin/grep", arguments: ["-E", "^Sig(Blk|Ign)", "/proc/self/status"])
    wanted.descriptors = [(writeEnd.raw, 1)]
    wanted.ignoredSignals = [SIGINT]
    let child = try ChildProcess(wanted)
    try writeEnd.close()
    let text = try readAll(readEnd)
    #expect(child.wait() == .exited(code: 0))
    let masks = text.split(separator: "\n").map { UInt64($0.suffix(16), radix: 16) }
    // Signals 32 and 33 are the C library's own and stay as they are; HUP may be ignored by nohup.
    #expect(masks.map { ($0 ?? .max) & ~0x1_8000_0001 } == [0, 1 << UInt64(SIGINT - 1)])
  }

  @Test("the last of a child's stderr is kept, in whole lines")
  func tail() throws {
    var wanted = shell(
      "i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done; echo out")
    wanted.standardError = .pipe
    let child = try ChildProcess(wanted)
    let tail = try #require(child.errorTail)
    let deadline = BootClock.now() + 60_000_000_000
    while !tail.ended, BootClock.now() < deadline {
      var wait = pollfd(fd: tail.descriptor.raw, events: Int16(POLLIN), revents: 0)
      poll(&wait, 1, 1000)
      tail.drain()
    }
    #expect(child.wait() == .exited(code: 0))
    #expect(tail.text.utf8.count <= OutputTail.limit)
    #expect(tail.text.hasPrefix("line 1"))
    #expect(tail.text.hasSuffix("\nline 1999\nout"))
  }

  @Test("a child ends with the parent that asked for it")
  func deathSignal() throws {
    // The signal comes when the thread ends that made the child, which a test can bring about.
    let started = ThreadStart()
    var thread = pthread_t()
    let failed = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let started = Unmanaged<ThreadStart>.fromOpaque(context).takeUnretainedValue()
        var wanted = shell("exec sleep 1000")
        wanted.deathSignal = SIGTERM
        started.child = try? ChildProcess(wanted)
        return nil
      }, Unmanaged.passUnretained(started).toOpaque())
    #expect(failed == 0)
    pthread_join(thread, nil)
    #expect(started.child?.wait() == .killed(signal: SIGTERM))
  }

  @Test("a child in its own group is reached with the children it has")
  func group() throws {
    let pipe5 = try Pipe()
    let readEnd = pipe5.readEnd
    let writeEnd = pipe5.writeEnd
    var wanted = shell("sleep 1000 & echo $! ; wait")
    wanted.descriptors = [(writeEnd.raw, 1)]
    wanted.ownGroup = true
    let child = try ChildProcess(wanted)
    try writeEnd.close()
    var buffer = [UInt8](repeating: 0, count: 32)
    #expect(try buffer.withUnsafeMutableBytes { try readEnd.read(into: $0) } > 1)
    child.send(SIGKILL)
    // The pipe ends only when the grandchild, which holds it too, is gone.
    #expect(try readAll(readEnd) == "")
    #expect(child.wait() == .killed(signal: SIGKILL))
  }

  @Test("working folder and environment are the child's own")
  func surroundings() throws {
    let pipe6 = try Pipe()
    let readEnd = pipe6.readEnd
    let writeEnd = pipe6.writeEnd
    var wanted = shell("pwd; echo $A $HOME")
    wanted.descriptors = [(writeEnd.raw, 1)]
    wanted.workingDirectory = "/usr"
    wanted.environment = ["A=1"]
    let child = try ChildProcess(wanted)
    try writeEnd.close()
    #expect(try readAll(readEnd) == "/usr\n1\n")
    #expect(child.wait() == .exited(code: 0))
  }
}

private final class ThreadStart {
  var child: ChildProcess?
}
