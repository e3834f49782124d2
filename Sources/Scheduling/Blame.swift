import SweepModel

/// Which deaths count against a unit (promise 6). The worker reports facts; this is the one place that
/// judges them.
public enum Blame {
  // Linux signal numbers; the same on every architecture that Swift runs on.
  private static let hangUp: Int32 = 1
  private static let interrupt: Int32 = 2
  private static let kill: Int32 = 9
  private static let user1: Int32 = 10
  private static let user2: Int32 = 12
  private static let terminate: Int32 = 15
  private static let cpuLimit: Int32 = 24
  /// `EX_TEMPFAIL`: the child asks to be run again.
  private static let temporaryFailure: Int32 = 75

  /// Whether the child ended by the unit's doing, so that the death counts towards quarantine.
  public static func counts(_ end: ChildEnd) -> Bool {
    if end.progressed { return false }
    switch end.cause {
    case .exited(let code): return code != temporaryFailure
    case .timeLimit, .stalled: return true
    case .killed(let signal):
      switch signal {
      case kill: return end.outOfMemoryKillSeen
      case hangUp, interrupt, user1, user2, terminate, cpuLimit: return false
      default: return true
      }
    }
  }

  /// The status of the row of a unit whose last death was this one.
  public static func status(_ end: ChildEnd) -> RowStatus {
    switch end.cause {
    case .timeLimit, .stalled: .timeLimit
    case .exited, .killed: .died
    }
  }

  /// The end in words, as messages and failures/ have it.
  public static func describe(_ end: ChildEnd) -> String {
    switch end.cause {
    case .exited(0): "ended without a result (exit code 0)"
    case .exited(let code): "exited with code \(code)"
    case .killed(let signal) where signal == kill && end.outOfMemoryKillSeen:
      "was killed for want of memory"
    case .killed(let signal): "was ended by signal \(signal) (\(name(ofSignal: signal)))"
    case .timeLimit: "reached its time limit"
    case .stalled: "reported no progress for too long"
    }
  }

  private static func name(ofSignal signal: Int32) -> String {
    switch signal {
    case 1: "HUP"
    case 2: "INT"
    case 3: "QUIT"
    case 4: "ILL"
    case 5: "TRAP"
    case 6: "ABRT"
    case 7: "BUS"
    case 8: "FPE"
    case 9: "KILL"
    case 10: "USR1"
    case 11: "SEGV"
    case 12: "USR2"
    case 13: "PIPE"
    case 14: "ALRM"
    case 15: "TERM"
    case 24: "XCPU"
    case 25: "XFSZ"
    case 31: "SYS"
    default: "unknown"
    }
  }
}
