import Scheduling

/// How every message begins, in every version of the protocol, for ever: magic (4 bytes), version (16
/// bits, little-endian), kind, and a zero.
enum Header {
  static let byteCount = 8
  /// "spnl".
  static let magic: UInt32 = 0x6c6e_7073
}

/// What a message is. Numbers are never used again; those of hello and refused, and the layout of
/// hello's first fields and of the whole of refused, hold in every version.
enum Kind: UInt8 {
  case hello = 1
  case request = 2
  case ready = 3
  case declined = 4
  case rows = 5
  case returned = 6
  case death = 7
  case workerBeat = 8
  case leaving = 9

  case welcome = 65
  case piece = 66
  case refused = 67
  case lease = 68
  case acknowledged = 69
  case coordinatorBeat = 70
  case recall = 71
  case finished = 72

  var isWorkers: Bool { rawValue < 64 }
}

/// Bounds of Wire's own, beside `Limits`.
enum Bounds {
  /// Units are numbered below this (design: the total of a run).
  static let units: Int64 = 1 << 62
  /// Numbers of seconds, either way: some thirty years, and small enough for a `TickDuration`.
  static let seconds: Double = 1e9
  static let nanoseconds: Int64 = 1_000_000_000_000_000_000
  static let fingerprintByteCount = 32
  /// What a row batch has beside its rows.
  static let rowsOverheadByteCount = Header.byteCount + 4 + 8 + 2 + 8 + 4 + 4
  /// What a reason has beside its text.
  static let reasonOverheadByteCount = 8 + 2
  static let rowsByteCount = Limits.messageByteCount - rowsOverheadByteCount
}
