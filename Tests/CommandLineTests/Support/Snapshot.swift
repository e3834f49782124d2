import Foundation
import Testing

/// Texts that are kept beside the tests. A text that changed fails; RECORD_SNAPSHOTS=1 accepts it. One
/// that is not there yet is written and fails, so that nobody accepts one by accident.
enum Snapshot {
  static func expect(
    _ text: String, _ name: String, filePath: String = #filePath,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let folder = URL(filePath: filePath).deletingLastPathComponent().appending(path: "Snapshots")
    let file = folder.appending(path: name + ".txt")
    let records = ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1"
    let stored = try? String(contentsOf: file, encoding: .utf8)
    if stored == text { return }
    if records || stored == nil {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    if let stored {
      if !records {
        #expect(
          text == stored, "\(name).txt differs; RECORD_SNAPSHOTS=1 accepts the new text",
          sourceLocation: sourceLocation)
      }
    } else {
      Issue.record("\(name).txt was not there and is written now", sourceLocation: sourceLocation)
    }
  }
}
