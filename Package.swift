// swift-tools-version: 6.2
import PackageDescription

// The layers, lowest first; imports point upwards only (docs/architecture.md):
//   CLibraries/  system libraries, one module each
//   Core/        pure: no clock, randomness, IO, Foundation, tasks or actors
//   Shell/       sockets, disk, processes, HTTP
//   Commands/    executables

// Faults of the core that tests can switch on (Sources/Core/Bitcoin/Mutation.swift).
let mutations: [SwiftSetting] =
    Context.environment["SALAMA_MUTATIONS"] == nil ? [] : [.define("SALAMA_MUTATIONS")]

let strict: [SwiftSetting] =
    mutations + [
        .enableExperimentalFeature("Lifetimes"),
        .enableUpcomingFeature("ExistentialAny"),
        .treatAllWarnings(as: .error),
    ]

/// A module of the pure core, in `Sources/Core/`.
func core(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/Core/\(name)",
        swiftSettings: strict)
}

/// A module that does IO, in `Sources/Shell/`.
func shell(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/Shell/\(name)",
        swiftSettings: strict)
}

/// The tests of one module, in `Tests/`.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// A C library of the platform, in `CLibraries/`.
func system(_ name: String, pkgConfig: String?, package: String) -> Target {
    .systemLibrary(
        name: name, path: "CLibraries/\(name)", pkgConfig: pkgConfig,
        providers: [.apt([package])])
}

let package = Package(
    name: "salama",
    products: [
        .executable(name: "salama", targets: ["salama"]),
        .library(name: "Salama", targets: ["Salama"]),
    ],
    targets: [
        system("CSecp256k1", pkgConfig: "libsecp256k1", package: "libsecp256k1-dev"),
        system("COpenSSL", pkgConfig: "libcrypto", package: "libssl-dev"),
        system("CSodium", pkgConfig: "libsodium", package: "libsodium-dev"),
        system("CSQLite", pkgConfig: "sqlite3", package: "libsqlite3-dev"),
        system("CEvent", pkgConfig: nil, package: "libevent-dev"),
        system("CTLS", pkgConfig: "libssl", package: "libssl-dev"),
        // Its pkg-config file names what only a static library would need, and compilers warn of that.
        system("CZeroMQ", pkgConfig: nil, package: "libzmq3-dev"),
        system("CZlib", pkgConfig: "zlib", package: "zlib1g-dev"),
        system("CQREncode", pkgConfig: "libqrencode", package: "libqrencode-dev"),

        .systemLibrary(name: "CLinux", path: "CLibraries/CLinux"),

        core("Bitcoin", ["CSecp256k1", "COpenSSL"]),
        core("LightningWire", ["Bitcoin", "CZlib"]),
        core("LightningWallet", ["Bitcoin", "LightningWire", "LightningCommitment", "CSodium"]),
        core("RegtestChain", ["Bitcoin"]),

        core("LightningCrypto", ["LightningWire", "COpenSSL", "CSodium"]),
        core("LightningInvoice", ["LightningWire"]),
        core("LightningCommitment", ["LightningWire", "LightningCrypto"]),
        core(
            "LightningPayment",
            ["LightningInvoice", "LightningCrypto", "LightningGraph", "LightningWire"]),

        core("LightningChannel", ["LightningCommitment", "LightningCrypto", "LightningWire"]),
        core("LightningOnChain", ["LightningCommitment", "LightningCrypto", "LightningWire"]),
        core("LightningGraph", ["LightningWire"]),
        core(
            "LightningNode",
            [
                "LightningChannel", "LightningGraph", "LightningOnChain", "LightningPayment",
                "LightningWallet",
            ]),

        shell("Threads", ["CLinux"]),
        shell("NodeStorage", ["LightningNode", "CSQLite"]),
        shell("NodeSimulator", ["LightningNode", "NodeStorage", "RegtestChain", "CSQLite"]),
        shell(
            "NodeRuntime", ["LightningNode", "NodeStorage", "ChainBackend", "Threads", "CLinux"]),
        shell("JSON", []),
        shell("HTTP", ["Bitcoin", "JSON"]),
        shell("HTTPServer", ["CEvent", "CLinux", "CTLS", "HTTP", "JSON", "Threads"]),
        shell("HTTPClient", ["CTLS", "HTTP", "JSON"]),
        shell(
            "ChainBackend",
            ["Bitcoin", "RegtestChain", "HTTP", "HTTPClient", "JSON", "Threads", "CZeroMQ"]),

        shell(
            "ChainServer",
            ["Bitcoin", "RegtestChain", "ChainBackend", "JSON", "HTTP", "HTTPServer", "CZeroMQ"]),
        shell("NodeAPI", ["Bitcoin", "HTTP", "HTTPClient", "JSON"]),
        shell(
            "NodeServer", ["Bitcoin", "CTLS", "HTTP", "HTTPServer", "JSON", "NodeAPI", "Threads"]),

        // What other programs import, to have a node inside them.
        shell(
            "Salama",
            [
                "Bitcoin", "LightningInvoice", "LightningNode", "LightningPayment",
                "LightningWallet", "LightningWire", "ChainBackend", "NodeRuntime", "NodeStorage",
                "Threads",
            ]),
        .executableTarget(
            name: "EmbeddedNode", dependencies: ["Salama"], path: "Examples/EmbeddedNode",
            swiftSettings: strict),

        .executableTarget(
            name: "salama",
            dependencies: [
                "Bitcoin", "LightningWallet", "LightningCrypto", "LightningInvoice",
                "LightningCommitment", "LightningChannel", "LightningGraph", "LightningNode",
                "LightningPayment", "NodeStorage", "RegtestChain", "CZlib", "JSON",
                "HTTP", "HTTPClient", "HTTPServer",
                "NodeAPI", "NodeServer", "NodeRuntime", "NodeSimulator", "ChainServer", "Salama",
                "Threads",
                "LightningWire", "CQREncode", "CSecp256k1", "COpenSSL", "CLinux",
            ],
            path: "Sources/Commands/salama",
            swiftSettings: strict),

        .target(
            name: "APISchemas", dependencies: ["JSON"], path: "Tests/APISchemas",
            swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["Bitcoin"], path: "Tests/TestSupport",
            swiftSettings: strict),

        .target(
            name: "CommitmentFixtures", dependencies: ["LightningCommitment"],
            path: "Tests/CommitmentFixtures", swiftSettings: strict),

        tests("BitcoinTests", ["Bitcoin", "TestSupport"]),
        tests("LightningCryptoTests", ["LightningCrypto", "TestSupport"]),
        tests(
            "InteropTests",
            ["LightningCrypto", "LightningInvoice", "LightningWire", "TestSupport"]),
        tests("LightningInvoiceTests", ["LightningInvoice", "TestSupport"]),
        tests(
            "LightningCommitmentTests",
            [
                "LightningCommitment", "LightningCrypto", "ChainBackend", "CommitmentFixtures",
                "RegtestChain", "TestSupport",
            ]),
        tests("LightningChannelTests", ["LightningChannel", "TestSupport"]),
        tests(
            "LightningOnChainTests",
            [
                "LightningOnChain", "LightningCommitment", "CommitmentFixtures", "RegtestChain",
                "TestSupport",
            ]),
        tests(
            "LightningPaymentTests",
            ["LightningPayment", "LightningGraph", "RouteFixtures", "TestSupport"]),
        tests("LightningGraphTests", ["LightningGraph", "TestSupport", "CZlib"]),
        tests("LightningWireTests", ["LightningWire", "TestSupport"]),
        tests("RegtestChainTests", ["RegtestChain"]),
        tests(
            "ChainBackendTests",
            [
                "Bitcoin", "ChainBackend", "ChainServer", "RegtestChain", "JSON", "CZeroMQ",
                "TestSupport",
            ]),
        tests(
            "ChainServerTests",
            [
                "Bitcoin", "ChainBackend", "ChainServer", "RegtestChain", "JSON", "HTTP",
                "HTTPClient",
                "TestSupport",
            ]),
        .target(
            name: "RouteFixtures", dependencies: ["LightningPayment", "LightningGraph"],
            path: "Tests/RouteFixtures", swiftSettings: strict),

        .target(
            name: "NodeFixtures",
            dependencies: ["LightningNode", "LightningWallet", "RegtestChain", "RouteFixtures"],
            path: "Tests/NodeFixtures", swiftSettings: strict),

        tests(
            "LightningNodeTests",
            [
                "LightningNode", "LightningWallet", "NodeFixtures", "NodeStorage", "RegtestChain",
                "TestSupport",
            ]),
        tests(
            "ChannelChainTests",
            [
                "LightningNode", "LightningWallet", "ChainBackend", "JSON", "NodeFixtures",
                "RegtestChain", "TestSupport",
            ]),
        tests("NodeStorageTests", ["NodeStorage", "LightningNode", "CSQLite"]),
        tests(
            "NodeSimulatorTests",
            ["Bitcoin", "NodeSimulator", "MutationRunner", "Threads", "TestSupport"]),
        .executableTarget(
            name: "MutationRunner", dependencies: ["Bitcoin", "NodeSimulator"],
            path: "Tests/MutationRunner", swiftSettings: strict),
        tests("NodeRuntimeTests", ["LightningCrypto", "NodeRuntime", "Threads"]),
        tests(
            "CommandTests",
            ["salama", "Bitcoin", "HTTP", "HTTPServer", "JSON", "NodeServer", "TestSupport"]),
        tests("SalamaTests", ["Salama", "EmbeddedNode", "TestSupport"]),
        tests(
            "DaemonTests",
            [
                "salama", "APISchemas", "Bitcoin", "HTTP", "HTTPClient", "JSON", "TestSupport",
                "Threads",
            ]),
        tests("HTTPTests", ["HTTP", "HTTPServer", "HTTPClient", "JSON", "TestSupport"]),
        tests("JSONTests", ["JSON"]),
        tests(
            "LightningWalletTests",
            ["LightningWallet", "LightningCommitment", "RegtestChain", "TestSupport"]),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Bitcoin", "HTTP", "JSON", "LightningChannel", "LightningCommitment",
                "LightningWire", "LightningCrypto", "LightningGraph", "LightningInvoice",
                "NodeServer", "TestSupport",
            ],
            path: "Tests/FuzzTargets", swiftSettings: strict),
        tests("FuzzTargetsTests", ["FuzzTargets"]),
        tests(
            "NodeServerTests",
            [
                "APISchemas", "Bitcoin", "HTTP", "HTTPClient", "HTTPServer", "JSON", "NodeAPI",
                "NodeServer",
            ]),
        tests("TestSupportTests", ["TestSupport"]),
        tests("TidyTests", []),
    ],
    swiftLanguageModes: [.v6]
)

// The fuzzer needs libFuzzer's instrumentation in everything, so `scripts/fuzz` builds it apart.
if Context.environment["SALAMA_FUZZ"] != nil {
    package.targets += [
        .systemLibrary(name: "CLibFuzzer", path: "CLibraries/CLibFuzzer"),
        .executableTarget(
            name: "Fuzzer", dependencies: ["FuzzTargets", "CLibFuzzer"], path: "Tests/Fuzzer",
            swiftSettings: strict),
    ]
}

// The tidy test reads the sources as text, so `make lint` builds it alone, in seconds.
if Context.environment["SALAMA_LINT"] != nil {
    package.targets.removeAll { $0.name != "TidyTests" }
    package.products = []
}

// A target is built anew when a module changes that it names here, and not when one does that it sees through another: each
// names them all, or what it was compiled to would disagree with the module about the layout of its types.
let named = Dictionary(
    uniqueKeysWithValues: package.targets.map { target in
        (
            target.name,
            target.dependencies.compactMap { dependency -> String? in
                if case .byNameItem(let name, _) = dependency { name } else { nil }
            }
        )
    })
for target in package.targets {
    var reached: Set<String> = []
    var next = named[target.name] ?? []
    while let name = next.popLast() {
        if reached.insert(name).inserted { next += named[name] ?? [] }
    }
    target.dependencies = reached.sorted().map { .byName(name: $0) }
}
