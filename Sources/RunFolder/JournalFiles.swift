import Host
import Shards

/// Performs a journal's operations on a real run directory. One owner at a time: the thread that drives
/// the journal.
public struct JournalFiles: ~Copyable, Sendable {
  private final class Output: Sendable {
    let file: JournalFile
    let descriptor: Descriptor

    init(_ file: JournalFile, _ descriptor: consuming Descriptor) {
      self.file = file
      self.descriptor = descriptor
    }
  }

  public let folder: RunFolder
  private let record: EpochRecord
  private let watchSeconds: Int
  private let pause: @Sendable () -> Void
  /// Those that are not closed yet: a shard, a failures file, now and then one that failed.
  private var outputs: [Output] = []
  private var staging: [UInt8] = []

  /// From here on a call costs less than a copy.
  private static let largeByteCount = 32 << 10
  private static let stagingByteCount = 256 << 10

  /// - Parameters:
  ///   - record: what epochs/N is to say of this process.
  ///   - watchSeconds: how long the status of a holder on another machine is watched.
  ///   - pause: waits a second in that watch.
  public init(
    _ folder: RunFolder, record: EpochRecord, watchSeconds: Int = 10,
    pause: @escaping @Sendable () -> Void = { BootClock.sleep(milliseconds: 1000) }
  ) {
    self.folder = folder
    self.record = record
    self.watchSeconds = watchSeconds
    self.pause = pause
  }

  /// Does it, blocking, and gives the answer for `Journal.handle`.
  public mutating func perform(_ operation: JournalOperation) -> JournalEvent {
    do throws(SystemError) {
      switch operation {
      case .listEpochs:
        return .epochs(highest: try folder.highestEpoch())
      case .inspectHolder(let epoch):
        return .holder(
          folder.inspect(holderOf: epoch, watchSeconds: watchSeconds, pause: pause))
      case .claimEpoch(let epoch):
        return .claimed(try folder.claim(epoch, record))
      case .create(let file, let beginning):
        return try create(file, beginning)
      case .syncDirectory(let file):
        try FileSystem.synchroniseDirectory(folder.folder(of: file))
        return .done
      case .write(let file, _, let slices, _):
        return try write(file, slices)
      case .sync(let file):
        try output(file).descriptor.synchroniseData()
        return .done
      case .patchCount(let name, let offset, let digits):
        let outcome = digits.withUnsafeBytes {
          output(.shard(name)).descriptor.pwrite($0, at: Int64(offset))
        }
        if let failure = outcome.failure { throw failure }
        return .done
      case .seal(let name, let rows, let byteCount):
        try folder.write(ShardSummary(rows: rows, byteCount: Int64(clamping: byteCount)), of: name)
        return .done
      case .cut(let file, let byteCount):
        try output(file).descriptor.truncate(to: Int64(clamping: byteCount))
        return .done
      case .close(let file):
        outputs.removeAll { $0.file == file }
        return .done
      }
    } catch {
      return .failed(JournalError(code: error.code.rawValue, text: error.code.description))
    }
  }

  private func output(_ file: JournalFile) -> Output {
    guard let output = outputs.first(where: { $0.file == file }) else {
      preconditionFailure("\(file) is not open")
    }
    return output
  }

  private mutating func create(
    _ file: JournalFile, _ beginning: [UInt8]
  ) throws(SystemError) -> JournalEvent {
    // Remembered before it is written, so that a failure here is closed like any other.
    let output = Output(file, try FileSystem.open(folder.path(of: file), .createNew))
    outputs.append(output)
    try output.descriptor.writeAll(beginning)
    return .done
  }

  /// The file's cursor stands at the journal's offset: nothing but these writes moves it, and a file
  /// with a failed one is never written again. Small slices are put together first, large ones are
  /// written where they lie.
  private mutating func write(
    _ file: JournalFile, _ slices: [JournalSlice]
  ) throws(SystemError) -> JournalEvent {
    let output = output(file)
    var written = 0
    var isShort = false
    func put(_ bytes: [UInt8], _ range: Range<Int>) throws(SystemError) {
      guard !range.isEmpty, !isShort else { return }
      let count = try bytes.withUnsafeBufferPointer { (bytes) throws(SystemError) in
        try output.descriptor.writeOnce(
          UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[range])))
      }
      written += count
      isShort = count < range.count
    }
    staging.removeAll(keepingCapacity: true)
    for slice in slices {
      if slice.range.count < Self.largeByteCount {
        staging += slice.bytes[slice.range]
        if staging.count < Self.stagingByteCount { continue }
      }
      try put(staging, staging.indices)
      staging.removeAll(keepingCapacity: true)
      if slice.range.count >= Self.largeByteCount { try put(slice.bytes, slice.range) }
    }
    try put(staging, staging.indices)
    return .written(byteCount: written)
  }
}
