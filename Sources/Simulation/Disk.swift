import Shards
import SweepModel

/// The file system of a coordinator's machine. What was written is seen by every later reader; what was
/// not synced may be forgotten, in any part, when the machine goes down.
struct Disk: Sendable {
  struct File: Sendable {
    var name: JournalFile
    /// What a reader sees.
    var bytes: [UInt8] = []
    /// Changes that a crash of the machine may undo, oldest first.
    var unsynced: [Change] = []
    /// Changes whose sync failed: no later sync makes them durable.
    var abandoned: [Change] = []
    /// Changes that were cut off and may come back, if the cut itself is lost.
    var cutOff: [Change] = []
    var isNameSynced = false
    /// How many bytes at the front were looked at by `durableRows`.
    var examinedByteCount = 0
  }

  /// `bytes` were written at `offset`, over `before` (which ends where the file ended).
  struct Change: Sendable {
    var offset: Int
    var bytes: [UInt8]
    var before: [UInt8]
  }

  private(set) var files: [File] = []
  /// Numbers of epochs/; claimed with everything synced.
  private(set) var epochs: [EpochNumber] = []

  func place(of name: JournalFile) -> Int? { files.firstIndex { $0.name == name } }

  /// The highest number among epochs/ and shards/.
  var highestEpoch: EpochNumber {
    var highest = epochs.max() ?? 0
    for file in files {
      if case .shard(let name) = file.name { highest = max(highest, name.epoch) }
    }
    return highest
  }

  mutating func claim(_ epoch: EpochNumber) -> Bool {
    guard !epochs.contains(epoch) else { return false }
    epochs.append(epoch)
    return true
  }

  mutating func create(_ name: JournalFile, beginning bytes: ArraySlice<UInt8>) -> Bool {
    guard place(of: name) == nil else { return false }
    files.append(File(name: name))
    write(bytes, at: 0, of: name)
    return true
  }

  mutating func write(_ bytes: ArraySlice<UInt8>, at offset: Int, of name: JournalFile) {
    guard let place = place(of: name), !bytes.isEmpty else { return }
    let end = offset + bytes.count
    let old = files[place].bytes.count
    if old < offset {
      files[place].bytes.append(contentsOf: [UInt8](repeating: 0, count: offset - old))
    }
    let covered = min(end, old)
    let before = covered > offset ? Array(files[place].bytes[offset..<covered]) : []
    files[place].unsynced.append(Change(offset: offset, bytes: Array(bytes), before: before))
    if covered > offset { files[place].bytes.removeSubrange(offset..<covered) }
    files[place].bytes.insert(contentsOf: bytes, at: offset)
  }

  mutating func syncName(of name: JournalFile) {
    if let place = place(of: name) { files[place].isNameSynced = true }
  }

  mutating func sync(_ name: JournalFile) {
    guard let place = place(of: name) else { return }
    files[place].unsynced = []
    files[place].cutOff = []
  }

  /// The one gap that is left (Design.md) is closed by hand: a process that dies, or is overtaken, between
  /// a failed sync and the cut leaves nothing that a reader could take for safe.
  mutating func dropAbandoned(of epoch: EpochNumber) {
    for place in files.indices {
      let owner =
        switch files[place].name {
        case .shard(let name): name.epoch
        case .failures(let name): name.epoch
        }
      guard owner == epoch,
        let first = files[place].abandoned.first(where: { $0.before.isEmpty })?.offset
      else { continue }
      cut(files[place].name, to: first)
    }
  }

  /// Shortens a file; like all that is not synced, that may be lost.
  mutating func cut(_ name: JournalFile, to byteCount: Int) {
    guard let place = place(of: name), files[place].bytes.count > byteCount else { return }
    let gone = files[place].abandoned + files[place].unsynced
    files[place].abandoned.removeAll { $0.offset >= byteCount }
    files[place].unsynced.removeAll { $0.offset >= byteCount }
    files[place].cutOff += gone.filter { $0.offset >= byteCount }
    files[place].bytes.removeSubrange(byteCount...)
    files[place].examinedByteCount = min(files[place].examinedByteCount, byteCount)
  }

  /// A sync that failed: the kernel takes the pages for clean from now on, whatever reached the disk.
  mutating func failSync(
    of name: JournalFile, keepsReadable: Bool, with random: inout SplitMix64
  ) {
    guard let place = place(of: name) else { return }
    if keepsReadable {
      files[place].abandoned += files[place].unsynced
      files[place].unsynced = []
    } else {
      forgetSome(ofFile: place, with: &random)
    }
  }

  /// The machine goes down: names and bytes that were not synced are kept or lost by chance, a write
  /// also in part.
  mutating func crash(with random: inout SplitMix64) {
    for place in files.indices {
      files[place].unsynced = files[place].abandoned + files[place].unsynced
      files[place].abandoned = []
      forgetSome(ofFile: place, with: &random)
    }
    files.removeAll { !$0.isNameSynced && random.chance(1, in: 2) }
    for place in files.indices { files[place].isNameSynced = true }
  }

  private mutating func forgetSome(ofFile place: Int, with random: inout SplitMix64) {
    var bytes = files[place].bytes
    let changes = files[place].unsynced
    files[place].unsynced = []
    guard !changes.isEmpty || !files[place].cutOff.isEmpty else { return }
    for change in changes.reversed() {
      bytes.replaceSubrange(
        change.offset..<(change.offset + change.bytes.count), with: change.before)
    }
    for change in changes {
      switch random.below(4) {
      case 0: continue
      case 1:
        // Torn: a part of it, from anywhere.
        let start = random.below(change.bytes.count)
        let end = start + 1 + random.below(change.bytes.count - start)
        Self.put(change.bytes[start..<end], at: change.offset + start, in: &bytes)
      case 2:
        let end = random.below(change.bytes.count + 1)
        Self.put(change.bytes[..<end], at: change.offset, in: &bytes)
      default: Self.put(change.bytes[...], at: change.offset, in: &bytes)
      }
    }
    for change in files[place].cutOff where random.chance(1, in: 4) {
      let end = random.below(change.bytes.count + 1)
      Self.put(change.bytes[..<end], at: change.offset, in: &bytes)
    }
    files[place].cutOff = []
    files[place].bytes = bytes
    files[place].examinedByteCount = 0
  }

  private static func put(_ part: ArraySlice<UInt8>, at offset: Int, in bytes: inout [UInt8]) {
    let end = offset + part.count
    if bytes.count < end {
      bytes.append(contentsOf: [UInt8](repeating: 0, count: end - bytes.count))
    }
    bytes.replaceSubrange(offset..<end, with: part)
  }

  /// What of a file would survive a crash whatever happens: the bytes before the first change that is
  /// not synced. Changes that lie wholly in its first bytes are passed over: the count in a shard's
  /// header is a courtesy.
  func durableByteCount(ofFile place: Int, header: Int) -> Int {
    let file = files[place]
    guard file.isNameSynced else { return 0 }
    var least = file.bytes.count
    for change in file.unsynced + file.abandoned
    where change.offset >= header || change.before.isEmpty {
      least = min(least, change.offset)
    }
    return least
  }

  mutating func examined(file place: Int, upTo byteCount: Int) {
    files[place].examinedByteCount = byteCount
  }

  mutating func flip(bit: Int, ofByte byte: Int, inFile place: Int) {
    files[place].bytes[byte] ^= UInt8(1 << bit)
    files[place].examinedByteCount = 0
  }
}
