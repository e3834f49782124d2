import CZeroMQ
import Glibc

extension HandshakeFailure {
  /// For the worker's user.
  var reasonAtConnection: String {
    switch self {
    case .closed(let code) where code == ETIMEDOUT: "no answer in time during the handshake"
    case .closed: "closed during the handshake: probably another coordinator's access file"
    case .badProtocol(let code): "not a coordinator's CURVE endpoint (\(Self.name(code)))"
    case .refused(let status):
      "the coordinator does not admit this key (status \(status)); ask for its present access file"
    }
  }

  /// For the coordinator's user.
  var reasonAtListener: String {
    switch self {
    case .closed(let code) where code == ETIMEDOUT: "it did not finish the handshake in time"
    case .closed: "it closed during the handshake"
    case .badProtocol(let code) where code == UInt32(ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC):
      "it has another server's key: probably another coordinator's access file"
    case .badProtocol(let code) where code == UInt32(ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH):
      "it does not speak CURVE"
    case .badProtocol(let code): "it does not speak this protocol (\(Self.name(code)))"
    case .refused(let status): "its key is not admitted (status \(status))"
    }
  }

  private static func name(_ code: UInt32) -> String {
    switch Int32(bitPattern: code) {
    case ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND: "unexpected command"
    case ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE: "invalid sequence"
    case ZMQ_PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE: "key exchange"
    case ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC: "cryptographic"
    case ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH: "another mechanism"
    case ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA: "invalid metadata"
    default: "code 0x\(String(code, radix: 16))"
    }
  }
}
