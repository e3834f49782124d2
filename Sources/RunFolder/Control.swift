import Host

/// What a user asks of a coordinator by a file in control/, where no signal reaches it.
public enum ControlRequest: String, Hashable, Sendable, CaseIterable {
  case drain, pause, cancel
}

extension RunFolder {
  /// Asks; the coordinator looks once a second.
  public func request(_ request: ControlRequest) throws(RunFolderError) {
    let file = controlFolder + "/" + request.rawValue
    do {
      try FileSystem.replaceFile(file, with: [], durable: false)
    } catch {
      throw RunFolderError(error, file)
    }
  }

  /// What stands in control/ now.
  public func requests() -> [ControlRequest] {
    ControlRequest.allCases.filter { FileSystem.exists(controlFolder + "/" + $0.rawValue) }
  }

  /// Takes a request back: it was obeyed, or a new start should not obey an old one.
  public func clear(_ request: ControlRequest) {
    try? FileSystem.remove(controlFolder + "/" + request.rawValue)
  }
}
