import CHost
import Glibc

/// Facts of the machine and of this process's share of it.
public enum Machine {
  /// A text that changes with each start of the machine; nil where /proc has none.
  public static func bootID() -> String? { line("/proc/sys/kernel/random/boot_id") }

  /// Clock ticks after the machine's start at which a process started: with the boot id and the
  /// process's number, a name that is never used again. nil if there is no such process, or only what
  /// is left of a dead one until its parent asks for it.
  public static func processStartTime(_ processID: Int32) -> UInt64? {
    guard let bytes = try? FileSystem.readFile("/proc/\(processID)/stat", limit: 1 << 16) else {
      return nil
    }
    return startTime(inStat: String(decoding: bytes, as: UTF8.self))
  }

  /// Field 22; the second, the program's name in brackets, may itself hold blanks and brackets.
  static func startTime(inStat text: String) -> UInt64? {
    guard let bracket = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: bracket)...].split(separator: " ")
    guard fields.count > 19, !["Z", "X", "x"].contains(fields[0]) else { return nil }
    return UInt64(fields[19])
  }

  public static var processID: Int32 { getpid() }

  /// The path of the running program.
  public static func programPath() throws(SystemError) -> String {
    try FileSystem.absolutePath("/proc/self/exe")
  }

  public static func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Numeric IPv4 and IPv6 addresses of interfaces that are up, without loopback and link-local
  /// ones, in the system's order.
  public static func addresses() -> [String] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return [] }
    defer { freeifaddrs(list) }
    var found: [String] = []
    var next = list
    while let entry = next?.pointee {
      next = entry.ifa_next
      let up = entry.ifa_flags & UInt32(IFF_UP) != 0
      guard up, entry.ifa_flags & UInt32(IFF_LOOPBACK) == 0, let address = entry.ifa_addr
      else { continue }
      let family = Int32(address.pointee.sa_family)
      guard family == AF_INET || family == AF_INET6 else { continue }
      let size =
        family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      guard
        getnameinfo(
          address, socklen_t(size), &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
      else { continue }
      let name = String(
        decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if !name.hasPrefix("fe80:"), !name.hasPrefix("169.254."), !found.contains(name) {
        found.append(name)
      }
    }
    return found
  }

  /// From the kernel's generator; for keys and names, never for results.
  public static func randomBytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = bytes.withUnsafeMutableBytes {
        chost_getrandom($0.baseAddress.map { $0 + filled }, count - filled)
      }
      if got < 0 {
        precondition(got == -Int(EINTR), "the system gives no random bytes")
      } else {
        filled += got
      }
    }
    return bytes
  }

  public static func randomWord() -> UInt64 {
    randomBytes(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The width in columns of the terminal that a descriptor is; nil if it is none.
  public static func terminalWidth(_ descriptor: Int32) -> Int? {
    guard isatty(descriptor) == 1 else { return nil }
    let width = chost_terminal_width(descriptor)
    return width > 0 ? Int(width) : nil
  }

  /// Raises the soft limit on open files to the hard one; answers with what holds then.
  @discardableResult public static func raiseOpenFileLimit() throws(SystemError) -> Int {
    var limit = rlimit()
    let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    _ = try attempt("read the limit of open files") { getrlimit(kind, &limit) }
    if limit.rlim_cur < limit.rlim_max {
      limit.rlim_cur = limit.rlim_max
      _ = try attempt("raise the limit of open files") { setrlimit(kind, &limit) }
    }
    return Int(clamping: limit.rlim_cur)
  }

  static func line(_ path: String) -> String? {
    guard let bytes = try? FileSystem.readFile(path, limit: 1 << 20) else { return nil }
    let text = String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
    return text.isEmpty ? nil : text
  }
}

extension FileSystem {
  /// The path that a shell would run for a program's name; a name with a slash is itself.
  public static func findProgram(_ name: String) -> String? {
    if name.contains("/") { return isExecutable(name) ? name : nil }
    for folder in (Environment["PATH"] ?? "/usr/bin:/bin").split(
      separator: ":", omittingEmptySubsequences: false)
    {
      let path = "\(folder.isEmpty ? "." : folder)/\(name)"
      if isExecutable(path) { return path }
    }
    return nil
  }
}
