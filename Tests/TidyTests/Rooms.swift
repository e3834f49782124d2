import Foundation

/// What each room may import. The same stands in Package.swift, which builds by it; here it stands
/// again so that a new line there is a decision that is made twice.
enum Rooms {
  static let imports: [(room: String, imports: [String])] = [
    ("CHost", []),
    ("CKernels", []),
    ("Kernels", ["CKernels"]),
    ("SweepModel", ["Crypto"]),
    ("SweepFile", ["SweepModel", "Yams"]),
    ("Solvers", ["SweepModel", "Kernels"]),
    ("Shards", ["SweepModel", "CKernels"]),
    ("Scheduling", ["SweepModel"]),
    ("Wire", ["Scheduling", "SweepModel"]),
    ("Transport", ["CZeroMQ"]),
    ("Host", ["CHost"]),
    ("RunFolder", ["SweepModel", "Shards", "SweepFile", "Host"]),
    (
      "Runtime",
      [
        "SweepModel", "SweepFile", "Solvers", "Shards", "Scheduling", "Wire", "Transport", "Host",
        "RunFolder",
      ]
    ),
    ("Simulation", ["SweepModel", "Scheduling", "Wire", "Shards"]),
    ("Reports", ["SweepModel", "Shards", "RunFolder"]),
    (
      "spinodal",
      [
        "SweepModel", "SweepFile", "Solvers", "Shards", "Scheduling", "Transport", "Host",
        "RunFolder", "Runtime", "Reports", "ArgumentParser",
      ]
    ),
    (
      "spinodal-bench",
      [
        "SweepModel", "SweepFile", "Kernels", "Solvers", "Shards", "Scheduling", "Wire", "Host",
        "RunFolder", "Runtime", "Simulation", "Reports", "Transport", "ArgumentParser",
      ]
    ),
  ]

  /// Modules of the system and the toolchain. Foundation stands nowhere: it costs each process 4 ms of
  /// start-up and 30 ms cold, and Host does what it would be taken for.
  static let systemImports: [(room: String, imports: [String])] = [
    ("Host", ["Glibc"]),
    ("Transport", ["Glibc", "Synchronization"]),
    ("Runtime", ["Glibc", "Synchronization"]),
    ("spinodal", ["Glibc", "Synchronization"]),
    ("spinodal-bench", ["Glibc", "Synchronization"]),
  ]

  /// Values only: the same input gives the same output, on every machine and in every order.
  static let pure = ["SweepModel", "Scheduling", "Wire", "Shards", "Simulation", "Kernels"]
  static let executables = ["spinodal", "spinodal-bench"]

  static func allowed(_ room: String) -> [String] {
    let own = imports.first { $0.room == room }?.imports ?? []
    return own + (systemImports.first { $0.room == room }?.imports ?? [])
  }

  /// The rooms that a manifest names with their imports, in its order.
  static func manifest(_ contents: String) -> [(room: String, imports: [String])] {
    // A bare word is a product of a package.
    let products = [
      "crypto": "Crypto", "yams": "Yams",
      "arguments": "ArgumentParser",
    ]
    var found: [(room: String, imports: [String])] = []
    for kind in ["    room(", "    program(", "    .target(name: "] {
      for piece in contents.components(separatedBy: kind).dropFirst() {
        // The name and the first list; sources, resources and the like stand after them.
        guard let end = piece.firstIndex(where: { "])".contains($0) }) else { continue }
        let words = piece[..<end].split { ", []\n".contains($0) }.map(String.init)
        guard let name = words.first, name.hasPrefix("\""), !words.contains("path:") else {
          continue
        }
        let names = words.dropFirst().map { products[$0] ?? $0 }
        found.append((name.filter { $0 != "\"" }, names.map { $0.filter { $0 != "\"" } }))
      }
    }
    return found
  }
}
