import SweepModel
import TestSupport
import Testing

@Suite struct JSONTests {
  @Test("what is written reads back as the same value")
  func roundTrip() throws {
    let value: JSONValue = [
      "name": "a \"quoted\" \\ line\nand \u{1} and é and 😀", "count": 9_223_372_036_854_775_807,
      "small": -9_223_372_036_854_775_808, "ratio": 0.1, "tiny": .real(.leastNonzeroMagnitude),
      "large": 1.5e300,
      "none": nil, "yes": true, "list": [1, 2.5, "three", [], [:]], "inner": ["a": ["b": []]],
    ]
    #expect(try JSONValue(parsing: value.bytes) == value)
    #expect(value.line.filter { $0 == 10 }.count == 1)
  }

  @Test("escapes are read")
  func escapes() throws {
    #expect(
      try JSONValue(parsing: #""\u0041\ud83d\ude00\n\/\u00e9""#) == .string("A😀\n/é"))
  }

  @Test("random values read back as the same value", arguments: 0..<200)
  func randomRoundTrip(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let value = Self.value(&random, depth: 0)
    #expect(try JSONValue(parsing: value.bytes) == value, "seed \(seed)")
  }

  private static func value(_ random: inout SplitMix64, depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth < 5 ? 7 : 5), using: &random) {
    case 0: return .null
    case 1: return .boolean(Bool.random(using: &random))
    case 2: return .integer(Int64(bitPattern: random.next()))
    case 3:
      let number = Double(bitPattern: random.next())
      return .real(number.isFinite ? number : 1.5)
    case 4: return .string(text(&random))
    case 5:
      return .array(
        (0..<Int.random(in: 0..<5, using: &random)).map { _ in value(&random, depth: depth + 1) })
    default:
      return .object(
        (0..<Int.random(in: 0..<5, using: &random)).map {
          JSONMember("\($0)" + text(&random), value(&random, depth: depth + 1))
        })
    }
  }

  private static func text(_ random: inout SplitMix64) -> String {
    var scalars = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0..<12, using: &random) {
      let limit: UInt32 = [128, 0x800, 0x10000, 0x110000].randomElement(using: &random) ?? 128
      if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)) {
        scalars.append(scalar)
      }
    }
    return String(scalars)
  }

  @Test(
    "what is no JSON is refused with its place",
    arguments: [
      "", " ", "{", "[", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "01", "1.", ".5", "1e", "+1",
      "--1", "nul", "truex", "1 2", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"",
      "\"\\ud800\\u0041\"",
      "\"\\udc00\"", "\"\n\"", "[1}", "{\"a\":1,\"a\":2}", "NaN", "Infinity", "-Infinity", "1e999",
      "'a'", "// x\n1", "\u{FEFF}1",
    ])
  func refusals(text: String) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
  }

  @Test("bytes that are not UTF-8 are refused")
  func notUTF8() {
    for bad: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] {
      #expect(throws: JSONError.self) { try JSONValue(parsing: [34] + bad + [34]) }
    }
  }

  @Test("depth has a limit, at which nothing overflows")
  func depth() throws {
    let deep = 1_000_000
    #expect(throws: JSONError.self) {
      try JSONValue(parsing: [UInt8](repeating: UInt8(ascii: "["), count: deep))
    }
    let fine = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    _ = try JSONValue(parsing: fine)
    #expect(throws: JSONError.self) { try JSONValue(parsing: "[" + fine + "]") }
  }

  @Test("Python's NaN and Infinity are taken where they are allowed")
  func nonFinite() throws {
    let value = try JSONValue(
      parsing: Array("[NaN,Infinity,-Infinity,-1]".utf8), allowsNonFinite: true)
    let numbers = try #require(value.array).compactMap(\.real)
    #expect(numbers.count == 4)
    #expect(numbers[0].isNaN && numbers[1] == .infinity && numbers[2] == -.infinity)
    #expect(JSONValue.real(.nan).description == "null")
  }

  @Test("no mutation of a good text traps", arguments: 0..<300)
  func mutations(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var bytes = Self.value(&random, depth: 0).bytes
    for _ in 0..<3 where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.remove(at: place)
      default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
      }
    }
    if let value = try? JSONValue(parsing: bytes), let again = try? JSONValue(parsing: value.bytes)
    {
      #expect(again == value)
    }
  }
}
