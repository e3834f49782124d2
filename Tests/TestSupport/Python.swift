import Host

/// Runs a script with the system's Python, for tests that ask whether NumPy reads what we write.
public enum Python {
  public struct Failure: Error, CustomStringConvertible {
    public var description: String
  }

  /// - Parameters:
  ///   - script: may import numpy as np; `sys.argv[1:]` are the arguments.
  /// - Returns: what it printed.
  public static func run(_ script: String, _ arguments: [String] = []) throws -> String {
    guard let program = FileSystem.findProgram("python3") else {
      throw Failure(description: "no python3 here: apt-get install python3 python3-numpy")
    }
    let folder = try TemporaryFolder()
    let output = folder.path + "/output"
    let errors = folder.path + "/errors"
    let outputFile = try FileSystem.open(output, .replace)
    let errorFile = try FileSystem.open(errors, .replace)
    var specification = ChildSpecification(
      executable: program, arguments: ["-c", "import sys\n" + script] + arguments)
    specification.descriptors = [(outputFile.raw, 1), (errorFile.raw, 2)]
    let child = try ChildProcess(specification)
    let exit = child.wait()
    guard exit == .exited(code: 0) else {
      let text = String(decoding: try FileSystem.readFile(errors), as: UTF8.self)
      let remedy = text.contains("No module named 'numpy'") ? ": apt-get install python3-numpy" : ""
      throw Failure(description: "python3 ended with \(exit)\(remedy)\n\(text)")
    }
    return String(decoding: try FileSystem.readFile(output), as: UTF8.self)
  }
}
