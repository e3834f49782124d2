extension Sweep {
  static let canonicalVersion: UInt16 = 1

  /// Everything that decides what the units of the sweep are and what they compute, and nothing else:
  /// no name, limits, comments or spelling. Versioned, little-endian, expressions as trees.
  public var canonicalBytes: [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.canonicalVersion)
    writer.write(solver)
    writer.write(seed)
    writer.write(count: levels.count)
    for level in levels {
      writer.write(level.name)
      writer.write(level.count)
    }
    writer.write(count: axes.count)
    for axis in axes { axis.write(to: &writer) }
    writer.write(count: scalars.count)
    for scalar in scalars {
      writer.write(scalar.name)
      scalar.value.write(to: &writer)
    }
    writer.write(count: derived.count)
    for item in derived {
      writer.write(item.name)
      item.expression.write(to: &writer)
    }
    writer.write(UInt8(condition == nil ? 0 : 1))
    condition?.write(to: &writer)
    // A set: its order says nothing.
    let common = commonRandomNumbers.sorted()
    writer.write(count: common.count)
    for name in common { writer.write(name) }
    return writer.bytes
  }

  /// Reads canonical bytes, which may be anybody's. What comes back is well formed; whether it makes
  /// sense is for `Grid` to say.
  public init(canonicalBytes bytes: [UInt8]) throws(DecodingMistake) {
    var reader = ByteReader(bytes)
    let version = try reader.read(UInt16.self)
    guard version == Self.canonicalVersion else {
      throw DecodingMistake(
        "the sweep has format \(version); this build reads format \(Self.canonicalVersion)")
    }
    self.init(name: "", solver: try reader.readText())
    seed = try reader.read(Int64.self)
    levels = []
    for _ in 0..<(try reader.readCount(of: 16)) {
      levels.append(
        ReplicateLevel(name: try reader.readText(), count: try reader.read(Int64.self)))
    }
    for _ in 0..<(try reader.readCount(of: 9)) { axes.append(try Axis(from: &reader)) }
    for _ in 0..<(try reader.readCount(of: 9)) {
      scalars.append(Scalar(name: try reader.readText(), value: try Value(from: &reader)))
    }
    for _ in 0..<(try reader.readCount(of: 9)) {
      derived.append(
        Derived(name: try reader.readText(), expression: try Expression.read(from: &reader)))
    }
    switch try reader.read(UInt8.self) {
    case 0: condition = nil
    case 1: condition = try Expression.read(from: &reader)
    default: throw DecodingMistake("a flag that is neither 0 nor 1")
    }
    for _ in 0..<(try reader.readCount(of: 8)) {
      commonRandomNumbers.append(try reader.readText())
    }
    try reader.finish()
  }
}

extension Axis {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(form.rawValue)
    writer.write(count: members.count)
    for member in members {
      writer.write(member.name)
      member.values.write(to: &writer)
    }
  }

  fileprivate init(from reader: inout ByteReader) throws(DecodingMistake) {
    guard let form = Form(rawValue: try reader.read(UInt8.self)) else {
      throw DecodingMistake("an unknown form of axis")
    }
    self.init(form: form, members: [])
    for _ in 0..<(try reader.readCount(of: 9)) {
      members.append(Member(name: try reader.readText(), values: try AxisValues(from: &reader)))
    }
    guard let first = members.first, members.allSatisfy({ $0.values.count == first.values.count })
    else { throw DecodingMistake("an axis whose members differ in length") }
  }
}

extension AxisValues {
  fileprivate func write(to writer: inout ByteWriter) {
    switch self {
    case .reals(let values):
      writer.write(UInt8(1))
      writer.write(count: values.count)
      writer.write(words: values) { $0.bitPattern }
    case .integers(let values):
      writer.write(UInt8(2))
      writer.write(count: values.count)
      writer.write(words: values) { UInt64(bitPattern: $0) }
    case .texts(let values):
      writer.write(UInt8(3))
      writer.write(count: values.count)
      for value in values { writer.write(value) }
    case .progression(let first, let step, let count):
      writer.write(UInt8(4))
      writer.write(first)
      writer.write(step)
      writer.write(count)
    }
  }

  fileprivate init(from reader: inout ByteReader) throws(DecodingMistake) {
    switch try reader.read(UInt8.self) {
    case 1:
      self = .reals(
        try reader.readWords(try reader.readCount(of: 8)) { Double(bitPattern: $0) })
    case 2:
      self = .integers(
        try reader.readWords(try reader.readCount(of: 8)) { Int64(bitPattern: $0) })
    case 3:
      var values: [String] = []
      for _ in 0..<(try reader.readCount(of: 8)) { values.append(try reader.readText()) }
      self = .texts(values)
    case 4:
      let first = try reader.read(Int64.self)
      let step = try reader.read(Int64.self)
      let count = try reader.read(Int64.self)
      let (span, spanOverflow) = step.multipliedReportingOverflow(by: max(0, count - 1))
      guard count > 0, !spanOverflow, !first.addingReportingOverflow(span).overflow else {
        throw DecodingMistake("a progression that leaves 64 bits")
      }
      self = .progression(first: first, step: step, count: count)
    default: throw DecodingMistake("an unknown form of values")
    }
  }
}

extension Value {
  fileprivate func write(to writer: inout ByteWriter) {
    switch self {
    case .integer(let value):
      writer.write(UInt8(1))
      writer.write(value)
    case .real(let value):
      writer.write(UInt8(2))
      writer.write(value)
    case .text(let value):
      writer.write(UInt8(3))
      writer.write(value)
    case .boolean(let value):
      writer.write(UInt8(4))
      writer.write(UInt8(value ? 1 : 0))
    }
  }

  fileprivate init(from reader: inout ByteReader) throws(DecodingMistake) {
    switch try reader.read(UInt8.self) {
    case 1: self = .integer(try reader.read(Int64.self))
    case 2: self = .real(try reader.readReal())
    case 3: self = .text(try reader.readText())
    case 4: self = .boolean(try reader.read(UInt8.self) == 1)
    default: throw DecodingMistake("an unknown form of value")
    }
  }
}
