import Shards

/// One writer by construction (promise 11): epochs rise, a coordinator writes its own files only, and
/// one that sees a higher epoch stops.
struct EpochChecker: Sendable {
  private var highestClaimed: EpochNumber = 0

  mutating func claimed(_ epoch: EpochNumber) -> String? {
    guard epoch > highestClaimed else {
      return "epoch \(epoch) is claimed after \(highestClaimed)"
    }
    highestClaimed = epoch
    return nil
  }

  func check(_ operation: JournalOperation, by process: Int, of epoch: EpochNumber) -> String? {
    switch operation {
    case .create(let file, _), .write(let file, _, _, _), .sync(let file), .cut(let file, _),
      .close(let file):
      check(file, epoch)
    case .patchCount(let shard, _, _), .seal(let shard, _, _): check(.shard(shard), epoch)
    default: nil
    }
  }

  private func check(_ file: JournalFile, _ epoch: EpochNumber) -> String? {
    let owner =
      switch file {
      case .shard(let name): name.epoch
      case .failures(let name): name.epoch
      }
    return owner == epoch ? nil : "the coordinator of epoch \(epoch) writes \(file)"
  }

  /// After a journal was told of the highest epoch there is.
  func check(
    listed highest: EpochNumber, by epoch: EpochNumber, effects: [JournalEffect]
  ) -> String? {
    guard epoch > 0, highest > epoch else { return nil }
    for effect in effects {
      if case .stopped = effect { return nil }
    }
    return "the coordinator of epoch \(epoch) saw epoch \(highest) and goes on"
  }
}
