import Host
import Testing

/// A directory that goes with the test.
struct Scratch: ~Copyable {
  let path: String

  init() throws { path = try FileSystem.makeTemporaryDirectory(prefix: "spinodal-test-") }
  deinit { try? FileSystem.removeTree(path) }
}

@Suite struct FileSystemTests {
  @Test("written bytes come back by read, pread and a map")
  func roundTrip() throws {
    let scratch = try Scratch()
    let path = "\(scratch.path)/a"
    let file = try FileSystem.open(path, .createNew)
    let parts: [[UInt8]] = [[1, 2, 3], [], [4], [5, 6]]
    let outcome = parts[0].withUnsafeBytes { a in
      parts[1].withUnsafeBytes { b in
        parts[2].withUnsafeBytes { c in parts[3].withUnsafeBytes { d in file.writev([a, b, c, d]) }
        }
      }
    }
    #expect(outcome == WriteOutcome(byteCount: 6, failure: nil))
    #expect(
      [9, 9].withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
        file.pwrite(UnsafeRawBufferPointer(rebasing: bytes[..<1]), at: 1).byteCount
      } == 1)
    try file.synchroniseData()
    #expect(try FileSystem.readFile(path) == [1, 9, 3, 4, 5, 6])
    var buffer = [UInt8](repeating: 0, count: 8)
    let got = try buffer.withUnsafeMutableBytes { try file.pread(into: $0, at: 4) }
    #expect(got == 2 && buffer[..<2] == [5, 6])
    try MappedFile(path).withBytes { #expect($0.elementsEqual([1, 9, 3, 4, 5, 6])) }
    let facts = try file.status()
    #expect(facts.kind == .file && facts.byteCount == 6 && facts.linkCount == 1)
  }

  @Test("an empty file maps to nothing")
  func emptyMap() throws {
    let scratch = try Scratch()
    try FileSystem.replaceFile("\(scratch.path)/e", with: [])
    try MappedFile("\(scratch.path)/e").withBytes { #expect($0.isEmpty) }
  }

  @Test("a short write says how much is in the file")
  func shortWrite() throws {
    let full = try FileSystem.open("/dev/full", .readWrite)
    let outcome = [UInt8](repeating: 1, count: 10).withUnsafeBytes { full.write($0) }
    #expect(outcome.byteCount == 0)
    #expect(outcome.failure?.code == .noSpace)
    #expect(outcome.failure?.description == "cannot write: No space left on device")
  }

  @Test("a link to a taken name is refused, and the count of links rises to two")
  func links() throws {
    let scratch = try Scratch()
    let (draft, name) = ("\(scratch.path)/draft", "\(scratch.path)/1")
    try FileSystem.replaceFile(draft, with: [1])
    try FileSystem.link(draft, to: name)
    #expect(try FileSystem.status(draft).linkCount == 2)
    #expect(throws: SystemError(.exists, "link to \(name)", draft)) {
      try FileSystem.link(draft, to: name)
    }
  }

  @Test("directories are made with all above them, listed by their bytes, and removed whole")
  func directories() throws {
    let scratch = try Scratch()
    let deep = "\(scratch.path)/x/y/z"
    try FileSystem.makeDirectories(deep)
    try FileSystem.makeDirectories(deep)
    for name in ["b", "a", "\u{e9}", "B"] {
      try FileSystem.replaceFile("\(deep)/\(name)", with: [])
    }
    #expect(try FileSystem.list(deep) == ["B", "a", "b", "\u{e9}"])
    try FileSystem.removeTree("\(scratch.path)/x")
    #expect(!FileSystem.exists("\(scratch.path)/x"))
    try FileSystem.removeTree("\(scratch.path)/x")
    try FileSystem.replaceFile("\(scratch.path)/f", with: [])
    #expect(throws: SystemError(.notADirectory, "make directory", "\(scratch.path)/f")) {
      try FileSystem.makeDirectories("\(scratch.path)/f")
    }
    // /proc says that there is no such file, not that nothing may be made there.
    #expect(throws: SystemError(.noSuchFile, "make directory", "/proc/spinodal")) {
      try FileSystem.makeDirectories("/proc/spinodal/run")
    }
  }

  @Test(
    "a file over the limit is refused, one at the limit is read", arguments: [1, 4095, 4096, 9000])
  func limits(count: Int) throws {
    let scratch = try Scratch()
    let path = "\(scratch.path)/f"
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    try FileSystem.replaceFile(path, with: bytes, permissions: 0o600)
    #expect(try FileSystem.readFile(path, limit: count) == bytes)
    #expect(try FileSystem.status(path).permissions == 0o600)
    #expect(throws: SystemError(.fileTooLarge, "read", path)) {
      try FileSystem.readFile(path, limit: count - 1)
    }
    #expect(try FileSystem.list(scratch.path) == ["f"])
  }

  @Test("a missing file is named in the message")
  func missing() {
    let error = #expect(throws: SystemError.self) { _ = try FileSystem.open("/no/such", .read) }
    #expect(error?.description == "cannot open /no/such: No such file or directory")
  }

  @Test(
    "the directory above a path",
    arguments: [
      ("a/b/c", "a/b"), ("/a", "/"), ("a", "."), ("/", "/"), ("a//b/", "a"), ("//a", "/"),
    ])
  func parents(path: String, parent: String) {
    #expect(FileSystem.parentDirectory(path) == parent)
  }

  @Test("a pipe without bytes would block, and without a writer has ended")
  func pipes() throws {
    let pipe = try Pipe()
    let readEnd = pipe.readEnd
    let writeEnd = pipe.writeEnd
    try readEnd.setNonblocking(true)
    var buffer = [UInt8](repeating: 0, count: 8)
    let before = try buffer.withUnsafeMutableBytes { try readEnd.tryRead(into: $0) }
    #expect(before == .wouldBlock)
    try writeEnd.writeAll([1, 2, 3, 4, 5])
    let got = try buffer.withUnsafeMutableBytes {
      try readEnd.tryRead(
        into: UnsafeMutableRawBufferPointer(rebasing: $0[6...]),
        then: UnsafeMutableRawBufferPointer(rebasing: $0[..<6]))
    }
    #expect(got == .bytes(5) && buffer == [3, 4, 5, 0, 0, 0, 1, 2])
    try writeEnd.close()
    let after = try buffer.withUnsafeMutableBytes { try readEnd.tryRead(into: $0) }
    #expect(after == .ended)
  }

  @Test("a full pipe would block, and without a reader has ended")
  func fullPipe() throws {
    _ = try SignalSource()  // ignores SIGPIPE
    let pipe1 = try Pipe(capacity: 4096)
    let readEnd = pipe1.readEnd
    let writeEnd = pipe1.writeEnd
    try writeEnd.setNonblocking(true)
    let page = [UInt8](repeating: 7, count: 65_536)
    var last = Transfer.bytes(0)
    for _ in 0..<100 where last != .wouldBlock {
      last = try page.withUnsafeBytes { try writeEnd.tryWrite($0) }
    }
    #expect(last == .wouldBlock)
    try readEnd.close()
    #expect(try page.withUnsafeBytes { try writeEnd.tryWrite($0) } == .ended)
  }
}
