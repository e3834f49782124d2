/// The number of a coordinator's start, as file names and rows' order have it; from 1.
public typealias EpochNumber = UInt32

/// The name of a shard: whose it is, and which of that epoch's; both from 1. Shards are read in this
/// order.
public struct ShardName: Hashable, Comparable, Sendable {
  public var epoch: EpochNumber
  public var number: UInt32

  public init(epoch: EpochNumber, number: UInt32) {
    self.epoch = epoch
    self.number = number
  }

  /// Reads `EPOCH-NUMBER.npy`; nil for any other name (a temporary file, a summary, a stranger's).
  public init?(fileName: String) {
    guard let (epoch, number) = Self.numbers(of: fileName, suffix: ".npy") else { return nil }
    self.init(epoch: epoch, number: number)
  }

  /// Padded so that a plain listing shows the order in which shards are read.
  public var fileName: String { stem + ".npy" }
  /// The name of the summary written when the shard is sealed.
  public var summaryFileName: String { stem + ".json" }

  private var stem: String { padded(epoch) + "-" + padded(number) }

  public static func < (left: ShardName, right: ShardName) -> Bool {
    (left.epoch, left.number) < (right.epoch, right.number)
  }

  private static func numbers(of name: String, suffix: String) -> (UInt32, UInt32)? {
    guard name.hasSuffix(suffix) else { return nil }
    let parts = name.dropLast(suffix.count).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let epoch = parseNumber(parts[0]), let second = parseNumber(parts[1])
    else {
      return nil
    }
    return (epoch, second)
  }
}

extension ShardName: CustomStringConvertible {
  public var description: String { fileName }
}

/// The name of a file of failures/. An epoch has one, and another one after each that failed.
public struct FailuresName: Hashable, Comparable, Sendable {
  public var epoch: EpochNumber
  /// From 1.
  public var number: UInt32

  public init(epoch: EpochNumber, number: UInt32) {
    self.epoch = epoch
    self.number = number
  }

  /// Reads `EPOCH.jsonl` or `EPOCH-NUMBER.jsonl`.
  public init?(fileName: String) {
    guard fileName.hasSuffix(".jsonl") else { return nil }
    let parts = fileName.dropLast(6).split(separator: "-", omittingEmptySubsequences: false)
    guard let first = parts.first, let epoch = parseNumber(first), parts.count <= 2 else {
      return nil
    }
    guard parts.count == 2 else {
      self.init(epoch: epoch, number: 1)
      return
    }
    guard let second = parseNumber(parts[1]) else { return nil }
    self.init(epoch: epoch, number: second)
  }

  public var fileName: String {
    padded(epoch) + (number == 1 ? "" : "-" + padded(number)) + ".jsonl"
  }

  public static func < (left: FailuresName, right: FailuresName) -> Bool {
    (left.epoch, left.number) < (right.epoch, right.number)
  }
}

extension FailuresName: CustomStringConvertible {
  public var description: String { fileName }
}

/// A number of at least 1 in plain digits.
private func parseNumber(_ text: Substring) -> UInt32? {
  guard text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let value = UInt32(text), value > 0 else {
    return nil
  }
  return value
}

private func padded(_ number: UInt32) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
