import CZeroMQ

/// A CURVE key of 32 bytes.
public struct CurveKey: Hashable, Sendable {
  private var words: (UInt64, UInt64, UInt64, UInt64)

  static let byteCount = 32
  /// Characters of its Z85 text.
  public static let textByteCount = 40

  /// From the 32 bytes that a ZAP request carries.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.byteCount else { return nil }
    words = (
      bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
      bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
      bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
      bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
    )
  }

  /// From its Z85 text (ZeroMQ RFC 32) of 40 characters; nil for anything else.
  public init?(_ text: String) {
    guard text.utf8.count == Self.textByteCount, !text.utf8.contains(0) else { return nil }
    var bytes = [UInt8](repeating: 0, count: Self.byteCount)
    guard zmq_z85_decode(&bytes, text) != nil else { return nil }
    guard let key = bytes.withUnsafeBytes({ CurveKey($0) }) else { return nil }
    // libzmq lets some characters that are not Z85's pass; what does not read back is none of them.
    guard key.text == text else { return nil }
    self = key
  }

  /// Its Z85 text.
  public var text: String {
    withBytes { bytes in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.textByteCount + 1) { text in
        zmq_z85_encode(text.baseAddress, bytes.baseAddress, bytes.count)
        return String(cString: text.baseAddress.unsafelyUnwrapped)
      }
    }
  }

  func withBytes<Result>(
    _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    withUnsafeBytes(of: words) { body($0.assumingMemoryBound(to: UInt8.self)) }
  }

  public static func == (left: CurveKey, right: CurveKey) -> Bool { left.words == right.words }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
    hasher.combine(words.3)
  }
}

/// A CURVE key pair. The secret is never printed.
public struct CurveKeyPair: Hashable, Sendable {
  public let publicKey: CurveKey
  public let secretKey: CurveKey

  /// A fresh pair from the system's randomness.
  public static func generate() -> CurveKeyPair {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 2 * (CurveKey.textByteCount + 1)) {
      texts in
      let first = texts.baseAddress.unsafelyUnwrapped
      let second = first + CurveKey.textByteCount + 1
      must("make a key pair") { zmq_curve_keypair(first, second) }
      guard let publicKey = CurveKey(String(cString: first)),
        let secretKey = CurveKey(String(cString: second))
      else { fatalError("libzmq made a key that is none") }
      return CurveKeyPair(publicKey: publicKey, secretKey: secretKey)
    }
  }

  /// The pair that a secret key belongs to.
  public init(secretKey: CurveKey) {
    self.secretKey = secretKey
    publicKey = withUnsafeTemporaryAllocation(
      of: CChar.self, capacity: CurveKey.textByteCount + 1
    ) { text in
      let start = text.baseAddress.unsafelyUnwrapped
      must("derive a public key") { zmq_curve_public(start, secretKey.text) }
      guard let key = CurveKey(String(cString: start)) else {
        fatalError("libzmq made a key that is none")
      }
      return key
    }
  }

  private init(publicKey: CurveKey, secretKey: CurveKey) {
    self.publicKey = publicKey
    self.secretKey = secretKey
  }
}

extension CurveKeyPair: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "CurveKeyPair(public \(publicKey.text))" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey.text]) }
}
