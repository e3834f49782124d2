import CHost
import Glibc

/// One page shared between a solver child, which writes it, and its worker, which reads it, also after
/// the child died at any instruction: which unit is in progress, since when, and when it last reported.
/// In the other direction it carries one word: how often the worker called unstarted units back.
public final class ProgressPage {
  public struct Reading: Hashable, Sendable {
    /// nil: between units.
    public var unit: Int64?
    /// `BootClock` nanoseconds.
    public var start: Int64
    public var progress: Int64

    public init(unit: Int64?, start: Int64, progress: Int64) {
      self.unit = unit
      self.start = start
      self.progress = progress
    }
  }

  /// For a child's `ChildSpecification`.
  public let descriptor: Descriptor
  private let page: UnsafeMutablePointer<chost_progress>
  private static let byteCount = 4096
  private var unit: Int64 = -1
  private var start: Int64 = 0

  /// The worker's side: a new page without a unit.
  public init() throws(SystemError) {
    descriptor = Descriptor(
      owning: try attemptCHost("make a shared page") {
        chost_memfd("spinodal-progress", ProgressPage.byteCount)
      })
    page = try ProgressPage.map(descriptor.raw)
    clear()
  }

  /// The child's side.
  public init(inherited: consuming Descriptor) throws(SystemError) {
    guard try inherited.status().byteCount >= ProgressPage.byteCount else {
      throw SystemError(.invalid, "map", "the shared page")
    }
    page = try ProgressPage.map(inherited.raw)
    descriptor = inherited
  }

  deinit { munmap(page, ProgressPage.byteCount) }

  private static func map(
    _ raw: Int32
  ) throws(SystemError) -> UnsafeMutablePointer<chost_progress> {
    let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, raw, 0)
    guard let address, address != MAP_FAILED else {
      throw SystemError(Errno(rawValue: errno), "map", "the shared page")
    }
    return address.bindMemory(to: chost_progress.self, capacity: 1)
  }

  /// A unit starts (a child's call).
  public func begin(unit: Int64, at now: Int64) {
    self.unit = unit
    start = now
    chost_progress_store(page, unit, now, now)
  }

  /// The unit in progress reported (a child's call).
  public func report(at now: Int64) { chost_progress_store(page, unit, start, now) }

  /// No unit is in progress.
  public func clear() {
    unit = -1
    chost_progress_store(page, -1, 0, 0)
  }

  /// How often unstarted units were called back (the worker sets it, the child looks between units).
  public var recalls: UInt32 {
    get { chost_progress_recalls(page) }
    set { chost_progress_recall(page, newValue) }
  }

  public func read() -> Reading {
    var unit: Int64 = 0
    var start: Int64 = 0
    var progress: Int64 = 0
    chost_progress_load(page, &unit, &start, &progress)
    return Reading(unit: unit < 0 ? nil : unit, start: start, progress: progress)
  }
}
