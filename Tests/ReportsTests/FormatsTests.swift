import Host
import Reports
import RunFolder
import Shards
import SweepModel
import TestSupport
import Testing

@Suite struct FormatsTests {
  @Test("a run directory of version 1 gives, byte for byte, the table that it gave then")
  func version1() throws {
    let formats =
      FileSystem.parentDirectory(FileSystem.parentDirectory(#filePath))
      + "/RunFolderTests/Formats/v1"
    let folder = RunFolder(formats + "/small")
    let contents = RunContents(folder: folder, layout: try folder.open().layout, unitCount: 40)
    #expect(try Verify.verify(contents).isClean)
    let temporary = try TemporaryFolder()
    let file = temporary.path + "/table.npy"
    let report = try Collect.collect(contents, to: file, CollectOptions(format: .npy))
    #expect(report.isWritten && report.failedCount == 2)
    #expect(try FileSystem.readFile(file) == FileSystem.readFile(formats + "/table.npy"))
  }
}
