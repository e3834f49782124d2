import Scheduling
import SweepModel

/// No acknowledged row is lost (promise 1): every final row of an acknowledged batch is on disk when
/// the acknowledgement is sent, and in whatever recovery finds afterwards.
struct AcknowledgementChecker: Sendable {
  private struct Sent: Sendable {
    /// Final rows of each batch, by sequence number less 1.
    var finalUnits: [[UnitRun]] = []
    var acknowledged = 0
  }

  private var connections: [Sent] = []
  /// For look-ups only.
  private var places: [PeerID: Int] = [:]
  private(set) var acknowledged: UnitSet

  init(unitCount: Int64) { acknowledged = UnitSet(unitCount: unitCount) }

  mutating func connected(_ peer: PeerID) {
    places[peer] = connections.count
    connections.append(Sent())
  }

  mutating func sent(_ message: WorkerMessage, by peer: PeerID, solver: FakeSolver) {
    guard let place = places[peer] else { return }
    switch message {
    case .rows(let batch):
      var runs: [RowRun] = []
      _ = solver.scanner.scan(batch.bytes, into: &runs)
      connections[place].finalUnits.append(runs.filter(\.isFinal).map(\.units))
    case .death: connections[place].finalUnits.append([])
    default: break
    }
  }

  mutating func acknowledged(
    upTo sequence: UInt64, by peer: PeerID, rows: RowsChecker
  ) -> String? {
    guard let place = places[peer] else { return "an unknown peer is told of its rows" }
    guard sequence <= UInt64(connections[place].finalUnits.count) else {
      return "batch \(sequence) is acknowledged and was never sent"
    }
    while connections[place].acknowledged < Int(sequence) {
      for run in connections[place].finalUnits[connections[place].acknowledged] {
        guard rows.durable.absentCount(in: run) == 0 else {
          return "rows of units \(run) are acknowledged and not on disk"
        }
        acknowledged.insert(run)
      }
      connections[place].acknowledged += 1
    }
    return nil
  }

  func check(recovered: UnitSet) -> String? {
    var lost: UnitRun?
    acknowledged.forEachPresent(in: acknowledged.universe) { run in
      if lost == nil, let absent = recovered.firstAbsent(in: run) { lost = absent }
    }
    return lost.map { "acknowledged rows of units \($0) are lost" }
  }

  /// Bits have rotted: what is gone now is nobody's fault.
  mutating func forgive(allBut kept: UnitSet) {
    var still = UnitSet(unitCount: acknowledged.unitCount)
    acknowledged.forEachPresent(in: acknowledged.universe) { run in
      kept.forEachPresent(in: run) { still.insert($0) }
    }
    acknowledged = still
  }
}
