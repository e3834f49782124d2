import CHost
import Glibc

/// What stat(2) says about a file.
public struct FileStatus: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case file
    case directory
    case link
    case socket
    case other
  }

  public var kind: Kind
  public var byteCount: Int64
  /// The twelve permission bits.
  public var permissions: UInt32
  public var linkCount: Int
  public var owner: UInt32
  public var inode: UInt64
  public var device: UInt64
  /// Nanoseconds since 1970.
  public var modified: Int64

  init(_ facts: stat) {
    switch facts.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .directory
    case S_IFLNK: kind = .link
    case S_IFSOCK: kind = .socket
    default: kind = .other
    }
    byteCount = Int64(facts.st_size)
    permissions = facts.st_mode & 0o7777
    linkCount = Int(facts.st_nlink)
    owner = facts.st_uid
    inode = UInt64(facts.st_ino)
    device = UInt64(facts.st_dev)
    modified = Int64(facts.st_mtim.tv_sec) * 1_000_000_000 + Int64(facts.st_mtim.tv_nsec)
  }
}

/// How a file is to be opened.
public enum OpenMode: Hashable, Sendable {
  case read
  case readWrite
  /// For writing; made if it is not there, emptied if it is.
  case replace
  /// For writing at its end; made if it is not there.
  case append
  /// For reading and writing; an error (`Errno.exists`) if it is there.
  case createNew
  case directory

  var flags: Int32 {
    switch self {
    case .read: O_RDONLY
    case .readWrite: O_RDWR
    case .replace: O_WRONLY | O_CREAT | O_TRUNC
    case .append: O_WRONLY | O_CREAT | O_APPEND
    case .createNew: O_RDWR | O_CREAT | O_EXCL
    case .directory: O_RDONLY | O_DIRECTORY
    }
  }
}

/// Files by path. Paths are as the system has them: relative ones start at the working directory.
public enum FileSystem {
  public static func open(
    _ path: String, _ mode: OpenMode, permissions: UInt32 = 0o666
  ) throws(SystemError) -> Descriptor {
    Descriptor(
      owning: try attemptCHost("open", path) { chost_open(path, mode.flags, permissions) })
  }

  /// Makes names in the directory durable: new, renamed and removed ones.
  public static func synchroniseDirectory(_ path: String) throws(SystemError) {
    let directory = try open(path, .directory)
    _ = try attempt("fsync directory", path) { fsync(directory.raw) }
  }

  public static func rename(_ old: String, to new: String) throws(SystemError) {
    _ = try attempt("rename to \(new)", old) { Glibc.rename(old, new) }
  }

  /// A second name for a file; `Errno.exists` if that name is taken.
  public static func link(_ old: String, to new: String) throws(SystemError) {
    _ = try attempt("link to \(new)", old) { Glibc.link(old, new) }
  }

  public static func remove(_ path: String) throws(SystemError) {
    _ = try attempt("remove", path) { unlink(path) }
  }

  /// One directory whose parent is there; `Errno.exists` if the name is taken.
  public static func makeDirectory(
    _ path: String, permissions: UInt32 = 0o777
  ) throws(SystemError) {
    _ = try attempt("make directory", path) { mkdir(path, permissions) }
  }

  /// The directory and every missing one above it; no error if it is there.
  public static func makeDirectories(
    _ path: String, permissions: UInt32 = 0o777
  ) throws(SystemError) {
    do {
      try makeDirectory(path, permissions: permissions)
    } catch  where error.code == .exists {
      let kind = try status(path).kind
      if kind != .directory { throw SystemError(.notADirectory, "make directory", path) }
    } catch  where error.code == .noSuchFile {
      let parent = parentDirectory(path)
      // Some file systems say so although the parent is there (/proc).
      if parent == path || parent == "." || exists(parent) { throw error }
      try makeDirectories(parent, permissions: permissions)
      try makeDirectories(path, permissions: permissions)
    }
  }

  /// A new directory that only this user can enter, in TMPDIR or /tmp.
  /// - Parameter prefix: how its name begins.
  public static func makeTemporaryDirectory(prefix: String) throws(SystemError) -> String {
    var parent = Environment["TMPDIR"] ?? "/tmp"
    while parent.count > 1, parent.hasSuffix("/") { parent.removeLast() }
    return try makeTemporaryDirectory(in: parent, prefix: prefix)
  }

  public static func makeTemporaryDirectory(
    in parent: String, prefix: String
  ) throws(SystemError) -> String {
    var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
    _ = try attempt("make a temporary directory in", parent) {
      mkdtemp(&template) == nil ? -1 : 0
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The names in a directory without `.` and `..`, sorted by their bytes. NFS may leave one out that
  /// came while it was listed.
  public static func list(_ path: String) throws(SystemError) -> [String] {
    var stream: OpaquePointer?
    _ = try attempt("list", path) {
      stream = opendir(path)
      return stream == nil ? -1 : 0
    }
    guard let stream else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        let code = errno
        if code != 0 { throw SystemError(Errno(rawValue: code), "list", path) }
        break
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Facts of the file that the path leads to.
  public static func status(_ path: String) throws(SystemError) -> FileStatus {
    var facts = stat()
    _ = try attempt("stat", path) { stat(path, &facts) }
    return FileStatus(facts)
  }

  /// Facts of the path's last component itself, be it a symbolic link.
  public static func linkStatus(_ path: String) throws(SystemError) -> FileStatus {
    var facts = stat()
    _ = try attempt("stat", path) { lstat(path, &facts) }
    return FileStatus(facts)
  }

  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  public static func isExecutable(_ path: String) -> Bool {
    access(path, X_OK) == 0 && (try? status(path))?.kind == .file
  }

  public static func setPermissions(_ path: String, _ bits: UInt32) throws(SystemError) {
    _ = try attempt("chmod", path) { chmod(path, bits) }
  }

  /// Removes a file or a directory with all that is in it; links are removed, not followed. No error
  /// if nothing is there.
  public static func removeTree(_ path: String) throws(SystemError) {
    do {
      if try linkStatus(path).kind == .directory {
        for name in try list(path) { try removeTree("\(path)/\(name)") }
        _ = try attempt("remove directory", path) { rmdir(path) }
      } else {
        try remove(path)
      }
    } catch  where error.code == .noSuchFile {
    }
  }

  /// "a/b" for "a/b/c", "/" for "/a", "." for "a".
  public static func parentDirectory(_ path: String) -> String {
    var bytes = Substring(path)
    while bytes.count > 1, bytes.hasSuffix("/") { bytes.removeLast() }
    guard let slash = bytes.lastIndex(of: "/") else { return "." }
    bytes = bytes[..<slash]
    while bytes.count > 1, bytes.hasSuffix("/") { bytes.removeLast() }
    return bytes.isEmpty ? "/" : String(bytes)
  }

  /// The path without links and dots; everything on it must be there.
  public static func absolutePath(_ path: String) throws(SystemError) -> String {
    var resolved: UnsafeMutablePointer<CChar>?
    _ = try attempt("resolve", path) {
      resolved = realpath(path, nil)
      return resolved == nil ? -1 : 0
    }
    guard let resolved else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
