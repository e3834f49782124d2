/// What can go wrong in a world. Each seed has some of them switched on.
public enum FaultKind: Int, CaseIterable, Hashable, Sendable {
  // The network.
  case connectionReset
  case connectionSilent
  case partition
  case stranger
  // Workers.
  case workerCrash
  case workerJoin
  case workerDrain
  case workerPause
  // Children.
  case childCrash
  case childKilledFromOutside
  case childOutOfMemory
  case childExitZero
  case childAsksAgain
  case childHang
  case childSlow
  case childMalformed
  case childStartFailure
  // Coordinators.
  case coordinatorCrash
  case coordinatorPause
  case coordinatorDrain
  case secondCoordinator
  // Their machine and its disk.
  case machineCrash
  case syncFailure
  case shortWrite
  case diskFull
  case diskSlow
  case bitRot
}
