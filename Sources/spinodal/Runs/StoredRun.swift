import Reports
import RunFolder
import SweepModel

/// A run directory that a command looks into.
struct StoredRun: Sendable {
  let folder: RunFolder
  let schema: RunSchema
  let sweep: LoadedSweep

  init(_ path: String) throws(CommandFailure) {
    folder = RunFolder(path)
    do {
      schema = try folder.open()
    } catch {
      throw .error("\(error)")
    }
    sweep = try LoadedSweep(storedIn: folder)
    let isSame = schema.fingerprint == sweep.segment.fingerprint.bytes
    guard isSame, schema.layout == sweep.grid.layout else {
      throw .error(
        "\(folder.sweepFile()) is not the sweep that \(folder.schemaFile) describes",
        remedy: isSame
          ? "This build has other columns: use the one that began the run."
          : "Restore the file from a copy: the run keeps the sweep as it was submitted.")
    }
  }

  /// What reports are about.
  func contents() throws(CommandFailure) -> RunContents {
    do {
      return RunContents(
        folder: folder, layout: schema.layout, unitCount: sweep.grid.unitCount,
        excluded: sweep.grid.hasCondition ? try sweep.grid.excludedUnits() : nil)
    } catch {
      throw .error("\(folder.sweepFile()): \(error)")
    }
  }
}
