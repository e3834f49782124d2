import Simulation
import Testing

/// Goal: whole sweeps under faults keep every promise that the checkers know of.
/// Method: a number of schedules from a seed that is fresh each time and printed; `spinodal-bench
/// simulate --seed` replays one.
@Suite struct WorldTests {
  @Test("sixty worlds of faults keep every promise and come to their end")
  func smoke() {
    let first = UInt64.random(in: 0..<(1 << 48))
    print("simulation: schedules \(first) to \(first + 59)")
    for seed in first..<(first + 60) {
      var world = World(seed: seed)
      world.play()
      #expect(world.violation == nil, "seed \(seed): \(String(describing: world.violation))")
      #expect(world.counts.faults >= 3)
    }
  }

  @Test("the same seed gives the same world")
  func replay() {
    for seed in UInt64(1)...4 {
      var first = World(seed: seed)
      first.play()
      var second = World(seed: seed)
      second.play()
      #expect(first.counts == second.counts)
      #expect(first.violation == second.violation)
      #expect(first.now == second.now)
    }
  }
}
