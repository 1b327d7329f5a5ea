import Bitcoin
import JSON

/// The commands about nodes that this one has a connection to.
enum PeerCommands {
    static let all = [connect, disconnect, listPeers]

    private static let connect = Command(
        name: "connect", group: .peers, summary: "connect to a node",
        discussion: "The port is 9735 where none is given.",
        positionals: [
            Positional(name: "KEY@HOST", help: "the node's public key, an @ and its address")
        ],
        flags: [
            .toggle("perm", "keep the connection: connect again whenever it is lost"),
            .value("timeout", "TIME", "give up after that long, as in 30s"), .json,
        ],
        examples: [Example("salama connect 02ab...@127.0.0.1:9735", "connects to that node")],
        run: { arguments in
            let text = arguments.positional(0) ?? ""
            guard let address = PeerAddressText(text) else {
                throw UsageError("a node is KEY@HOST or KEY@HOST:PORT, not `\(text)`")
            }
            var body: JSONObject = [
                "addr": [
                    "pubkey": .string(try nodeKey(address.key)), "host": .string(address.host),
                ],
                "perm": .bool(arguments.isSet("perm")),
            ]
            if let text = arguments.value("timeout") {
                body["timeout"] = .string("\(try seconds(text, named: "--timeout"))")
            }
            let answer = try NodeClient(arguments).post("/v1/peers", .object(body))
            show(answer, arguments) { _ in
                arguments.isSet("perm")
                    ? "Connecting to \(shortKey(address.key)) until it works, and again when lost.\n"
                    : "Connected to \(address.key).\n"
            }
        })

    private static let disconnect = Command(
        name: "disconnect", group: .peers, summary: "end the connection to a node",
        positionals: [Positional(name: "KEY", help: "the node's public key", isOptional: true)],
        flags: [.value("node_key", "KEY", "the node's public key"), .json],
        examples: [Example("salama disconnect 02ab...", "ends the connection")],
        run: { arguments in
            var words = Words(arguments)
            let key = try nodeKey(words.require("node_key", "salama disconnect KEY"))
            let answer = try NodeClient(arguments).delete("/v1/peers/\(key)")
            show(answer, arguments) { _ in "Disconnected from \(key).\n" }
        })

    private static let listPeers = Command(
        name: "listpeers", group: .peers, summary: "list the nodes that are connected",
        flags: [.toggle("list_errors", "with --json: all noted errors, not just the last"), .json],
        examples: [Example("salama listpeers", "prints each peer with its address and ping time")],
        run: { arguments in
            let query = arguments.isSet("list_errors") ? [] : [("latest_error", "true")]
            let answer = try NodeClient(arguments).get("/v1/peers", query: query)
            show(answer, arguments, peerList)
        })

    private static func peerList(_ answer: JSONValue) -> String {
        let peers = answer.list("peers")
        guard !peers.isEmpty else { return "No node is connected: `salama connect KEY@HOST`.\n" }
        return peers.map { peer in
            var facts = [
                "\(peer.flag("inbound") ? "from" : "to") \(printable(peer.text("address")))"
            ]
            // In microseconds; 0 before the first answer.
            let ping = peer.number("ping_time")
            if ping > 0 { facts.append("ping \(pingText(ping))") }
            facts.append("sent \(byteText(peer.number("bytes_sent")))")
            facts.append("received \(byteText(peer.number("bytes_recv")))")
            if let error = peer.list("errors").last {
                facts.append("last error: \(printable(error.text("error")))")
            }
            return peer.text("pub_key") + "\n  " + facts.joined(separator: ", ") + "\n"
        }.joined()
    }

    private static func pingText(_ microseconds: Int64) -> String {
        microseconds < 10_000
            ? "\(microseconds / 1_000).\(microseconds / 100 % 10) ms"
            : "\(grouped(microseconds / 1_000)) ms"
    }
}

/// `KEY@HOST[:PORT]`.
struct PeerAddressText {
    let key: String
    let host: String

    init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        key = String(parts[0])
        host = String(parts[1])
    }
}

/// A count of bytes in the unit that suits it: `1.2 kB`.
func byteText(_ count: Int64) -> String {
    var (value, unit) = (count, "B")
    for larger in ["kB", "MB", "GB", "TB"] where value >= 10_000 {
        value /= 1_000
        unit = larger
    }
    return "\(grouped(value)) \(unit)"
}
