import Shards
import TestSupport
import Testing

@Suite struct ChecksumTests {
  /// Bit by bit, from the definition (RFC 3720, appendix B.4).
  private static func naive(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var crc = UInt32.max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 != 0 ? 0x82F6_3B78 : 0) }
    }
    return ~crc
  }

  @Test("known values hold")
  func knownValues() {
    #expect(RowCodec.checksum(Array("123456789".utf8)) == 0xE306_9283)
    // RFC 3720, B.4.
    #expect(RowCodec.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(RowCodec.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(RowCodec.checksum(Array(0..<32)) == 0x46DD_794E)
    #expect(RowCodec.checksum([]) == 0)
  }

  @Test("the instruction, the table and the definition agree at every length and alignment")
  func agreement() {
    var random = SplitMix64(seed: 1)
    let bytes = (0..<700).map { _ in UInt8.random(in: 0...255, using: &random) }
    for length in Array(0...80) + [127, 128, 129, 255, 256, 257, 511, 640] {
      for start in 0..<9 {
        let expected = Self.naive(bytes[start..<start + length])
        bytes.withUnsafeBytes {
          let piece = UnsafeRawBufferPointer(rebasing: $0[start..<start + length])
          #expect(RowCodec.checksum(piece) == expected, "length \(length), start \(start)")
          #expect(RowCodec.checksumByTable(piece) == expected, "length \(length), start \(start)")
        }
      }
    }
  }

  @Test("a check of many rows finds the first bad one, whatever their length and number")
  func manyRows() {
    var random = SplitMix64(seed: 2)
    for rowByteCount in [5, 6, 7, 8, 11, 12, 13, 20, 27, 76, 77, 128] {
      for count in 0..<8 {
        var bytes: [UInt8] = []
        for _ in 0..<count {
          let row = (0..<rowByteCount - 4).map { _ in UInt8.random(in: 0...255, using: &random) }
          let crc = Self.naive(row[...])
          bytes += row + (0..<4).map { UInt8(truncatingIfNeeded: crc >> (8 * UInt32($0))) }
        }
        #expect(RowCodec.goodRows(bytes, rowByteCount: rowByteCount) == count)
        for bad in 0..<bytes.count {
          var spoiled = bytes
          spoiled[bad] ^= 1 << UInt8.random(in: 0..<8, using: &random)
          #expect(
            RowCodec.goodRows(spoiled, rowByteCount: rowByteCount) == bad / rowByteCount,
            "\(count) rows of \(rowByteCount), byte \(bad)")
        }
      }
    }
  }
}
