import Bitcoin
import NodeRuntime

/// One option of the node, with its name as in lnd where it means the same.
struct ConfigurationOption: Sendable {
    let name: String
    /// Other names; one letter for a short flag.
    var aliases: [String] = []
    let section: Section
    /// What stands for the value in the help; nil for a switch.
    let value: String?
    let help: String
    /// What is in force where nothing sets it; nil for nothing.
    var fallback: String?
    /// How the fallback reads where it follows from other options.
    var fallbackText: String?
    var isSecret = false
    var isRepeatable = false
    /// Says what would be right where a value is wrong; nil where it is right.
    var check: @Sendable (String) -> String? = { _ in nil }

    enum Section: String, CaseIterable, Sendable {
        case node = "Node"
        case peers = "Peers"
        case tor = "Tor"
        case api = "API"
        case chain = "Chain"
        case bitcoind = "bitcoind"
        case log = "Log"
        case development = "Development"
    }

    /// The environment variable that sets it: `SALAMA_BITCOIND_RPCHOST` for `bitcoind.rpchost`.
    var environmentName: String {
        "SALAMA_"
            + name.uppercased().map { $0 == "." || $0 == "-" ? "_" : String($0) }.joined()
    }

    /// The flag that sets it.
    var flag: Flag {
        let shown = fallbackText ?? fallback
        return Flag(
            name: name, aliases: aliases, value: value,
            help: help + (shown.map { " (default: \($0))" } ?? ""), isRepeatable: isRepeatable)
    }
}

extension ConfigurationOption {
    /// All options, in the order of the help.
    static let all: [ConfigurationOption] = Array(
        [node, peers, tor, api, chain, bitcoind, log, development].joined())

    private static let node: [ConfigurationOption] = [
        ConfigurationOption(
            name: "datadir", section: .node, value: "FOLDER",
            help: "where the node keeps everything", fallback: "~/.salama"),
        ConfigurationOption(
            name: "configfile", aliases: ["C"], section: .node, value: "FILE",
            help: "the file that options are read from", fallbackText: "salama.conf in the datadir"),
        ConfigurationOption(
            name: "network", section: .node, value: "NAME",
            help: "mainnet, testnet, testnet4, signet or regtest", fallback: "mainnet",
            fallbackText: "mainnet; regtest with --chain embedded",
            check: {
                Network(optionValue: $0) == nil
                    ? "mainnet, testnet, testnet4, signet or regtest" : nil
            }),
        ConfigurationOption(
            name: "alias", section: .node, value: "NAME",
            help: "the name that the network sees, at most 32 bytes", fallback: "salama",
            check: { $0.utf8.count <= 32 ? nil : "at most 32 bytes of UTF-8" }),
        ConfigurationOption(
            name: "color", section: .node, value: "#RRGGBB",
            help: "the colour that the network sees", fallback: "#3399ff", check: checkColor),
        ConfigurationOption(
            name: "accept-keysend", section: .node, value: nil,
            help: "take payments that nobody asked for, which carry their own preimage",
            fallback: "false", check: checkBoolean),
        ConfigurationOption(
            name: "wallet-unlock-password-file", section: .node, value: "FILE",
            help: "unlock the wallet at the start with the password in that file"),
        ConfigurationOption(
            name: "check-database", section: .node, value: nil,
            help: "read every page of the database at the start, and refuse a damaged one",
            fallback: "false", check: checkBoolean),
        ConfigurationOption(
            name: "wallet-unlock-allow-create", section: .node, value: nil,
            help: "as in lnd's files; changes nothing: without a wallet, the node waits for one",
            fallback: "false", check: checkBoolean),
    ]

    private static let api: [ConfigurationOption] = [
        ConfigurationOption(
            name: "restlisten", section: .api, value: "HOST:PORT",
            help: "where the REST API listens; port 0 lets the system choose",
            fallback: "127.0.0.1:8080", check: checkHostAndPort),
        ConfigurationOption(
            name: "restcors", section: .api, value: "ORIGIN",
            help:
                "a web origin, as https://wallet.example, whose pages may use the REST API; * for all",
            isRepeatable: true),
        ConfigurationOption(
            name: "prometheus.listen", section: .api, value: "HOST:PORT",
            help: "where figures for Prometheus are served without TLS and macaroons",
            fallbackText: "/metrics of the REST API alone, with a macaroon for getinfo",
            check: checkHostAndPort),
        ConfigurationOption(
            name: "rpcserver", section: .api, value: "HOST:PORT",
            help: "where commands find the node's REST API",
            fallbackText: "what the node in the datadir listens on", check: checkHostAndPort),
        ConfigurationOption(
            name: "tlscertpath", section: .api, value: "FILE", help: "the TLS certificate",
            fallbackText: "tls.cert in the datadir"),
        ConfigurationOption(
            name: "tlsextraip", section: .api, value: "ADDRESS",
            help: "one more address for a new certificate", isRepeatable: true),
        ConfigurationOption(
            name: "tlsextradomain", section: .api, value: "NAME",
            help: "one more name for a new certificate", isRepeatable: true),
        ConfigurationOption(
            name: "macaroonpath", section: .api, value: "FILE",
            help: "the macaroon that commands show to the node",
            fallbackText: "admin.macaroon in the network's folder of the datadir"),
    ]

    private static let chain: [ConfigurationOption] = [
        ConfigurationOption(
            name: "chain", section: .chain, value: "KIND",
            help: "bitcoind, or embedded: a regtest chain inside the node", fallback: "bitcoind",
            check: { ["bitcoind", "embedded"].contains($0) ? nil : "bitcoind or embedded" }),
        ConfigurationOption(
            name: "embedded.blocktime", section: .chain, value: "SECONDS",
            help: "mine a block on the embedded chain that often; 0 only on demand",
            fallback: "0", check: { checkNumber($0, 0...86_400) }),
    ]

    private static let bitcoind: [ConfigurationOption] = [
        ConfigurationOption(
            name: "bitcoind.rpchost", section: .bitcoind, value: "HOST[:PORT]",
            help: "where bitcoind answers", fallback: "127.0.0.1",
            fallbackText: "127.0.0.1 and the network's port"),
        ConfigurationOption(
            name: "bitcoind.rpcuser", section: .bitcoind, value: "NAME",
            help: "the user that bitcoind knows"),
        ConfigurationOption(
            name: "bitcoind.rpcpass", section: .bitcoind, value: "PASSWORD",
            help: "that user's password", isSecret: true),
        ConfigurationOption(
            name: "bitcoind.rpccookie", section: .bitcoind, value: "FILE",
            help: "bitcoind's cookie file, instead of user and password",
            fallbackText: ".cookie in the network's folder of ~/.bitcoin"),
        ConfigurationOption(
            name: "bitcoind.zmqpubrawblock", section: .bitcoind, value: "tcp://HOST:PORT",
            help: "where bitcoind publishes blocks; polled where it is not given"),
        ConfigurationOption(
            name: "bitcoind.zmqpubrawtx", section: .bitcoind, value: "tcp://HOST:PORT",
            help: "where bitcoind publishes transactions; polled where it is not given"),
    ]

    private static let log: [ConfigurationOption] = [
        ConfigurationOption(
            name: "debuglevel", aliases: ["d"], section: .log, value: "LEVELS",
            help: "trace, debug, info, warn or error, for all or as in wallet=debug,chain=trace",
            fallback: "info", check: checkLogLevels),
        ConfigurationOption(
            name: "logformat", section: .log, value: "FORM", help: "text or json", fallback: "text",
            check: { Log.Format(rawValue: $0) == nil ? "text or json" : nil }),
        ConfigurationOption(
            name: "logdir", section: .log, value: "FOLDER", help: "where salama.log is kept",
            fallbackText: "logs in the network's folder of the datadir"),
        ConfigurationOption(
            name: "maxlogfiles", section: .log, value: "COUNT",
            help: "how many log files are kept", fallback: "3",
            check: { checkNumber($0, 1...1_000) }),
        ConfigurationOption(
            name: "maxlogfilesize", section: .log, value: "MB",
            help: "how large a log file grows", fallback: "10",
            check: { checkNumber($0, 1...10_000) }),
    ]
}

extension ConfigurationOption {
    static func checkBoolean(_ text: String) -> String? {
        ["true", "false", "1", "0"].contains(text) ? nil : "true or false"
    }

    static func checkNumber(_ text: String, _ range: ClosedRange<Int>) -> String? {
        Int(text).map(range.contains) == true
            ? nil : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }

    private static func checkColor(_ text: String) -> String? {
        let isColor =
            text.utf8.count == 7 && text.hasPrefix("#") && text.dropFirst().allSatisfy(\.isHexDigit)
        return isColor ? nil : "a # and six hexadecimal digits"
    }

    private static func checkLogLevels(_ text: String) -> String? {
        do throws(LogLevelError) {
            _ = try LogLevels(parsing: text)
            return nil
        } catch {
            return "one of \(error.choices.joined(separator: ", ")), alone or as in wallet=debug"
        }
    }

    static func checkHostAndPort(_ text: String) -> String? {
        HostAndPort(text) == nil ? "HOST:PORT with a port from 0 to 65535" : nil
    }
}

/// A host and a port, as in `127.0.0.1:8080` or `[::1]:8080`. Without a host, as in `:8080`, it is every address.
struct HostAndPort: Equatable, Sendable {
    let host: String
    let port: UInt16

    init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        self.init(host: host.isEmpty ? "0.0.0.0" : String(host), port: port)
    }

    var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension Network {
    /// The network of that name, as options have it.
    init?(optionValue: String) {
        self.init(rawValue: optionValue == "testnet3" ? "testnet" : optionValue)
    }
}
