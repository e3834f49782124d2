import Simulation
import SweepModel
import Testing

/// Goal: each checker sees what it is there for.
/// Method: one bug stands between the machines and an otherwise plain world; it must be caught within a
/// bounded number of seeds, and by the property that it breaks.
@Suite struct PlantedBugTests {
  /// Plays seeds until the bug is caught.
  private func caught(
    _ bug: any Interference, by properties: Set<Violation.Property>, within seeds: UInt64 = 150,
    faults: [FaultKind], badUnitsPerThousand: Int? = nil
  ) {
    for seed in 1...seeds {
      var random = SplitMix64(seed: seed)
      var options = Options.drawn(with: &random)
      options.faults = faults
      if let badUnitsPerThousand { options.badUnitsPerThousand = badUnitsPerThousand }
      var world = World(seed: seed, options: options, interference: bug)
      world.play()
      if let violation = world.violation {
        #expect(properties.contains(violation.property), "seed \(seed): \(violation)")
        return
      }
    }
    Issue.record("not caught within \(seeds) seeds")
  }

  @Test("acknowledging before the sync is caught")
  func acknowledgesBeforeSync() {
    caught(
      AcknowledgesBeforeSync(), by: [.acknowledgement], within: 5,
      faults: [.machineCrash, .connectionReset])
  }

  @Test("a coordinator that forgets its epoch is caught")
  func forgetsTheEpoch() {
    caught(
      ForgetsTheEpoch(), by: [.epochs], within: 20,
      faults: [.secondCoordinator, .workerCrash, .partition])
  }

  @Test("dropping returned units is caught")
  func dropsReturnedRuns() {
    caught(
      DropsReturnedRuns(), by: [.liveness],
      faults: [.workerPause, .childSlow, .childMalformed, .partition, .coordinatorCrash])
  }

  @Test("trusting a corrupt row is caught")
  func trustsCorruptRows() {
    caught(TrustsCorruptRows(), by: [.rows, .leases], within: 40, faults: [.bitRot, .workerCrash])
  }

  @Test("counting a preemption as a crash is caught")
  func countsPreemption() {
    caught(
      CountsPreemptionAsCrash(), by: [.blame], within: 20,
      faults: [.childKilledFromOutside, .childAsksAgain])
  }

  @Test("taking a late failure for a current one is caught")
  func takesLateFailures() {
    caught(
      TakesLateFailures(), by: [.leases],
      faults: [.partition, .coordinatorCrash, .childCrash, .connectionSilent, .workerPause],
      badUnitsPerThousand: 40)
  }

  @Test("resting on rows that were written and not synced is caught")
  func trustsThePageCache() {
    caught(
      TrustsThePageCache(), by: [.acknowledgement],
      faults: [.coordinatorCrash, .machineCrash, .diskSlow])
  }

  @Test("a worker that overlooks units of its lease is caught")
  func overlooksUnits() {
    caught(OverlooksUnits(), by: [.liveness], within: 5, faults: [.childSlow, .diskSlow])
  }
}
