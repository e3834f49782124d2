// swift-tools-version: 6.2
import PackageDescription

/// One target a room. The list below is the architecture: a room imports what stands in its line and
/// nothing else; TidyTests hold every import line of Sources against the same table.
let settings: [SwiftSetting] = [.treatAllWarnings(as: .error)]

func room(_ name: String, _ imports: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: imports, exclude: ["Design.md"], swiftSettings: settings)
}

func program(
  _ name: String, _ imports: [Target.Dependency], exclude: [String] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: imports, exclude: exclude, swiftSettings: settings)
}

func tests(_ name: String, _ imports: [Target.Dependency], resources: [Resource] = []) -> Target {
  .testTarget(
    name: name, dependencies: imports + ["TestSupport"], resources: resources,
    swiftSettings: settings)
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let arguments = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "spinodal",
  products: [
    .executable(name: "spinodal", targets: ["spinodal"]),
    .executable(name: "spinodal-bench", targets: ["spinodal-bench"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CZeroMQ", pkgConfig: "libzmq", providers: [.apt(["libzmq3-dev"]), .brew(["zeromq"])]),
    .target(name: "CHost"),
    .target(name: "CKernels"),

    room("Kernels", ["CKernels"]),
    room("SweepModel", [crypto]),
    room("SweepFile", ["SweepModel", yams]),
    room("Solvers", ["SweepModel", "Kernels"]),
    room("Shards", ["SweepModel", "CKernels"]),
    room("Scheduling", ["SweepModel"]),
    room("Wire", ["Scheduling", "SweepModel"]),
    room("Transport", ["CZeroMQ"]),
    room("Host", ["CHost"]),
    room("RunFolder", ["SweepModel", "Shards", "SweepFile", "Host"]),
    room(
      "Runtime",
      [
        "SweepModel", "SweepFile", "Solvers", "Shards", "Scheduling", "Wire", "Transport", "Host",
        "RunFolder",
      ]),
    room("Simulation", ["SweepModel", "Scheduling", "Wire", "Shards"]),
    room("Reports", ["SweepModel", "Shards", "RunFolder"]),
    program(
      "spinodal",
      [
        "SweepModel", "SweepFile", "Solvers", "Shards", "Scheduling", "Transport", "Host",
        "RunFolder", "Runtime", "Reports", arguments,
      ]),
    program(
      "spinodal-bench",
      [
        "SweepModel", "SweepFile", "Kernels", "Solvers", "Shards", "Scheduling", "Wire", "Host",
        "RunFolder", "Runtime", "Simulation", "Reports", "Transport", arguments,
      ], exclude: ["Peers"]),

    .target(
      name: "TestSupport", dependencies: ["Host", "Shards", "SweepModel"],
      path: "Tests/TestSupport",
      swiftSettings: settings),
    tests("SweepModelTests", ["SweepModel"]),
    tests("SweepFileTests", ["SweepFile", "SweepModel"]),
    tests("KernelsTests", ["Kernels"]),
    tests(
      "SolversTests", ["Solvers", "Kernels", "SweepModel"], resources: [.copy("Golden")]),
    tests("ShardsTests", ["Shards", "SweepModel"]),
    tests("SchedulingTests", ["Scheduling", "SweepModel"]),
    tests("WireTests", ["Wire", "Scheduling", "SweepModel"]),
    tests("TransportTests", ["Transport"]),
    tests("HostTests", ["Host"]),
    tests(
      "RunFolderTests", ["RunFolder", "Shards", "SweepModel", "SweepFile", "Host"],
      resources: [.copy("Formats")]),
    tests(
      "RuntimeTests",
      [
        "Runtime", "RunFolder", "Scheduling", "Shards", "Solvers", "SweepModel", "Host", "spinodal",
      ]),
    tests("SimulationTests", ["Simulation", "Scheduling", "Shards", "Wire", "SweepModel"]),
    tests("ReportsTests", ["Reports", "RunFolder", "Shards", "SweepModel", "Host"]),
    tests(
      "CommandLineTests", ["spinodal", "Runtime", "Scheduling", "Transport", "SweepModel", "Host"]),
    tests("TidyTests", []),
  ],
  swiftLanguageModes: [.v6]
)
