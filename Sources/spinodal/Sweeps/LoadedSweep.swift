import Host
import RunFolder
import Solvers
import SweepFile
import SweepModel

/// A sweep file that was read and found good.
struct LoadedSweep: Sendable {
  /// As typed by the user.
  let path: String
  let bytes: [UInt8]
  let reading: SweepFile.Reading

  /// Files with lists of points may be long.
  private static let fileLimit = 1 << 30
  private static let sweepLimit = 16 << 20
  /// Mistakes that are listed.
  private static let shownMistakes = 20

  /// Reads a sweep file and all that it names, and checks it against its solver. Creates nothing.
  init(readingFrom path: String) throws(CommandFailure) {
    try self.init(path) { FileSystem.parentDirectory(path) + "/" + $0 }
  }

  /// Reads the sweep that a run was made from.
  init(storedIn folder: RunFolder) throws(CommandFailure) {
    try self.init(folder.sweepFile()) { folder.path + "/" + Self.companionName($0) }
  }

  private init(
    _ path: String, locate: (_ named: String) -> String
  ) throws(CommandFailure) {
    self.path = path
    do {
      bytes = try FileSystem.readFile(path, limit: Self.sweepLimit)
    } catch {
      throw .usage("\(error)", remedy: error.code == .noSuchFile ? Self.missingRemedy : "")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .usage("\(path): not a text in UTF-8")
    }
    do {
      reading = try SweepFile.read(text: text, path: path, solvers: Registry.interfaces) { named in
        Self.read(named.hasPrefix("/") ? named : locate(named))
      }
    } catch {
      throw Self.failure(error, path)
    }
  }

  private static let missingRemedy =
    "Give the path of a sweep file; sweeps/ holds some to start from."

  private static func read(_ path: String) -> Result<String, SweepFile.Unreadable> {
    do {
      let bytes = try FileSystem.readFile(path, limit: fileLimit)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        return .failure(SweepFile.Unreadable("not a text in UTF-8"))
      }
      return .success(text)
    } catch {
      return .failure(SweepFile.Unreadable(error.code.description))
    }
  }

  private static func failure(_ mistakes: Mistakes, _ path: String) -> CommandFailure {
    let count = Int64(mistakes.list.count)
    var lines = mistakes.list.prefix(shownMistakes).map(\.description)
    if mistakes.list.count > shownMistakes {
      lines.append("... and \(mistakes.list.count - shownMistakes) more")
    }
    return .usage(
      "\(Figure.count(count, "mistake")) in \(path):\n" + lines.joined(separator: "\n"),
      remedy: "Nothing was created.")
  }

  var grid: Grid { reading.grid }
  var sweep: Sweep { reading.sweep }
  /// A run begins with one segment.
  var segment: Segment { grid.segments[0] }

  /// Files that the sweep names, by the names under which a run keeps them.
  var companions: [(name: String, bytes: [UInt8])] {
    reading.attachments.map { (Self.companionName($0.path), Array($0.text.utf8)) }
  }

  private static func companionName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}

extension Grid {
  /// `beta=0.5, sigma2=0.2, replicate=3`: what tells the units apart; empty for a number that is none.
  package func describe(_ unit: UnitIndex) -> String {
    guard unit >= 0, unit < unitCount else { return "" }
    var point = makePoint()
    evaluate(unit, into: &point)
    let sweep = segments[0].sweep
    var words = point.recorded.map { "\($0.name)=\($0.value)" }
    for (level, index) in zip(sweep.levels, point.levels) where level.count > 1 {
      words.append("\(level.name)=\(index)")
    }
    return words.joined(separator: ", ")
  }
}
