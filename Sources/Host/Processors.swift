import CHost

/// How many processors are this process's to use.
public enum Processors {
  /// Those of its affinity mask; at least 1.
  public static func allowed() -> Int { max(1, Int(chost_processor_count())) }

  /// How many solver children to run, unless the user says.
  ///
  /// SLURM_CPUS_PER_TASK if it is set; else 1 if SLURM_PROCID is set, since `srun -n 64` without `-c`
  /// must not start 64 x 64; else the affinity mask, cut to the cgroup's processor time rounded up.
  public static func slots(
    environment value: (String) -> String? = { Environment[$0] },
    allowed: Int = Processors.allowed(),
    limit: Double? = ControlGroup.current?.processorLimit()
  ) -> Int {
    if let count = value("SLURM_CPUS_PER_TASK").flatMap({ Int($0) }), count > 0 { return count }
    if value("SLURM_PROCID") != nil { return 1 }
    guard let limit else { return max(1, allowed) }
    return max(1, min(allowed, Int(limit.rounded(.up))))
  }
}

/// The control group of this process, in either version, as far as /sys shows it.
public struct ControlGroup: Sendable {
  /// Where a controller's files are, from the process's own group up to the mount.
  let processorFolders: [String]
  let memoryFolder: String?
  let unified: Bool
  private let read: @Sendable (String) -> String?

  /// nil where /proc says nothing of groups.
  public static var current: ControlGroup? {
    ControlGroup { path in
      (try? FileSystem.readFile(path, limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  /// - Parameter read: a file's text, nil if it cannot be read.
  public init?(read: @escaping @Sendable (String) -> String?) {
    guard let groups = read("/proc/self/cgroup"), let mounts = read("/proc/self/mountinfo") else {
      return nil
    }
    self.read = read
    let processor = ControlGroup.folders("cpu", groups, mounts)
    let memory = ControlGroup.folders("memory", groups, mounts)
    // A mixed machine has its controllers in version 1 and an empty hierarchy of version 2.
    unified = processor.isEmpty && memory.isEmpty
    processorFolders = unified ? ControlGroup.folders(nil, groups, mounts) : processor
    memoryFolder = (unified ? processorFolders : memory).first
  }

  /// Processors' worth of time that the group and those above it allow; nil without a limit.
  public func processorLimit() -> Double? {
    var least: Double?
    for folder in processorFolders {
      let pair: [Double?]
      if unified {
        // "max 100000" or "150000 100000"
        pair = (read("\(folder)/cpu.max") ?? "").split { $0 == " " || $0 == "\n" }.map {
          Double($0)
        }
      } else {
        pair = ["cpu.cfs_quota_us", "cpu.cfs_period_us"].map { name in
          read("\(folder)/\(name)").flatMap { Double($0.filter { $0 != "\n" }) }
        }
      }
      guard pair.count == 2, let quota = pair[0], let period = pair[1], quota > 0, period > 0
      else { continue }
      least = min(least ?? .infinity, quota / period)
    }
    return least
  }

  /// How many processes of the group were killed for want of memory; nil if the system does not say.
  public func outOfMemoryKillCount() -> Int64? {
    guard let memoryFolder else { return nil }
    let name = unified ? "memory.events" : "memory.oom_control"
    for line in (read("\(memoryFolder)/\(name)") ?? "").split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == "oom_kill" { return Int64(words[1]) }
    }
    return nil
  }

  /// - Parameter controller: nil for the hierarchy of version 2.
  private static func folders(_ controller: Substring?, _ groups: String, _ mounts: String)
    -> [String]
  {
    var group: Substring?
    for line in groups.split(separator: "\n") {
      // "4:memory:/path" or "0::/path"
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let names = parts[1].split(separator: ",")
      if controller.map({ names.contains($0) }) ?? (parts[0] == "0") { group = parts[2] }
    }
    guard let group else { return [] }
    for line in mounts.split(separator: "\n") {
      // "31 23 0:28 ROOT POINT options [tags] - TYPE source superoptions"
      let words = line.split(separator: " ")
      guard words.count > 9, let dash = words.firstIndex(of: "-"), dash + 3 < words.count
      else { continue }
      let type = words[dash + 1]
      let matches =
        controller.map { type == "cgroup" && words[dash + 3].split(separator: ",").contains($0) }
        ?? (type == "cgroup2")
      if matches { return chain(root: words[3], point: words[4], group: group) }
    }
    return []
  }

  /// A container may see the mount's root as its own group, and its group as the machine names it.
  private static func chain(root: Substring, point: Substring, group: Substring) -> [String] {
    var path = group
    if root != "/", path.hasPrefix(root) { path = path.dropFirst(root.count) }
    var parts = path.split(separator: "/")
    if parts.contains("..") { parts = [] }
    return (0...parts.count).reversed().map { count in
      ([String(point)] + parts.prefix(count).map(String.init)).joined(separator: "/")
    }
  }
}
