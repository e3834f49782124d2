import Scheduling
import Testing
import spinodal

/// Flags win over the environment, and a mistake names where it came from.
@Suite struct SettingTests {
  private let environment: (String) -> String? = {
    ["SPINODAL_MAX_FAILURES": "7", "SPINODAL_LEASE": "", "SPINODAL_SLOTS": "many"][$0]
  }

  @Test("a flag wins over the environment")
  func order() throws {
    let flag = try #require(Setting("max-failures", flag: "3", environment: environment))
    #expect(try flag.count(0...10) == 3)
    let variable = try #require(Setting("max-failures", flag: nil, environment: environment))
    #expect(try variable.count(0...10) == 7)
  }

  @Test("an empty variable is none")
  func empty() {
    #expect(Setting("lease", flag: nil, environment: environment) == nil)
  }

  @Test("a mistake says where it stands and what was expected")
  func mistakes() throws {
    let variable = try #require(Setting("slots", flag: nil, environment: environment))
    #expect(
      throws: CommandFailure.usage(
        "SPINODAL_SLOTS in the environment: expected a whole number from 0 to 9, not 'many'")
    ) { try variable.count(0...9) }
    let flag = try #require(Setting("lease", flag: "90", environment: environment))
    let failure = #expect(throws: CommandFailure.self) {
      try flag.duration(atLeast: .seconds(1))
    }
    #expect(failure?.code == .usage)
    #expect(failure?.message.hasPrefix("--lease: expected a duration") == true)
  }

  @Test(
    "durations are read as users and Slurm write them",
    arguments: [
      ("90s", 90), ("1h30m", 5400), ("01:30:00", 5400), ("2d", 172_800), ("1-00:00:00", 86_400),
    ] as [(String, Int64)])
  func durations(text: String, seconds: Int64) throws {
    let setting = try #require(Setting("lease", flag: text))
    #expect(try setting.duration(atLeast: .seconds(1)) == .seconds(seconds))
  }

  @Test(
    "what is no duration, too short or too long is refused",
    arguments: ["0s", "", "1m1h", "s", "-5s", "999999999d", "1:99", "1s\u{0}"])
  func badDurations(text: String) throws {
    let setting = try #require(Setting("lease", flag: text))
    #expect(throws: CommandFailure.self) { try setting.duration(atLeast: .seconds(2)) }
  }

  @Test(
    "only tcp endpoints can be listened at",
    arguments: ["ipc:///tmp/x", "tcp://*", "tcp://*:70000", "node7:5555", ""])
  func endpoints(text: String) throws {
    let setting = try #require(Setting("listen", flag: text))
    let failure = #expect(throws: CommandFailure.self) { try setting.listenEndpoint() }
    #expect(failure?.code == .usage)
  }
}
