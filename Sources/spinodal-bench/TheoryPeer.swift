import Host
import SweepModel

/// The same theory in NumPy, point by point on one thread.
struct TheoryPeer {
  struct Result {
    var pointsPerSecond: Samples
    /// The worst relative deviation of u, b, c, q_mean_square from the golden table.
    var goldenDeviation: Double
    /// Of b over the points: must be ours.
    var meanB: Double
    var version: String
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// The sources lie beside this file: peers are for who has the repository.
  private static let folder = "\(#filePath)".split(separator: "/").dropLast().joined(separator: "/")
  static let script = "/\(folder)/Peers/theory_peer.py"
  static let golden = "/\(folder)/../../Tests/SolversTests/Golden/cubic_theory.json"

  static func measure(side: Int, repeats: Int) throws -> Result {
    guard let python = FileSystem.findProgram("python3") else {
      throw Failure(description: "no python3 here: apt-get install python3 python3-numpy")
    }
    let temporary = try FileSystem.makeTemporaryDirectory(prefix: "spinodal-bench-")
    defer { try? FileSystem.removeTree(temporary) }
    let output = try FileSystem.open(temporary + "/output", .replace)
    var specification = ChildSpecification(
      executable: python, arguments: [script, golden, "\(side)", "\(repeats)"])
    specification.descriptors = [(output.raw, 1)]
    specification.standardError = .pipe
    // One thread, and whatever kernels OpenBLAS picks by itself.
    specification.environment = [
      "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1", "PATH=/usr/bin:/bin",
    ]
    let child = try ChildProcess(specification)
    let end = child.wait()
    child.errorTail?.drain()
    guard end == .exited(code: 0) else {
      let text = child.errorTail?.text ?? ""
      let remedy =
        text.contains("No module named 'numpy'")
        ? "NumPy is missing: apt-get install python3-numpy, or leave the peer out by --no-peer"
        : text
      throw Failure(description: "the NumPy peer ended with \(end): \(remedy)")
    }
    let answer = try JSONValue(parsing: try FileSystem.readFile(temporary + "/output"))
    guard let rates = answer["points_per_second"]?.array?.compactMap(\.real),
      rates.count == repeats, let deviation = answer["golden_deviation"]?.real,
      let meanB = answer["mean_b"]?.real
    else { throw Failure(description: "the NumPy peer answered \(answer)") }
    return Result(
      pointsPerSecond: Samples(rates), goldenDeviation: deviation, meanB: meanB,
      version: answer["numpy"]?.string ?? "?")
  }
}
