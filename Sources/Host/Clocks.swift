import CHost
import Glibc

/// The clock for deadlines: it never jumps and goes on while the machine sleeps.
public enum BootClock {
  /// Nanoseconds since the machine started (CLOCK_BOOTTIME); the same for all its processes.
  public static func now() -> Int64 { chost_boot_nanoseconds() }

  /// Blocks the calling thread for so long.
  public static func sleep(milliseconds: Int64) {
    var rest = timespec(
      tv_sec: Int(milliseconds / 1000), tv_nsec: Int(milliseconds % 1000) * 1_000_000)
    var wanted = rest
    while nanosleep(&wanted, &rest) != 0, errno == EINTR { wanted = rest }
  }
}

/// The time of day, for people and for records; never for deadlines.
public enum WallClock {
  /// Nanoseconds since 1970-01-01T00:00:00Z.
  public static func now() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
  }

  /// ISO 8601 in UTC with milliseconds: "2026-11-24T17:13:51.042Z".
  public static func text(_ nanoseconds: Int64) -> String {
    let (days, inDay) = flooredDivision(nanoseconds, 86_400_000_000_000)
    let (year, month, day) = civilDate(daysSince1970: days)
    let milliseconds = inDay / 1_000_000
    let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    let hour = padded(milliseconds / 3_600_000, 2)
    let minute = padded(milliseconds / 60_000 % 60, 2)
    let second = padded(milliseconds / 1000 % 60, 2)
    return "\(date)T\(hour):\(minute):\(second).\(padded(milliseconds % 1000, 3))Z"
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func flooredDivision(_ number: Int64, _ divisor: Int64) -> (Int64, Int64) {
    let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
  }

  /// The Gregorian date, by counting years from March, so that the leap day is a year's last
  /// (H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days).
  private static func civilDate(daysSince1970 days: Int64) -> (Int64, Int64, Int64) {
    let (era, dayOfEra) = flooredDivision(days + 719_468, 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}

/// CPU time that was used, not time that passed.
public enum ProcessorClock {
  /// Seconds of user and system time of all threads of this process.
  public static func seconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(microseconds) / 1e6
  }
}
