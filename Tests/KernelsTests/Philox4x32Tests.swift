import Kernels
import Testing

@Suite struct Philox4x32Tests {
  struct KnownAnswer: Sendable {
    var counter: [UInt32]
    var key: [UInt32]
    var answer: [UInt32]
  }

  /// Random123, tests/kat_vectors, philox4x32 with 10 rounds.
  static let knownAnswers = [
    KnownAnswer(
      counter: [0, 0, 0, 0], key: [0, 0],
      answer: [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
    KnownAnswer(
      counter: [.max, .max, .max, .max], key: [.max, .max],
      answer: [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
    KnownAnswer(
      counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
      key: [0xa409_3822, 0x299f_31d0],
      answer: [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
  ]

  @Test("Random123's known answers come out", arguments: knownAnswers)
  func knownAnswer(_ vector: KnownAnswer) {
    func join(_ low: UInt32, _ high: UInt32) -> UInt64 { UInt64(high) << 32 | UInt64(low) }
    let generator = Philox4x32(
      key: join(vector.key[0], vector.key[1]),
      counterHigh: join(vector.counter[2], vector.counter[3]))
    let block = generator.block(at: join(vector.counter[0], vector.counter[1]))
    #expect([block.0, block.1, block.2, block.3] == vector.answer)
  }

  @Test("uniform numbers stay below one and have the moments of a uniform law")
  func uniform() {
    let generator = Philox4x32(key: 20_261_124, counterHigh: 7)
    let count = 100_000
    var sum = 0.0
    var sumOfSquares = 0.0
    for step in 0..<UInt64(count) {
      let value = generator.uniform(at: step)
      #expect(value >= 0 && value < 1)
      sum += value
      sumOfSquares += value * value
    }
    // Standard errors of the two means: sqrt(1/12/n) and sqrt(4/45/n); four of them.
    let mean = sum / Double(count)
    let meanSquare = sumOfSquares / Double(count)
    #expect(abs(mean - 0.5) < 4 * (1.0 / 12 / Double(count)).squareRoot())
    #expect(abs(meanSquare - 1.0 / 3) < 4 * (4.0 / 45 / Double(count)).squareRoot())
  }
}
