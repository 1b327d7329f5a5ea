import Bitcoin
import JSON

/// The commands about the Lightning network as this node knows it.
enum GraphCommands {
    static let all = [getNetworkInfo, describeGraph, getNodeInfo, getChannelInfo]

    private static let getNetworkInfo = Command(
        name: "getnetworkinfo", group: .network, summary: "tell how large the network is",
        flags: [.json],
        examples: [Example("salama getnetworkinfo", "prints nodes, channels and capacities")],
        run: { arguments in
            let answer = try NodeClient(arguments).get("/v1/graph/info")
            show(answer, arguments) { info in
                facts([
                    ("nodes", grouped(info.number("num_nodes"))),
                    ("channels", grouped(info.number("num_channels"))),
                    ("capacity", satoshis(info.number("total_network_capacity"))),
                    ("average", satoshis(wholePart(info, "avg_channel_size"))),
                    ("median", satoshis(info.number("median_channel_size_sat"))),
                    ("smallest", satoshis(info.number("min_channel_size"))),
                    ("largest", satoshis(info.number("max_channel_size"))),
                    ("channels a node", oneDigit(info, "avg_out_degree")),
                    ("at most", grouped(info.number("max_out_degree"))),
                ])
            }
        })

    /// The digits before the point of a number that may have a fraction.
    private static func wholePart(_ answer: JSONValue, _ key: String) -> Int64 {
        answer[key]?.number?.split(separator: ".").first.flatMap { Int64($0) } ?? 0
    }

    private static func oneDigit(_ answer: JSONValue, _ key: String) -> String {
        let parts = (answer[key]?.number ?? "0").split(separator: ".")
        return "\(parts.first ?? "0")" + (parts.count > 1 ? ".\(parts[1].prefix(1))" : "")
    }

    private static let describeGraph = Command(
        name: "describegraph", group: .network, summary: "list all channels of the network",
        flags: [
            .toggle("include_unannounced", "also this node's channels that are not announced"),
            proof, .json,
        ],
        examples: [Example("salama describegraph --json", "prints every node and channel")],
        run: { arguments in
            let query = asked(arguments, "include_unannounced", "include_auth_proof")
            let answer = try NodeClient(arguments).get("/v1/graph", query: query)
            show(answer, arguments, graphTable)
        })

    private static let proof = Flag.toggle(
        "include_auth_proof", "with --json: the signatures by which both nodes tell of a channel")

    /// Those of these flags that are set, as a query has them.
    private static func asked(_ arguments: Arguments, _ names: String...) -> [(String, String)] {
        names.filter { arguments.isSet($0) }.map { ($0, "true") }
    }

    private static func graphTable(_ graph: JSONValue) -> String {
        let edges = graph.list("edges")
        let names = Dictionary(
            graph.list("nodes").map { ($0.text("pub_key"), $0.text("alias")) },
            uniquingKeysWith: { first, _ in first })
        var table = Table([
            .left("channel"), .left("between"), .left("and"), .right("capacity (sat)"),
        ])
        for edge in edges {
            let (one, two) = (edge.text("node1_pub"), edge.text("node2_pub"))
            table.add([
                channelText(edge.text("channel_id")), nodeName(names[one] ?? "", one),
                nodeName(names[two] ?? "", two), grouped(edge.number("capacity")),
            ])
        }
        let sum = "\(count(names.count, "node")), \(count(edges.count, "channel"))\n"
        return (edges.isEmpty ? "" : table.text) + sum
    }

    private static let getNodeInfo = Command(
        name: "getnodeinfo", group: .network, summary: "tell what is known of a node",
        positionals: [Positional(name: "KEY", help: "its public key", isOptional: true)],
        flags: [
            .value("pub_key", "KEY", "its public key"),
            .toggle("include_channels", "list its channels, too"), proof, .json,
        ],
        examples: [Example("salama getnodeinfo 02ab...", "prints alias, addresses and capacity")],
        run: { arguments in
            var words = Words(arguments)
            let key = try nodeKey(words.require("pub_key", "salama getnodeinfo KEY"))
            let query = asked(arguments, "include_channels", "include_auth_proof")
            let answer = try NodeClient(arguments).get("/v1/graph/node/\(key)", query: query)
            show(answer, arguments, nodeText)
        })

    private static func nodeText(_ answer: JSONValue) -> String {
        let node = answer["node"] ?? [:]
        var rows = [
            ("node", node.text("pub_key")), ("alias", printable(node.text("alias"))),
            ("color", printable(node.text("color"))),
        ]
        for (index, address) in node.list("addresses").enumerated() {
            rows.append((index == 0 ? "addresses" : "", printable(address.text("addr"))))
        }
        let update = node.number("last_update")
        rows += [
            ("announced (UTC)", update > 0 ? dateText(update) : "never"),
            ("channels", grouped(answer.number("num_channels"))),
            ("capacity", satoshis(answer.number("total_capacity"))),
        ]
        let channels = answer.list("channels")
        guard !channels.isEmpty else { return facts(rows) }
        var table = Table([.left("channel"), .left("with"), .right("capacity (sat)")])
        for channel in channels {
            let isFirst = channel.text("node1_pub") == node.text("pub_key")
            table.add([
                channelText(channel.text("channel_id")),
                shortKey(channel.text(isFirst ? "node2_pub" : "node1_pub")),
                grouped(channel.number("capacity")),
            ])
        }
        return facts(rows) + "\n" + table.text
    }

    private static let getChannelInfo = Command(
        name: "getchaninfo", group: .network, summary: "tell what is known of a channel",
        positionals: [
            Positional(name: "CHANNEL", help: "a number or BLOCKxTXxOUTPUT", isOptional: true)
        ],
        flags: [
            .value("chan_id", "CHANNEL", "a number or BLOCKxTXxOUTPUT"),
            .value("chan_point", "TXID:INDEX", "its funding output"), proof, .json,
        ],
        examples: [Example("salama getchaninfo 103x1x0", "prints both sides' terms")],
        run: { arguments in
            let answer: JSONValue
            if let text = arguments.value("chan_point") {
                let point = try ChannelOutpoint.parsed(text)
                answer = try NodeClient(arguments).get(
                    "/v1/graph/edge/0",
                    query: [("chan_point", point.text)] + asked(arguments, "include_auth_proof"))
            } else {
                var words = Words(arguments)
                let text = try words.require("chan_id", "salama getchaninfo CHANNEL")
                let id = try shortChannelID(text)
                answer = try NodeClient(arguments).get(
                    "/v1/graph/edge/\(id.value)", query: asked(arguments, "include_auth_proof"))
            }
            show(answer, arguments, channelFacts)
        })

    private static func channelFacts(_ edge: JSONValue) -> String {
        var text = facts([
            ("channel", channelText(edge.text("channel_id"))),
            ("funding", edge.text("chan_point")),
            ("capacity", satoshis(edge.number("capacity"))),
        ])
        for side in ["node1", "node2"] {
            let policy = edge["\(side)_policy"] ?? .null
            text += "\nsent by \(edge.text("\(side)_pub"))\n"
            guard !policy.isNull else {
                text += "  has not said its terms yet\n"
                continue
            }
            let state = policy.flag("disabled") ? "does not forward at present\n" : ""
            text += state.isEmpty ? "" : "  " + state
            text += "  \(grouped(policy.number("fee_base_msat"))) msat"
            text += " and \(grouped(policy.number("fee_rate_milli_msat"))) ppm,"
            text += " \(count(policy.number("time_lock_delta"), "block")),"
            text += " \(millisatoshis(policy.number("min_htlc"))) to"
            text += " \(millisatoshis(policy.number("max_htlc_msat"))) sat\n"
        }
        return text
    }
}
