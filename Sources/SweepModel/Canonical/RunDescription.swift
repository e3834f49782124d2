/// All that a worker or a solver child has to know of a run: it rebuilds the `Grid` from this and its own
/// registry's interface, and never reads a sweep file.
public struct RunDescription: Sendable {
  public var segments: [Segment]
  public var settings: RunSettings

  private static let version: UInt16 = 1
  private static let magic: UInt32 = 0x5053_5253

  public init(segments: [Segment], settings: RunSettings = RunSettings()) {
    self.segments = segments
    self.settings = settings
  }

  public var solverName: String { segments.first?.sweep.solver ?? "" }

  public func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.magic)
    writer.write(Self.version)
    writer.write(count: segments.count)
    for segment in segments {
      writer.write(segment.base)
      writer.write(count: segment.levels.count)
      for level in segment.levels {
        writer.write(level.lowerBound)
        writer.write(level.upperBound)
      }
      writer.write(count: segment.canonicalBytes.count)
      writer.bytes += segment.canonicalBytes
    }
    settings.write(to: &writer)
    return writer.bytes
  }

  /// Reads what `encoded` wrote; `bytes` may be anybody's.
  public init(decoding bytes: [UInt8]) throws(DecodingMistake) {
    var reader = ByteReader(bytes)
    guard try reader.read(UInt32.self) == Self.magic else {
      throw DecodingMistake("this is no run description")
    }
    let version = try reader.read(UInt16.self)
    guard version == Self.version else {
      throw DecodingMistake(
        "the run description has format \(version); this build reads format \(Self.version)")
    }
    var segments: [Segment] = []
    for _ in 0..<(try reader.readCount(of: 24)) {
      let base = try reader.read(Int64.self)
      var levels: [ClosedRange<Int64>] = []
      for _ in 0..<(try reader.readCount(of: 16)) {
        let first = try reader.read(Int64.self)
        let last = try reader.read(Int64.self)
        guard first >= 0, first <= last, last < 1 << 62 else {
          throw DecodingMistake("a replicate level from \(first) to \(last)")
        }
        levels.append(first...last)
      }
      let canonical = try reader.readBytes(try reader.readCount(of: 1))
      segments.append(
        Segment(
          base: base, sweep: try Sweep(canonicalBytes: canonical), levels: levels,
          canonicalBytes: canonical))
    }
    self.init(segments: segments, settings: try RunSettings(from: &reader))
    try reader.finish()
  }
}

/// What a run is done with and no row depends on.
public struct RunSettings: Hashable, Sendable {
  public enum Numerics: UInt8, Sendable {
    /// All workers, whatever their numerics class.
    case any = 0
    /// The first worker's class only.
    case strict = 1
  }

  public var limits: UnitLimits
  public var numerics: Numerics
  /// Where `command` programs run; empty for the worker's own.
  public var workingFolder: String

  public init(
    limits: UnitLimits = UnitLimits(), numerics: Numerics = .any, workingFolder: String = ""
  ) {
    self.limits = limits
    self.numerics = numerics
    self.workingFolder = workingFolder
  }

  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(limits.stallMilliseconds ?? -1)
    writer.write(limits.timeMilliseconds ?? -1)
    writer.write(numerics.rawValue)
    writer.write(workingFolder)
  }

  fileprivate init(from reader: inout ByteReader) throws(DecodingMistake) {
    let stall = try reader.read(Int64.self)
    let time = try reader.read(Int64.self)
    guard let numerics = Numerics(rawValue: try reader.read(UInt8.self)) else {
      throw DecodingMistake("an unknown numerics policy")
    }
    self.init(
      limits: UnitLimits(
        stallMilliseconds: stall < 0 ? nil : stall, timeMilliseconds: time < 0 ? nil : time),
      numerics: numerics, workingFolder: try reader.readText())
  }
}
