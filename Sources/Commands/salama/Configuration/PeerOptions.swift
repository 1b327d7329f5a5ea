import NodeRuntime

/// The options about peers, Tor and development.
extension ConfigurationOption {
    static let peers: [ConfigurationOption] = [
        ConfigurationOption(
            name: "listen", section: .peers, value: "HOST[:PORT]",
            help: "where peers connect; port 0 lets the system choose",
            fallbackText: "port 9735 of every address", isRepeatable: true,
            check: checkListening),
        ConfigurationOption(
            name: "nolisten", section: .peers, value: nil, help: "let no peers connect",
            fallback: "false", check: checkBoolean),
        ConfigurationOption(
            name: "externalip", section: .peers, value: "HOST[:PORT]",
            help: "where the network is told that the node is", isRepeatable: true,
            check: checkEndpoint),
        ConfigurationOption(
            name: "addpeer", section: .peers, value: "KEY@HOST[:PORT]",
            help: "a peer to stay connected with", isRepeatable: true,
            check: checkAddress),
        ConfigurationOption(
            name: "nobootstrap", section: .peers, value: nil,
            help: "ask no DNS seed for peers while there are none", fallback: "false",
            check: checkBoolean),
        ConfigurationOption(
            name: "connectiontimeout", section: .peers, value: "TIME",
            help: "how long a connection may take to be there", fallback: "10s",
            check: checkDuration),
        ConfigurationOption(
            name: "minbackoff", section: .peers, value: "TIME",
            help: "the first pause before a lost peer is tried again", fallback: "1s",
            check: checkDuration),
        ConfigurationOption(
            name: "maxbackoff", section: .peers, value: "TIME",
            help: "the longest pause before a lost peer is tried again", fallback: "1h",
            check: checkDuration),
        ConfigurationOption(
            name: "num-restricted-slots", section: .peers, value: "COUNT",
            help: "how many peers without channels may be connected that came by themselves",
            fallback: "100", check: checkSlots),
        ConfigurationOption(
            name: "maxpendingchannels", section: .peers, value: "COUNT",
            help: "how many channels of one peer may wait to be open", fallback: "5",
            check: checkPending),
        ConfigurationOption(
            name: "minchansize", section: .peers, value: "SATOSHI",
            help: "the smallest channel that a peer may open", fallback: "20000",
            check: checkAmount),
        ConfigurationOption(
            name: "maxchansize", section: .peers, value: "SATOSHI",
            help: "the largest channel that a peer may open", fallbackText: "no limit",
            check: checkAmount),
    ]

    static let tor: [ConfigurationOption] = [
        ConfigurationOption(
            name: "tor.active", section: .tor, value: nil, help: "reach peers through Tor",
            fallback: "false", check: checkBoolean),
        ConfigurationOption(
            name: "tor.socks", section: .tor, value: "HOST:PORT", help: "Tor's SOCKS5 proxy",
            fallback: "127.0.0.1:9050", check: checkHostAndPort),
        ConfigurationOption(
            name: "tor.streamisolation", section: .tor, value: nil,
            help: "give every peer a circuit of its own", fallback: "false", check: checkBoolean),
        ConfigurationOption(
            name: "tor.skip-proxy-for-clearnet-targets", section: .tor, value: nil,
            help: "reach only Tor services through Tor", fallback: "false", check: checkBoolean),
        ConfigurationOption(
            name: "tor.v3", section: .tor, value: nil,
            help: "let peers connect to a Tor service of version 3", fallback: "false",
            check: checkBoolean),
        ConfigurationOption(
            name: "tor.control", section: .tor, value: "HOST:PORT",
            help: "Tor's control port, which makes that service", fallback: "127.0.0.1:9051",
            check: checkHostAndPort),
        ConfigurationOption(
            name: "tor.password", section: .tor, value: "PASSWORD",
            help: "the control port's password, where it does not use a cookie", isSecret: true),
        ConfigurationOption(
            name: "tor.targetipaddress", section: .tor, value: "ADDRESS",
            help: "where Tor finds this machine", fallback: "127.0.0.1"),
        ConfigurationOption(
            name: "tor.privatekeypath", section: .tor, value: "FILE",
            help: "the key of the Tor service",
            fallbackText: "v3_onion_private_key in the network's folder of the datadir"),
    ]

    static let development: [ConfigurationOption] = [
        ConfigurationOption(
            name: "dev-keys", section: .development, value: "FILE",
            help: "keys of the node and of every channel, as JSON; regtest only"),
        ConfigurationOption(
            name: "dev-reconnect", section: .development, value: "TIME",
            help: "the longest pause before a lost peer is tried again; regtest only",
            check: checkDuration),
        ConfigurationOption(
            name: "dev-funding-depth", section: .development, value: "BLOCKS",
            help: "how often the funding of a channel has to be confirmed; regtest only",
            check: checkDepth),
        ConfigurationOption(
            name: "dev-set-timeout", section: .development, value: "TIME",
            help: "how long the missing parts of a payment are waited for; regtest only",
            check: checkDuration),
        ConfigurationOption(
            name: "dev-ping", section: .development, value: "TIME",
            help: "how long a peer may be silent, and take for an answer; regtest only",
            check: checkDuration),
    ]

    private static func checkListening(_ text: String) -> String? {
        PeerEndpoint(listening: text) == nil ? "HOST or HOST:PORT" : nil
    }

    private static func checkEndpoint(_ text: String) -> String? {
        PeerEndpoint(text) == nil ? "HOST or HOST:PORT" : nil
    }

    private static func checkAddress(_ text: String) -> String? {
        PeerAddress(text) == nil ? "KEY@HOST:PORT" : nil
    }

    private static func checkSlots(_ text: String) -> String? { checkNumber(text, 0...10_000) }

    private static func checkPending(_ text: String) -> String? { checkNumber(text, 1...1_000) }

    private static func checkAmount(_ text: String) -> String? {
        checkNumber(text, 0...2_100_000_000_000_000)
    }

    private static func checkDepth(_ text: String) -> String? { checkNumber(text, 1...100) }

    private static func checkDuration(_ text: String) -> String? {
        Milliseconds(text) == nil ? "a time as 500ms, 10s, 5m or 1h" : nil
    }
}

/// A length of time as options have it: `500ms`, `10s`, `5m`, `1h` or several of them together.
struct Milliseconds: Equatable {
    let value: UInt64

    init?(_ text: String) {
        var rest = text[...]
        var total: UInt64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let number = UInt32(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            switch unit {
            case "ms": total += UInt64(number)
            case "s": total += UInt64(number) * 1_000
            case "m": total += UInt64(number) * 60_000
            case "h": total += UInt64(number) * 3_600_000
            default: return nil
            }
        }
        guard !text.isEmpty else { return nil }
        value = total
    }
}

extension PeerEndpoint {
    /// Reads where to listen: as usual, or `:port` for every address.
    init?(listening text: String) {
        if text.hasPrefix(":"), let port = UInt16(text.dropFirst()) {
            self.init(host: "0.0.0.0", port: port)
        } else {
            self.init(text)
        }
    }
}
