import ArgumentParser
import Host
import Scheduling
import Transport

/// What `run` and `serve` have in common.
struct SweepOptions: ParsableArguments {
  @Argument(help: "The sweep file (YAML).")
  var sweep: String

  @Option(
    name: .customLong("out"),
    help: ArgumentHelp(
      "The run directory; `runs/` and the sweep's name unless given. An existing run goes on.",
      valueName: "run"))
  var run: String?

  @Option(
    help: ArgumentHelp(
      "Let workers from other machines join at tcp://ADDRESS:PORT; the keys that they need are "
        + "written to RUN/access.json. `*` for every address, port 0 for any free one.",
      valueName: "endpoint"))
  var listen: String?

  @Option(
    help: ArgumentHelp(
      "How long a worker may be silent before its units are given to others (15s).",
      valueName: "duration"))
  var lease: String?

  @Option(
    help: ArgumentHelp(
      "Stop if the first so many units all fail (twice the slots, at least 8; 0 for never).",
      valueName: "count"))
  var maxFailures: String?

  @Flag(help: "Take the run over from a coordinator that seems to be alive.")
  var takeOver = false

  @Flag(help: "Show axes, counts, first and last points; compute nothing.")
  var dryRun = false

  @Flag(help: "One JSON value on stdout at the end.")
  var json = false

  @OptionGroup var output: OutputOptions

  /// - Parameters:
  ///   - slots: as `--slots` has it; nil if it was not given.
  ///   - defaultListen: where to listen if nothing says.
  func request(slots: String?, defaultListen: String? = nil) throws(CommandFailure) -> SweepRequest
  {
    let listen = try (Setting("listen", flag: listen) ?? Setting("listen", flag: defaultListen))?
      .listenEndpoint()
    var policy = Policy()
    if let lease = Setting("lease", flag: lease) {
      policy.leaseDuration = try lease.duration(atLeast: .seconds(2))
      // Several beats must fit in, or a lost one would cost a lease.
      let third = TickDuration(nanoseconds: policy.leaseDuration.nanoseconds / 3)
      policy.beatInterval = min(policy.beatInterval, third)
    }
    if let setting = Setting("max-failures", flag: maxFailures) {
      let count = try setting.count(0...Int64.max)
      policy.failureLimit = count == 0 ? .max : count
    }
    let wanted = try Setting("slots", flag: slots)?.count(0...Int64(Limits.slots))
    let own = wanted ?? Int64(Processors.slots())
    guard own > 0 || listen != nil else {
      throw .usage(
        "with no slots of its own a run needs workers from elsewhere",
        remedy: "Add --listen tcp://*:0, or leave --slots out.")
    }
    return SweepRequest(
      sweepPath: sweep, runPath: Setting("out", flag: run)?.text, listen: listen,
      ownSlots: UInt16(clamping: min(own, Int64(Limits.slots))), policy: policy,
      takeOver: takeOver, wantsJSON: json, isDryRun: dryRun, console: output.console)
  }
}

/// What `run` or `serve` was asked to do.
package struct SweepRequest: Sendable {
  var sweepPath: String
  /// nil for the default.
  var runPath: String?
  var listen: Endpoint?
  var ownSlots: UInt16
  var policy: Policy
  var takeOver: Bool
  var wantsJSON: Bool
  var isDryRun: Bool
  var console: Console
}
