/// Where a socket listens or connects to.
public enum Endpoint: Hashable, Sendable {
  /// A host name, an address (IPv6 without its brackets) or `*`; port 0 asks for any free one.
  case tcp(host: String, port: UInt16)
  /// The path of a Unix socket.
  case ipc(path: String)
  /// A name within one context.
  case inproc(name: String)

  /// What a Unix socket's path may have (sockaddr_un less its final zero).
  public static let pathByteCount = 107
  private static let hostByteCount = 253

  /// Reads `tcp://HOST:PORT`, `tcp://[IPV6]:PORT`, `tcp://*:PORT` or `ipc://PATH`.
  public init(_ text: String) throws(EndpointMistake) {
    if let rest = text.dropping(prefix: "tcp://") {
      self = try Self.tcp(rest, of: text)
    } else if let path = text.dropping(prefix: "ipc://") {
      guard path.hasPrefix("/") else {
        throw EndpointMistake(text: text, reason: "a path that starts with / must follow ipc://")
      }
      guard !path.utf8.contains(0) else {
        throw EndpointMistake(text: text, reason: "a path has no zero byte")
      }
      guard path.utf8.count <= Self.pathByteCount else {
        throw EndpointMistake(
          text: text,
          reason: "the path has \(path.utf8.count) bytes, a socket's may have "
            + "\(Self.pathByteCount); set TMPDIR to a shorter one")
      }
      self = .ipc(path: path)
    } else {
      throw EndpointMistake(text: text, reason: "expected tcp://HOST:PORT or ipc://PATH")
    }
  }

  private static func tcp(_ rest: String, of text: String) throws(EndpointMistake) -> Endpoint {
    guard let colon = rest.lastIndex(of: ":") else {
      throw EndpointMistake(text: text, reason: "a port is missing: tcp://HOST:PORT")
    }
    let digits = rest[rest.index(after: colon)...]
    guard digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let port = UInt16(digits) else {
      throw EndpointMistake(text: text, reason: "the port must be a number from 0 to 65535")
    }
    var host = String(rest[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
      guard host.utf8.allSatisfy(Self.isAddressByte), host.contains(":") else {
        throw EndpointMistake(text: text, reason: "[...] must hold an IPv6 address")
      }
    } else if host != "*" {
      guard !host.contains(":") else {
        throw EndpointMistake(
          text: text, reason: "an IPv6 address stands in brackets: tcp://[::1]:0")
      }
      guard !host.isEmpty, host.utf8.count <= Self.hostByteCount,
        host.utf8.allSatisfy(Self.isNameByte)
      else {
        throw EndpointMistake(text: text, reason: "expected a host name, an address or *")
      }
    }
    return .tcp(host: host, port: port)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func isAddressByte(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ":") || byte == UInt8(ascii: "%") || isNameByte(byte)
  }

  /// Whether it stands for every address of this machine, and so cannot be connected to.
  public var isWildcard: Bool {
    guard case .tcp(let host, _) = self else { return false }
    return host == "*" || host == "0.0.0.0" || host == "::"
  }

  public var port: UInt16? {
    guard case .tcp(_, let port) = self else { return nil }
    return port
  }

  /// The same port at another host.
  public func at(host: String) -> Endpoint {
    guard case .tcp(_, let port) = self else { return self }
    return .tcp(host: host, port: port)
  }
}

extension Endpoint: CustomStringConvertible {
  /// As `init(_:)` and libzmq read it.
  public var description: String {
    switch self {
    case .tcp(let host, let port):
      host.contains(":") ? "tcp://[\(host)]:\(port)" : "tcp://\(host):\(port)"
    case .ipc(let path): "ipc://\(path)"
    case .inproc(let name): "inproc://\(name)"
    }
  }
}

/// Why a text is no endpoint.
public struct EndpointMistake: Error, Hashable, Sendable, CustomStringConvertible {
  public var text: String
  public var reason: String

  public var description: String { "\"\(text)\" is no endpoint: \(reason)" }
}

extension String {
  fileprivate func dropping(prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
