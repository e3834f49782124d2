import Scheduling
import SweepModel

/// Bytes of messages. One message is one frame: a header, then the fields of its kind, little-endian,
/// lists and texts behind their lengths.
public enum WireFormat {
  // MARK: - Encoding

  /// Appends a message to a buffer, which the caller may use again and again.
  ///
  /// Texts are cut at their limit. Lists beyond `Limits` trap: our own state machines made them.
  public static func encode(_ message: WorkerMessage, into buffer: inout [UInt8]) {
    writing(into: &buffer) { $0.worker(message) }
  }

  /// Appends a message to a buffer, which the caller may use again and again.
  ///
  /// Texts are cut at their limit. Lists beyond `Limits` trap: our own state machines made them.
  public static func encode(_ message: CoordinatorMessage, into buffer: inout [UInt8]) {
    writing(into: &buffer) { $0.coordinator(message) }
  }

  public static func encode(_ message: WorkerMessage) -> [UInt8] {
    var buffer: [UInt8] = []
    encode(message, into: &buffer)
    return buffer
  }

  public static func encode(_ message: CoordinatorMessage) -> [UInt8] {
    var buffer: [UInt8] = []
    encode(message, into: &buffer)
    return buffer
  }

  /// Appends what the message `piece(index:bytes:)` has, without making an array of the piece first.
  public static func encodePiece(
    _ index: UInt32, of description: [UInt8], pieceByteCount: Int, into buffer: inout [UInt8]
  ) {
    let start = min(Int(index) * pieceByteCount, description.count)
    let end = min(start + pieceByteCount, description.count)
    writing(into: &buffer) { writer in
      writer.header(.piece)
      writer.integer(index)
      writer.blob(description[start..<end], limit: Limits.pieceByteCount)
    }
  }

  private static func writing(into buffer: inout [UInt8], _ write: (inout Writer) -> Void) {
    let start = buffer.count
    // The buffer moves into the writer and back: no copy.
    var writer = Writer(bytes: buffer)
    buffer = []
    write(&writer)
    buffer = writer.bytes
    precondition(
      buffer.count - start <= Limits.messageByteCount, "a message longer than any peer takes")
  }

  // MARK: - Decoding

  /// Reads what a worker sent. A hello of another protocol version is read as far as all versions
  /// agree (version, run, worker, build, host, process), so that it can be refused with the reason;
  /// its other fields are empty.
  public static func decodeWorkerMessage(
    _ bytes: UnsafeRawBufferPointer
  ) throws(WireFailure) -> WorkerMessage {
    var reader = Reader(bytes)
    let (kind, version) = try reader.header(fromWorker: true)
    if kind == .hello { return .hello(try reader.hello(version: version)) }
    guard version == Limits.protocolVersion else { throw .otherVersion(version) }
    let message = try reader.workerMessage(kind)
    try reader.end()
    return message
  }

  /// Reads what a coordinator sent. A refusal is read in every protocol version.
  public static func decodeCoordinatorMessage(
    _ bytes: UnsafeRawBufferPointer
  ) throws(WireFailure) -> CoordinatorMessage {
    var reader = Reader(bytes)
    let (kind, version) = try reader.header(fromWorker: false)
    guard version == Limits.protocolVersion || kind == .refused else {
      throw .otherVersion(version)
    }
    let message = try reader.coordinatorMessage(kind)
    try reader.end()
    return message
  }

  public static func decodeWorkerMessage(
    _ bytes: [UInt8]
  ) throws(WireFailure) -> WorkerMessage {
    // Not `withUnsafeBytes`, which forgets the type of an error.
    try bytes.withUnsafeBufferPointer { bytes throws(WireFailure) in
      try decodeWorkerMessage(UnsafeRawBufferPointer(bytes))
    }
  }

  public static func decodeCoordinatorMessage(
    _ bytes: [UInt8]
  ) throws(WireFailure) -> CoordinatorMessage {
    try bytes.withUnsafeBufferPointer { bytes throws(WireFailure) in
      try decodeCoordinatorMessage(UnsafeRawBufferPointer(bytes))
    }
  }
}

extension Reader {
  mutating func header(fromWorker: Bool) throws(WireFailure) -> (kind: Kind, version: UInt16) {
    guard remaining >= Header.byteCount, try integer("header", as: UInt32.self) == Header.magic
    else { throw .foreign }
    let version: UInt16 = try integer("header")
    let number: UInt8 = try integer("header")
    guard try integer("header", as: UInt8.self) == 0 else { throw .foreign }
    guard let kind = Kind(rawValue: number) else { throw .unknownKind(number) }
    guard kind.isWorkers == fromWorker else { throw .wrongDirection(kind: number) }
    return (kind, version)
  }
}
