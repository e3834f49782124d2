import Scheduling
import Wire

// Connections: made by workers, each to one coordinator, ended by either side or by trouble between.
extension World {
  /// A fresh socket. The access file mostly names the newest coordinator.
  mutating func connect(_ worker: Int, as peer: PeerID) {
    closeConnection(of: worker)
    var running: [Int] = []
    for id in coordinators.indices where coordinators[id].state == .running { running.append(id) }
    let place = connections.count
    let newest = random.chance(4, in: 5)
    guard let last = running.last else {
      connections.append(Connection(peer: peer, worker: worker, coordinator: -1, at: now))
      workers[worker].connection = place
      // Refused, or a host that does not answer at all.
      if random.chance(3, in: 4) {
        agenda.add(
          .socketClosed(connection: place, reason: "refused"),
          at: now + random.duration(options.networkDelay))
      }
      return
    }
    let id = newest ? last : random.pick(running)
    if connectionOfPeer[peer] != nil { fail(.protocolBroken, "a connection id is used twice") }
    connections.append(Connection(peer: peer, worker: worker, coordinator: id, at: now))
    connectionOfPeer[peer] = place
    workers[worker].connection = place
    acknowledgements.connected(peer)
  }

  /// The worker closes its socket: of what is on its way up, a part still arrives, even after the
  /// hello of its next connection.
  mutating func closeConnection(of worker: Int) {
    guard let place = workers[worker].connection else { return }
    workers[worker].connection = nil
    connections[place].isClosedByWorker = true
    connections[place].noticedAt = now + random.duration(.milliseconds(0)...(.milliseconds(500)))
    loseSome(ofUp: place)
    connections[place].down.keepFirst(0)
  }

  mutating func loseSome(ofUp place: Int) {
    guard !random.chance(1, in: 3) else { return }
    connections[place].up.keepFirst(random.below(connections[place].up.count + 1))
  }

  /// A message of a worker's socket sets out.
  mutating func send(_ bytes: [UInt8], from worker: Int) {
    guard let place = workers[worker].connection, connections[place].coordinator >= 0,
      !connections[place].isSilent, !connections[place].isClosedByCoordinator
    else { return }
    let arrival = max(connections[place].upTime, now + random.duration(options.networkDelay))
    connections[place].upTime = arrival
    connections[place].up.append(bytes)
    agenda.add(.arriveUp(connection: place), at: arrival)
  }

  mutating func arriveDown(_ place: Int) {
    let worker = connections[place].worker
    guard workerCanRun(worker, .arriveDown(connection: place)) else { return }
    guard cutUntil[worker] <= now else {
      agenda.add(.arriveDown(connection: place), at: cutUntil[worker])
      return
    }
    guard !connections[place].isClosedByWorker, !connections[place].isSilent,
      let bytes = connections[place].down.takeFirst()
    else { return }
    do {
      let message = try WireFormat.decodeCoordinatorMessage(bytes)
      deliver(.message(message), to: worker)
    } catch {
      fail(.protocolBroken, "a coordinator's message cannot be read: \(error)")
    }
  }

  mutating func socketClosed(_ place: Int, _ reason: String) {
    let worker = connections[place].worker
    guard workerCanRun(worker, .socketClosed(connection: place, reason: reason)) else { return }
    guard workers[worker].connection == place else { return }
    deliver(.disconnected(reason: reason), to: worker)
  }

  /// A connection breaks and both ends may know of it; what was under way arrives in part.
  mutating func reset(_ place: Int, tellsWorker: Bool) {
    loseSome(ofUp: place)
    connections[place].down.keepFirst(random.below(connections[place].down.count + 1))
    connections[place].isClosedByCoordinator = true
    guard tellsWorker, !connections[place].isClosedByWorker else { return }
    let told = now + random.duration(options.networkDelay)
    agenda.add(
      .socketClosed(connection: place, reason: "reset"), at: max(told, connections[place].downTime))
  }
}
