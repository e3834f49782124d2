/// What makes a point of one segment itself, and what its random keys are made of, laid out so that
/// writing it is a few copies.
struct IdentityPlan: Sendable {
  enum Kind: UInt8, Sendable {
    case integer = 1
    case real = 2
    case text = 3
  }

  /// Bytes that are the same at every point, or one parameter that is not.
  struct Piece: Sendable {
    /// Of `bytes`: all there is to write, or what stands before the value.
    var bytes: Range<Int>
    /// The parameter's slot; nil for bytes alone.
    var slot: Int?
    var kind: Kind
    /// A parameter at its default is no part of the identity.
    var defaultBits: UInt64
  }

  private let bytes: [UInt8]
  /// The solver's identity parameters, sorted by name.
  private let pieces: [Piece]
  /// The same without `common_random_numbers`, after format, seed and solver.
  private let keyPieces: [Piece]
  private let head: Range<Int>
  /// Bytes that an identity takes at most, and a key's message.
  let identityLimit: Int
  let messageLimit: Int
  private let levelSlots: Range<Int>
  /// How many of the levels key the stream `data`: the outermost ones down to `data`.
  private let dataLevelCount: Int

  init(_ draft: GridPlanDraft) {
    let layout = draft.layout
    let texts = draft.program.texts.texts
    var writer = ByteWriter()
    writer.bytes = Array("spinodal random numbers 1".utf8)
    writer.write(draft.sweep.seed)
    writer.bytes += Self.counted(draft.solver.name)
    let headCount = writer.bytes.count
    head = 0..<headCount
    let parameters = draft.solver.parameters
    let slots = parameters.indices.filter { parameters[$0].isIdentity }
      .sorted { parameters[$0].name < parameters[$1].name }
    let longestText = texts.reduce(0) { max($0, $1.utf8.count) }
    var pieces: [Piece] = []
    var keyPieces: [Piece] = []
    var limit = 0
    for slot in slots {
      let piece = Self.piece(slot, parameters[slot], draft, &writer)
      limit += piece.bytes.count + 16 + longestText
      pieces.append(piece)
      if !draft.sweep.commonRandomNumbers.contains(parameters[slot].name) {
        keyPieces.append(piece)
      }
    }
    bytes = writer.bytes
    self.pieces = pieces
    self.keyPieces = keyPieces
    levelSlots = layout.firstLevel..<layout.namedCount
    dataLevelCount = (layout.levelNames.firstIndex(of: "data") ?? layout.levelNames.count - 1) + 1
    identityLimit = limit
    messageLimit = headCount + 256 + 1 + 8 * layout.levelNames.count + limit
  }

  private static func counted(_ text: String) -> [UInt8] {
    let utf8 = Array(text.utf8.prefix(255))
    return [UInt8(utf8.count)] + utf8
  }

  /// What stands for one parameter: its name, its kind and, where it never changes, its value.
  private static func piece(
    _ slot: Int, _ parameter: Parameter, _ draft: GridPlanDraft, _ writer: inout ByteWriter
  ) -> Piece {
    let texts = draft.program.texts.texts
    var kind = Kind.real
    var defaultBits: UInt64 = 0
    switch (parameter.kind, parameter.defaultValue) {
    case (.integer, .integer(let value)):
      kind = .integer
      defaultBits = UInt64(bitPattern: value)
    case (.integer, _): kind = .integer
    case (.choice, let value):
      kind = .text
      defaultBits = texts.firstIndex(of: "\(value)").map(UInt64.init) ?? .max
    case (.real, let value): defaultBits = rounded((value.real ?? 0).bitPattern)
    }
    let start = writer.bytes.count
    writer.bytes += counted(parameter.name)
    writer.write(kind.rawValue)
    var piece = Piece(
      bytes: start..<writer.bytes.count, slot: slot, kind: kind, defaultBits: defaultBits)
    guard draft.program.isConstant[slot] else { return piece }
    piece.slot = nil
    let bits = kind == .real ? rounded(draft.program.slots[slot]) : draft.program.slots[slot]
    if bits == defaultBits {
      piece.bytes = start..<start
      return piece
    }
    if kind == .text {
      writer.write(bits < UInt64(texts.count) ? texts[Int(bits)] : "")
    } else {
      writer.write(bits)
    }
    piece.bytes = start..<writer.bytes.count
    return piece
  }

  private static func rounded(_ bits: UInt64) -> UInt64 {
    SignificantDigits.rounded(Double(bitPattern: bits), to: 12).bitPattern
  }

  /// Appends the identity: of each parameter that differs from its default, in the order of names, the
  /// name, the kind and the value.
  func appendIdentity(of point: borrowing Point, to buffer: inout FixedBuffer) {
    append(pieces, of: point, to: &buffer)
  }

  /// Appends what a stream's key is the hash of.
  func appendMessage(
    of point: borrowing Point, stream: String, to buffer: inout FixedBuffer
  ) {
    bytes.withUnsafeBytes { buffer.append($0, head) }
    let start = buffer.count
    buffer.append(UInt8(0))
    for byte in stream.utf8.prefix(255) { buffer.append(byte) }
    buffer.set(UInt8(buffer.count - start - 1), at: start)
    let levelCount = stream == "data" ? dataLevelCount : levelSlots.count
    buffer.append(UInt8(truncatingIfNeeded: levelCount))
    for slot in levelSlots.prefix(levelCount) { buffer.append(point.slots[slot]) }
    append(keyPieces, of: point, to: &buffer)
  }

  private func append(
    _ pieces: [Piece], of point: borrowing Point, to buffer: inout FixedBuffer
  ) {
    let slots = point.slots
    let plan = point.plan
    bytes.withUnsafeBytes { bytes in
      for piece in pieces {
        guard let slot = piece.slot else {
          buffer.append(bytes, piece.bytes)
          continue
        }
        let bits = piece.kind == .real ? Self.rounded(slots[slot]) : slots[slot]
        if bits == piece.defaultBits { continue }
        buffer.append(bytes, piece.bytes)
        if piece.kind == .text {
          let text = plan.text(bits)
          buffer.append(UInt64(text.utf8.count))
          for byte in text.utf8 { buffer.append(byte) }
        } else {
          buffer.append(bits)
        }
      }
    }
  }
}

/// Bytes appended to memory of a known size, without allocation.
struct FixedBuffer {
  private let memory: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  init(_ memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  mutating func append(_ byte: UInt8) {
    memory[count] = byte
    count += 1
  }

  mutating func set(_ byte: UInt8, at place: Int) { memory[place] = byte }

  mutating func append(_ value: UInt64) {
    memory.storeBytes(of: value.littleEndian, toByteOffset: count, as: UInt64.self)
    count += 8
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    guard !range.isEmpty else { return }
    let end = count + range.count
    UnsafeMutableRawBufferPointer(rebasing: memory[count..<end]).copyMemory(
      from: UnsafeRawBufferPointer(rebasing: bytes[range]))
    count = end
  }
}
