import Bitcoin
import Glibc

/// The options in force, each with where it came from.
///
/// Flags win over the environment, that over the file, and that over what is built in.
struct Configuration: Sendable {
    /// Where an option's value came from.
    enum Source: Sendable, Equatable {
        case standard
        case file(path: String, line: Int)
        case environment(String)
        case flag

        var text: String {
            switch self {
            case .standard: "default"
            case .file(let path, let line): "\(path) line \(line)"
            case .environment(let name): "environment \(name)"
            case .flag: "flag"
            }
        }
    }

    struct Entry: Sendable {
        var values: [String]
        var source: Source
    }

    private(set) var entries: [String: Entry] = [:]

    /// Reads the file, the environment and the flags; throws what is wrong and what would be right.
    init(flags: [String: [String]], environment: [String: String] = Self.processEnvironment())
        throws(UsageError)
    {
        for option in ConfigurationOption.all {
            if let fallback = option.fallback {
                entries[option.name] = Entry(values: [fallback], source: .standard)
            }
        }
        var fromEnvironment: [String: Entry] = [:]
        for (name, value) in environment where name.hasPrefix("SALAMA_") {
            guard let option = try Self.option(ofVariable: name) else { continue }
            fromEnvironment[option.name] = Entry(values: [value], source: .environment(name))
        }
        let fromFlags = flags.mapValues { Entry(values: $0, source: .flag) }
        let early = fromEnvironment.merging(fromFlags) { $1 }
        let file = early["configfile"]?.values.last.map(Self.expanded)
        let folder = Self.expanded(early["datadir"]?.values.last ?? "~/.salama")
        let entriesOfFile = try ConfigurationFile.read(
            file ?? folder + "/salama.conf", mustExist: file != nil)
        for layer in [entriesOfFile, fromEnvironment, fromFlags] {
            for (name, entry) in layer {
                try Self.check(name, entry)
                entries[name] = entry
            }
        }
        try applyConsequences()
    }

    /// Takes another network than the default.
    mutating func setNetwork(_ network: Network) {
        entries["network"] = Entry(values: [network.rawValue], source: .standard)
    }

    /// What one option means for another.
    private mutating func applyConsequences() throws(UsageError) {
        try applyChain()
        for option in ConfigurationOption.development where network != .regtest {
            guard let entry = entries[option.name], entry.values != ["false"] else { continue }
            throw UsageError(
                "\(option.name) is for tests on regtest, not for \(network.rawValue)"
                    + " (\(entry.source.text))")
        }
    }

    private mutating func applyChain() throws(UsageError) {
        guard self["chain"] == "embedded" else { return }
        if entries["network"]?.source == .standard {
            entries["network"] = Entry(values: ["regtest"], source: .standard)
        }
        guard network == .regtest else {
            throw UsageError(
                "--chain embedded is a regtest chain: --network must be regtest with it")
        }
    }

    private static func check(_ name: String, _ entry: Entry) throws(UsageError) {
        guard let option = ConfigurationOption.all.first(where: { $0.name == name }) else { return }
        for value in entry.values {
            if let right = option.check(value) {
                throw UsageError("\(name) must be \(right), not `\(value)` (\(entry.source.text))")
            }
        }
    }

    /// The option that a variable sets; nil for one that has nothing to do with the node.
    ///
    /// A name close to an option's is a slip and is refused. Others are let be: container platforms set variables of
    /// their own for a service of this name, and the project's tests have some that begin with `SALAMA_TEST_`.
    private static func option(ofVariable name: String) throws(UsageError) -> ConfigurationOption? {
        if let option = ConfigurationOption.all.first(where: { $0.environmentName == name }) {
            return option
        }
        let prefix = "SALAMA_"
        let names = ConfigurationOption.all.map {
            String($0.environmentName.dropFirst(prefix.count))
        }
        guard !name.hasPrefix(prefix + "TEST_"),
            let meant = nearest(to: String(name.dropFirst(prefix.count)), among: names)
        else { return nil }
        throw UsageError(
            "the environment variable \(name) names no option; did you mean \(prefix)\(meant)?")
    }

    private static func processEnvironment() -> [String: String] {
        var result: [String: String] = [:]
        var pointer = environ
        while let entry = pointer.pointee {
            let parts = String(cString: entry).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
            pointer += 1
        }
        return result
    }

    /// The value of an option; nil where nothing sets it.
    subscript(name: String) -> String? { entries[name]?.values.last }

    /// Every value of an option that may be given several times.
    func all(_ name: String) -> [String] { entries[name]?.values ?? [] }

    /// Whether a switch is on.
    func isSet(_ name: String) -> Bool { ["true", "1"].contains(self[name]) }

    /// The value of an option that holds a checked whole number.
    func integer(_ name: String) -> Int { self[name].flatMap { Int($0) } ?? 0 }

    /// The value of an option that holds a path, `~` expanded.
    func path(_ name: String) -> String? { self[name].map(Self.expanded) }

    /// Replaces a leading `~` by the home folder.
    static func expanded(_ path: String) -> String {
        guard path == "~" || path.hasPrefix("~/") else { return path }
        let home = getenv("HOME").map { String(cString: $0) } ?? "."
        return home + path.dropFirst()
    }
}

/// What the options mean for the node's files and addresses.
extension Configuration {
    var network: Network { self["network"].flatMap { Network(optionValue: $0) } ?? .mainnet }

    /// Where everything is.
    var dataFolder: String { path("datadir") ?? "." }

    /// Where what belongs to one network is: lnd's layout, in which other software looks for macaroons.
    var networkFolder: String { Self.networkFolder(of: network, in: dataFolder) }

    /// The folder of one network in a data directory.
    static func networkFolder(of network: Network, in dataFolder: String) -> String {
        "\(dataFolder)/data/chain/bitcoin/\(network.rawValue)"
    }

    /// Where the embedded chain keeps its blocks, and where it is reached.
    var embeddedFolder: String { dataFolder + "/embedded" }
    var embeddedCookie: String { embeddedFolder + "/regtest/.cookie" }
    var embeddedAddressFile: String { networkFolder + "/embedded.address" }

    /// The backups of all channels, which belong onto another disk: lnd's name.
    var backupPath: String { networkFolder + "/channel.backup" }

    var databasePath: String { networkFolder + "/node.db" }
    var certificatePath: String { path("tlscertpath") ?? dataFolder + "/tls.cert" }
    var adminMacaroonPath: String { path("macaroonpath") ?? networkFolder + "/admin.macaroon" }
    var logFolder: String { path("logdir") ?? networkFolder + "/logs" }

    /// Where a running node writes what it listens on, for commands to find.
    var addressFile: String { networkFolder + "/rest.address" }
}
