import Glibc
import Host
import Testing

@Suite struct ClockTests {
  @Test(
    "times are ISO 8601 in UTC",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"),
      (-1_000_000, "1969-12-31T23:59:59.999Z"),
      (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
      (1_795_540_431_042_999_999, "2026-11-24T17:13:51.042Z"),
      (4_107_542_399_999_000_000, "2100-02-28T23:59:59.999Z"),
      (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000Z"),
    ] as [(Int64, String)])
  func text(nanoseconds: Int64, text: String) { #expect(WallClock.text(nanoseconds) == text) }

  @Test("the boot clock does not go back")
  func forward() {
    var last = BootClock.now()
    for _ in 0..<1000 {
      let now = BootClock.now()
      #expect(now >= last)
      last = now
    }
  }
}

@Suite struct MachineTests {
  @Test("this process has a start time that stays, and a dead number has none")
  func startTimes() throws {
    let first = try #require(Machine.processStartTime(Machine.processID))
    #expect(Machine.processStartTime(Machine.processID) == first)
    #expect(Machine.processStartTime(Int32.max) == nil)
    let child = try ChildProcess(ChildSpecification(executable: "/bin/true"))
    let pid = child.processID
    child.wait()
    #expect(Machine.processStartTime(pid) == nil)
  }

  @Test("a dead process that nobody has reaped yet has no start time", .timeLimit(.minutes(1)))
  func zombies() throws {
    let child = try ChildProcess(ChildSpecification(executable: "/bin/true"))
    while Machine.processStartTime(child.processID) != nil { BootClock.sleep(milliseconds: 1) }
    #expect(FileSystem.exists("/proc/\(child.processID)/stat"))
    child.wait()
  }

  @Test("random bytes are as many as asked for and differ")
  func random() {
    #expect(Machine.randomBytes(0).isEmpty)
    #expect(Machine.randomBytes(300).count == 300)
    #expect(Machine.randomBytes(16) != Machine.randomBytes(16))
  }

  @Test("no address is loopback")
  func addresses() {
    for address in Machine.addresses() {
      #expect(!address.hasPrefix("127.") && address != "::1", "\(address)")
    }
    #expect(!Machine.hostName().isEmpty)
  }

  @Test("the limit of open files is at its hard end afterwards")
  func openFiles() throws {
    let raised = try Machine.raiseOpenFileLimit()
    #expect(raised >= 256)
    #expect(try Machine.raiseOpenFileLimit() == raised)
  }

  @Test("a signal arrives at the source, and a wake-up at its descriptor")
  func signals() throws {
    let source = try SignalSource()
    #expect(pthread_kill(pthread_self(), SIGUSR1) == 0)
    #expect(try source.next() == SIGUSR1)
    let wakeup = try Wakeup()
    #expect(!wakeup.clear())
    wakeup.signal()
    wakeup.signal()
    #expect(wakeup.clear() && !wakeup.clear())
  }
}

@Suite struct ProgressPageTests {
  @Test("a reading is whole while another thread writes")
  func whole() throws {
    let page = try ProgressPage()
    #expect(page.read() == ProgressPage.Reading(unit: nil, start: 0, progress: 0))
    let writer = Writer(descriptor: dup(page.descriptor.raw))
    var thread = pthread_t()
    let failed = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Writer>.fromOpaque(context).takeUnretainedValue().run()
        return nil
      }, Unmanaged.passUnretained(writer).toOpaque())
    #expect(failed == 0)
    var last: Int64 = -1
    while last < Writer.count - 1 {
      let reading = page.read()
      guard let unit = reading.unit else { continue }
      #expect(reading.start == unit * 3 && unit >= last)
      #expect(reading.progress == unit * 3 || reading.progress == unit * 3 + 1)
      if reading.start != unit * 3 { break }
      last = unit
    }
    pthread_join(thread, nil)
    page.clear()
    #expect(page.read().unit == nil)
  }

  @Test("a descriptor that is too short is refused")
  func short() throws {
    let error = #expect(throws: SystemError.self) {
      _ = try ProgressPage(inherited: FileSystem.open("/dev/null", .readWrite))
    }
    #expect(error?.code == .invalid)
  }
}

private final class Writer: Sendable {
  static let count: Int64 = 200_000
  let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  func run() {
    guard let page = try? ProgressPage(inherited: Descriptor(owning: descriptor)) else { return }
    for unit in 0..<Writer.count {
      page.begin(unit: unit, at: unit * 3)
      page.report(at: unit * 3 + 1)
    }
  }
}

@Suite struct SlotsTests {
  @Test("slots: Slurm's share, else one a Slurm task, else what affinity and cgroup allow")
  func slots() {
    func count(_ variables: [String: String], _ allowed: Int, _ limit: Double?) -> Int {
      Processors.slots(environment: { variables[$0] }, allowed: allowed, limit: limit)
    }
    #expect(count(["SLURM_CPUS_PER_TASK": "12", "SLURM_PROCID": "3"], 64, 2) == 12)
    #expect(count(["SLURM_PROCID": "3"], 64, nil) == 1)
    #expect(count([:], 64, nil) == 64)
    #expect(count([:], 64, 1.5) == 2)
    #expect(count([:], 2, 8) == 2)
    #expect(count([:], 8, 0.1) == 1)
    #expect(Processors.allowed() >= 1)
  }

  @Test("the tightest limit on the way up a unified hierarchy holds")
  func unified() throws {
    let files = [
      "/proc/self/cgroup": "0::/a/b\n",
      "/proc/self/mountinfo":
        "24 1 0:21 / / rw - ext4 /dev/sda rw\n30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n",
      "/sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
      "/sys/fs/cgroup/a/cpu.max": "350000 100000\n",
      "/sys/fs/cgroup/a/b/memory.events": "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\n",
    ]
    let group = try #require(ControlGroup { files[$0] })
    #expect(group.processorLimit() == 3.5)
    #expect(group.outOfMemoryKillCount() == 2)
  }

  @Test("version 1 inside a container, whose group lies above its mount")
  func versionOne() throws {
    let files = [
      "/proc/self/cgroup": "4:memory:/docker/x\n2:cpu,cpuacct:/docker/x\n0::/\n",
      "/proc/self/mountinfo": """
      33 31 0:30 /docker/x /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct
      35 31 0:32 /docker/x /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
      41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
      """,
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "150000\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/memory/memory.oom_control":
        "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n",
    ]
    let group = try #require(ControlGroup { files[$0] })
    #expect(group.processorLimit() == 1.5)
    #expect(group.outOfMemoryKillCount() == 5)
  }

  @Test("without /proc there is no group, without files no limit")
  func nothing() throws {
    #expect(ControlGroup { _ in nil } == nil)
    let group = try #require(ControlGroup { $0.hasPrefix("/proc") ? "junk - : - line\n" : nil })
    #expect(group.processorLimit() == nil && group.outOfMemoryKillCount() == nil)
  }

  @Test("Slurm's variables are read, and nothing outside a job")
  func slurm() throws {
    let variables = [
      "SLURM_JOB_ID": "77", "SLURM_PROCID": "0", "SLURM_JOB_END_TIME": "1795540431",
      "SLURMD_NODENAME": "n1",
    ]
    let job = try #require(SlurmEnvironment { variables[$0] })
    #expect(job.jobID == "77" && job.processNumber == 0 && job.jobEndTime == 1_795_540_431)
    #expect(job.restartCount == 0 && job.nodeName == "n1" && job.processorsPerTask == nil)
    #expect(SlurmEnvironment { _ in nil } == nil)
  }
}

@Suite struct ServiceManagerTests {
  @Test("a service's manager hears that it is ready, alive and stopping")
  func notifications() throws {
    let scratch = try Scratch()
    let path = "\(scratch.path)/notify"
    let receiver = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(receiver) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(receiver, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    let variables = ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "2000000"]
    let manager = ServiceManager { variables[$0] }
    #expect(manager.watchdogInterval == 2_000_000_000)
    manager.ready()
    manager.status("one\ntwo")
    manager.alive()
    manager.stopping()
    for expected in ["READY=1", "STATUS=one two", "WATCHDOG=1", "STOPPING=1"] {
      var buffer = [UInt8](repeating: 0, count: 100)
      let got = recv(receiver, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      #expect(got > 0 && String(decoding: buffer.prefix(max(0, got)), as: UTF8.self) == expected)
    }
    let outside = ServiceManager { _ in nil }
    outside.ready()
    #expect(outside.watchdogInterval == nil)
    let others = ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"]
    #expect(ServiceManager { others[$0] }.watchdogInterval == nil)
  }
}
