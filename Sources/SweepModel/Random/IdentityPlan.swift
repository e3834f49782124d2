/// What makes a point of one segment itself, and what its random keys are made of.
struct IdentityPlan: Sendable {
  enum Kind: UInt8, Sendable {
    case integer = 1
    case real = 2
    case text = 3
  }

  struct Entry: Sendable {
    var slot: Int
    var kind: Kind
    /// Length, then UTF-8.
    var name: [UInt8]
    /// Where the parameter has its default it is no part of the identity.
    var defaultBits: UInt64
    /// Bits after rounding, where they are the same at every point.
    var fixedBits: UInt64?
    /// Left out of the random key.
    var isCommon: Bool
  }

  /// The solver's identity parameters, sorted by name.
  let entries: [Entry]
  /// Bytes that an identity takes at most.
  let byteLimit: Int
  /// Format, seed and solver.
  let head: [UInt8]
  let levelSlots: Range<Int>
  /// How many of the levels key the stream `data`: the outermost ones down to `data`.
  let dataLevelCount: Int

  init(_ draft: GridPlanDraft) {
    let layout = draft.layout
    var entries: [Entry] = []
    for (slot, parameter) in draft.solver.parameters.enumerated() where parameter.isIdentity {
      var entry = Entry(
        slot: slot, kind: .real, name: Self.counted(parameter.name), defaultBits: 0,
        fixedBits: nil,
        isCommon: draft.sweep.commonRandomNumbers.contains(parameter.name))
      switch (parameter.kind, parameter.defaultValue) {
      case (.integer, .integer(let value)):
        entry.kind = .integer
        entry.defaultBits = UInt64(bitPattern: value)
      case (.integer, _): entry.kind = .integer
      case (.choice, let value):
        entry.kind = .text
        entry.defaultBits =
          draft.program.texts.texts.firstIndex(of: "\(value)").map(UInt64.init) ?? .max
      case (.real, let value): entry.defaultBits = Self.rounded((value.real ?? 0).bitPattern)
      }
      if draft.program.isConstant[slot] {
        let bits = draft.program.slots[slot]
        entry.fixedBits = entry.kind == .real ? Self.rounded(bits) : bits
      }
      entries.append(entry)
    }
    let names = draft.solver.parameters
    self.entries = entries.sorted { names[$0.slot].name < names[$1.slot].name }
    let longestText = draft.program.texts.texts.reduce(0) { max($0, $1.utf8.count) }
    byteLimit = entries.reduce(0) { $0 + $1.name.count + 9 + longestText }
    var head = ByteWriter()
    head.bytes = Array("spinodal random numbers 1".utf8)
    head.write(draft.sweep.seed)
    head.bytes += Self.counted(draft.solver.name)
    self.head = head.bytes
    levelSlots = layout.firstLevel..<layout.namedCount
    dataLevelCount = (layout.levelNames.firstIndex(of: "data") ?? layout.levelNames.count - 1) + 1
  }

  static func counted(_ text: String) -> [UInt8] {
    let utf8 = Array(text.utf8.prefix(255))
    return [UInt8(utf8.count)] + utf8
  }

  private static func rounded(_ bits: UInt64) -> UInt64 {
    SignificantDigits.rounded(Double(bitPattern: bits), to: 12).bitPattern
  }

  /// Appends the identity: of each parameter that differs from its default, in the order of names, the
  /// name, the kind and the value.
  func append(to buffer: inout FixedBuffer, point: borrowing Point, leavingOutCommon: Bool) {
    for entry in entries {
      if leavingOutCommon && entry.isCommon { continue }
      let bits: UInt64
      if let fixed = entry.fixedBits {
        bits = fixed
      } else {
        let value = point.slots[entry.slot]
        bits = entry.kind == .real ? Self.rounded(value) : value
      }
      if bits == entry.defaultBits { continue }
      buffer.append(entry.name)
      buffer.append(entry.kind.rawValue)
      if entry.kind == .text {
        let text = point.plan.text(bits)
        buffer.append(UInt64(text.utf8.count))
        for byte in text.utf8 { buffer.append(byte) }
      } else {
        buffer.append(bits)
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

  mutating func append(_ value: UInt64) {
    memory.storeBytes(of: value.littleEndian, toByteOffset: count, as: UInt64.self)
    count += 8
  }

  mutating func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes {
      UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: $0)
    }
    count += bytes.count
  }
}
