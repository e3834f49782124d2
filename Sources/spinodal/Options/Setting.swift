import Host
import Scheduling
import SweepFile
import Transport

/// A value from a flag, else from the environment: `--lease` and SPINODAL_LEASE.
package struct Setting: Sendable {
  /// Without dashes: `max-failures`.
  package let name: String
  package let text: String
  /// How a message names where it came from.
  package let origin: String

  /// nil if it is given nowhere. An empty variable counts as unset.
  package init?(
    _ name: String, flag: String?, environment value: (String) -> String? = { Environment[$0] }
  ) {
    self.name = name
    if let flag {
      text = flag
      origin = "--\(name)"
      return
    }
    let letters = name.uppercased().map { $0 == "-" ? "_" : $0 }
    let variable = "SPINODAL_" + String(letters)
    guard let found = value(variable), !found.isEmpty else { return nil }
    text = found
    origin = "\(variable) in the environment"
  }

  /// In milliseconds: longer durations are slips, and would not fit in nanoseconds.
  private static let century: Int64 = 3_200_000_000_000

  private func mistake(_ expected: String) -> CommandFailure {
    .usage("\(origin): expected \(expected), not '\(text)'")
  }

  package func count(_ range: ClosedRange<Int64>) throws(CommandFailure) -> Int64 {
    guard let number = Int64(text), range.contains(number) else {
      throw mistake(
        range.upperBound == .max
          ? "a whole number from \(range.lowerBound) on"
          : "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  package func duration(atLeast least: TickDuration) throws(CommandFailure) -> TickDuration {
    guard let milliseconds = DurationText.milliseconds(text), milliseconds <= Self.century else {
      throw mistake(DurationText.expectation)
    }
    let duration = TickDuration.milliseconds(milliseconds)
    guard duration >= least else {
      throw mistake("at least \(DurationWords.words(least.seconds))")
    }
    return duration
  }

  /// Where to listen for workers from elsewhere.
  package func listenEndpoint() throws(CommandFailure) -> Endpoint {
    do {
      let endpoint = try Endpoint(text)
      guard case .tcp = endpoint else { throw mistake("tcp://ADDRESS:PORT, such as tcp://*:0") }
      return endpoint
    } catch let mistake as EndpointMistake {
      throw .usage("\(origin): \(mistake)")
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw mistake("tcp://ADDRESS:PORT, such as tcp://*:0")
    }
  }
}
