/// Appends little-endian fields.
struct ByteWriter {
  var bytes: [UInt8] = []

  mutating func write(_ value: UInt8) { bytes.append(value) }

  mutating func write(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func write(_ value: Double) { write(value.bitPattern) }

  mutating func write(count: Int) { write(UInt64(count)) }

  /// Many words at once.
  mutating func write<Word: BitwiseCopyable>(words: [Word], bits: (Word) -> UInt64) {
    #if _endian(little)
      words.withUnsafeBytes { bytes.append(contentsOf: $0) }
    #else
      for word in words { write(bits(word)) }
    #endif
  }

  mutating func write(_ text: String) {
    let utf8 = Array(text.utf8)
    write(count: utf8.count)
    bytes.append(contentsOf: utf8)
  }
}

/// Bytes that are not what they should be: cut off, of another version, or hostile.
public struct DecodingMistake: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String

  init(_ description: String) { self.description = description }
}

/// Reads little-endian fields. Nothing is trusted: every length is held against the bytes that are left
/// before anything is reserved.
struct ByteReader {
  private let bytes: [UInt8]
  private(set) var place: Int
  let end: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    place = 0
    end = bytes.count
  }

  var isAtEnd: Bool { place == end }

  mutating func read<Integer: FixedWidthInteger>(_ type: Integer.Type) throws(DecodingMistake)
    -> Integer
  {
    let size = Integer.bitWidth / 8
    guard end - place >= size else { throw DecodingMistake("cut off at byte \(place)") }
    let value = bytes.withUnsafeBytes {
      Integer(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: Integer.self))
    }
    place += size
    return value
  }

  mutating func readReal() throws(DecodingMistake) -> Double {
    Double(bitPattern: try read(UInt64.self))
  }

  /// `count` words of 64 bits, which `readCount` has found to be there.
  mutating func readWords<Word>(_ count: Int, _ word: (UInt64) -> Word) throws(DecodingMistake)
    -> [Word]
  {
    guard count >= 0, (end - place) / 8 >= count else {
      throw DecodingMistake("cut off at byte \(place)")
    }
    let start = place
    place += 8 * count
    return bytes.withUnsafeBytes { bytes in
      [Word](unsafeUninitializedCapacity: count) { words, filled in
        for index in 0..<count {
          let bits = bytes.loadUnaligned(fromByteOffset: start + 8 * index, as: UInt64.self)
          words.initializeElement(at: index, to: word(UInt64(littleEndian: bits)))
        }
        filled = count
      }
    }
  }

  /// A count of things that take at least `size` bytes each.
  mutating func readCount(of size: Int) throws(DecodingMistake) -> Int {
    let count = try read(UInt64.self)
    guard count <= UInt64((end - place) / size) else {
      throw DecodingMistake("a count of \(count) at byte \(place - 8) is more than the bytes hold")
    }
    return Int(count)
  }

  mutating func readBytes(_ count: Int) throws(DecodingMistake) -> [UInt8] {
    guard count >= 0, end - place >= count else {
      throw DecodingMistake("cut off at byte \(place)")
    }
    defer { place += count }
    return Array(bytes[place..<(place + count)])
  }

  mutating func readText() throws(DecodingMistake) -> String {
    let utf8 = try readBytes(try readCount(of: 1))
    guard let text = String(validating: utf8, as: UTF8.self) else {
      throw DecodingMistake("text before byte \(place) is not UTF-8")
    }
    return text
  }

  mutating func finish() throws(DecodingMistake) {
    guard isAtEnd else { throw DecodingMistake("\(end - place) bytes too many") }
  }
}
