import Scheduling

package enum Version {
  package static let number = "0.1.0"

  /// What coordinator and workers tell each other. Another build is a warning, another protocol a
  /// refusal.
  package static let build = "spinodal \(number)"
  package static let text = "spinodal \(number) (protocol \(Limits.protocolVersion))"
}
