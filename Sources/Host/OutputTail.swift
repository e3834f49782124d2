/// Empties a pipe that a child writes messages to and keeps the last of them: at most `limit` bytes.
public final class OutputTail {
  public static let limit = 4096

  /// Nonblocking, to poll for reading until `ended`.
  public let descriptor: Descriptor
  public private(set) var ended = false
  private var ring = [UInt8](repeating: 0, count: OutputTail.limit)
  private var written = 0

  public init(_ descriptor: consuming Descriptor) {
    self.descriptor = descriptor
  }

  /// Reads what is there; call when the descriptor is readable, and once more after the child's end.
  /// - Parameter seen: is given every piece as it comes, for instance to pass it on.
  public func drain(_ seen: (UnsafeRawBufferPointer) -> Void = { _ in }) {
    withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 1) { buffer in
      // A bound, so that a child that writes without end cannot hold the event loop.
      for _ in 0..<16 {
        guard !ended, let transfer = try? descriptor.tryRead(into: buffer) else {
          ended = true
          return
        }
        switch transfer {
        case .wouldBlock: return
        case .ended: ended = true
        case .bytes(let count):
          let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
          seen(piece)
          keep(piece)
        }
      }
    }
  }

  /// The last whole lines that fit, without control characters other than line ends and tabs, invalid
  /// UTF-8 replaced.
  public var text: String {
    let count = min(written, OutputTail.limit)
    var bytes = (0..<count).map { ring[(written - count + $0) % OutputTail.limit] }
    if written > OutputTail.limit, let newline = bytes.firstIndex(of: 10), newline + 1 < bytes.count
    {
      bytes.removeFirst(newline + 1)
    }
    bytes.removeAll { ($0 < 32 && $0 != 10 && $0 != 9) || $0 == 127 }
    while bytes.last == 10 { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func keep(_ piece: UnsafeRawBufferPointer) {
    let skipped = max(0, piece.count - OutputTail.limit)
    for index in skipped..<piece.count { ring[(written + index) % OutputTail.limit] = piece[index] }
    written += piece.count
  }
}
