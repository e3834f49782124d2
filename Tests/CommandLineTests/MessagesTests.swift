import Scheduling
import SweepModel
import Testing
import spinodal

/// What the machines tell, in sentences that name the unit, its parameters and the reason.
@Suite struct MessagesTests {
  private let messages = Messages(
    deathLimit: 3, hasGuests: true, describe: { $0 == 17 ? "beta=0.5, replicate=3" : "" })

  @Test("a death names unit, parameters, cause and how many tries are left")
  func death() {
    let crash = ChildEnd(cause: .killed(signal: 11))
    let sentence = messages.sentence(
      .unitDied(17, attempt: 0, worker: 2, crash, counted: true))
    #expect(
      sentence.text
        == "unit 17 (beta=0.5, replicate=3): the solver process on worker 2 was ended by "
        + "signal 11 (SEGV) (try 1 of 3)")
    #expect(sentence.isAboutUnit)
    let kill = ChildEnd(cause: .killed(signal: 15))
    let other = messages.sentence(.unitDied(18, attempt: 0, worker: 2, kill, counted: false))
    #expect(other.text.hasPrefix("unit 18: "))
    #expect(other.text.hasSuffix("(not the unit's doing; it will be tried again)"))
  }

  @Test("a quarantine names the reason")
  func quarantine() {
    let verdict = Verdict(
      unit: 17, attempt: 2, status: .timeLimit, reason: "reached its time limit")
    #expect(
      messages.sentence(.unitQuarantined(verdict)).text
        == "unit 17 (beta=0.5, replicate=3) is set aside: reached its time limit")
  }

  @Test("a lost worker's units are accounted for")
  func lost() {
    #expect(
      messages.sentence(.workerLost(3, host: "node7", unitsReturned: 120)).text
        == "worker 3 on node7 fell silent; its 120 units will be computed by others")
    #expect(
      messages.sentence(.workerLost(3, host: "node7", unitsReturned: 0)).text
        == "worker 3 on node7 fell silent")
  }

  @Test("the coming and going of one's own worker is no news")
  func ownWorker() {
    let alone = Messages(deathLimit: 3, hasGuests: false, describe: { _ in "" })
    guard case .detail = alone.sentence(.workerJoined(0, host: "here", slots: 2)).kind else {
      Issue.record("the own worker's joining is shown")
      return
    }
    guard case .note = messages.sentence(.workerJoined(0, host: "there", slots: 2)).kind else {
      Issue.record("another worker's joining is not shown")
      return
    }
  }
}
