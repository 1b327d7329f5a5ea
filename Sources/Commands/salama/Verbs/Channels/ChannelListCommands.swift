import JSON

/// The commands that show channels.
enum ChannelListCommands {
    static let all = [listChannels, closedChannels, channelBalance]

    private static let listChannels = Command(
        name: "listchannels", group: .channels, summary: "list the open channels",
        discussion: """
            The bar shows what of a channel is on this side (full) and on the other (shaded). Channels are named by their
            place in the chain; --json has everything about them.
            """,
        flags: [
            .toggle("active_only", "only channels whose peer is there"),
            .toggle("inactive_only", "only channels whose peer is not there"),
            .toggle("public_only", "only channels that the network knows"),
            .toggle("private_only", "only channels that it does not"),
            .value("peer", "KEY", "only channels with that node"),
            .toggle("skip_peer_alias_lookup", "show keys, not names"), .json,
        ],
        examples: [Example("salama listchannels", "prints each channel with both balances")],
        run: { arguments in
            var query: [(String, String)] = []
            for (one, other) in [("active_only", "inactive_only"), ("public_only", "private_only")]
            {
                guard !arguments.isSet(one) || !arguments.isSet(other) else {
                    throw UsageError("--\(one) and --\(other) leave nothing: give one of them")
                }
                for name in [one, other] where arguments.isSet(name) {
                    query.append((name, "true"))
                }
            }
            if let key = arguments.value("peer") {
                let bytes = try bytes(ofHex: nodeKey(key), count: 33, named: "--peer")
                query.append(("peer", Base64.encodeURL(bytes)))
            }
            if !arguments.isSet("skip_peer_alias_lookup") {
                query.append(("peer_alias_lookup", "true"))
            }
            let answer = try NodeClient(arguments).get("/v1/channels", query: query)
            show(answer, arguments, channelTable)
        })

    private static func channelTable(_ answer: JSONValue) -> String {
        let channels = answer.list("channels")
        guard !channels.isEmpty else {
            return "There is no such channel: `salama openchannel --help`.\n"
        }
        var table = Table([
            .left("channel"), .left("peer"), .right("here (sat)"), .left(""),
            .right("there (sat)"), .left("state"),
        ])
        for channel in channels {
            let (local, remote) = (
                channel.number("local_balance"), channel.number("remote_balance")
            )
            table.add([
                channelText(channel.text("chan_id")),
                nodeName(channel.text("peer_alias"), channel.text("remote_pubkey"), width: 14),
                grouped(local), balanceBar(local, remote), grouped(remote), state(channel),
            ])
        }
        let all = channels.reduce(into: (0 as Int64, 0 as Int64)) { sums, channel in
            sums.0 &+= channel.number("local_balance")
            sums.1 &+= channel.number("remote_balance")
        }
        guard channels.count > 1 else { return table.text }
        table.add([
            "all", "", grouped(all.0), balanceBar(all.0, all.1), grouped(all.1), "",
        ])
        return table.text
    }

    private static func state(_ channel: JSONValue) -> String {
        let words = [
            channel.flag("active") ? "" : "offline", channel.flag("private") ? "private" : "",
            channel.list("pending_htlcs").isEmpty
                ? "" : "\(channel.list("pending_htlcs").count) pending",
        ].filter { !$0.isEmpty }
        return words.isEmpty ? "usable" : words.joined(separator: ", ")
    }

    private static let closedChannels = Command(
        name: "closedchannels", group: .channels, summary: "list the channels that are closed",
        flags: [
            .toggle("cooperative", "those closed in agreement"),
            .toggle("local_force", "those closed by this node alone"),
            .toggle("remote_force", "those closed by the peer alone"),
            .toggle("breach", "those closed by a peer with a state that was revoked"),
            .toggle("funding_canceled", "those whose funding never came"),
            .toggle("abandoned", "those that were forgotten by hand"), .json,
        ],
        examples: [Example("salama closedchannels", "prints how and when each was closed")],
        run: { arguments in
            let names = [
                "cooperative", "local_force", "remote_force", "breach", "funding_canceled",
                "abandoned",
            ]
            let query = names.filter(arguments.isSet).map { ($0, "true") }
            let answer = try NodeClient(arguments).get("/v1/channels/closed", query: query)
            show(answer, arguments, closedTable)
        })

    private static func closedTable(_ answer: JSONValue) -> String {
        let channels = answer.list("channels")
        guard !channels.isEmpty else { return "There is no such channel.\n" }
        var table = Table([
            .left("channel"), .left("peer"), .right("capacity"), .right("settled (sat)"),
            .right("block"), .left("closed"),
        ])
        for channel in channels {
            table.add([
                channelText(channel.text("chan_id")), shortKey(channel.text("remote_pubkey")),
                grouped(channel.number("capacity")), grouped(channel.number("settled_balance")),
                grouped(channel.number("close_height")), closure(channel),
            ])
        }
        return table.text
    }

    private static func closure(_ channel: JSONValue) -> String {
        switch channel.text("close_type") {
        case "COOPERATIVE_CLOSE": "in agreement"
        case "LOCAL_FORCE_CLOSE": "alone"
        case "REMOTE_FORCE_CLOSE": "by the peer"
        case "BREACH_CLOSE": "peer cheated"
        case "FUNDING_CANCELED": "never funded"
        case "ABANDONED": "forgotten"
        case let other: other
        }
    }

    private static let channelBalance = Command(
        name: "channelbalance", group: .channels, summary: "tell how much the channels hold",
        flags: [.json],
        examples: [Example("salama channelbalance", "prints what is on either side")],
        run: { arguments in
            let answer = try NodeClient(arguments).get("/v1/balance/channels")
            show(answer, arguments, balanceTable)
        })

    private static func balanceTable(_ answer: JSONValue) -> String {
        func sum(_ name: String) -> Int64 { answer[name]?.number("sat") ?? 0 }
        let rows = [
            ("open", sum("local_balance"), sum("remote_balance")),
            ("in payments", sum("unsettled_local_balance"), sum("unsettled_remote_balance")),
            (
                "opening", sum("pending_open_local_balance"), sum("pending_open_remote_balance")
            ),
        ]
        var table = Table([
            .left(""), .right("here (sat)"), .left(""), .right("there (sat)"),
        ])
        for (name, local, remote) in rows {
            table.add([name, grouped(local), balanceBar(local, remote, width: 20), grouped(remote)])
        }
        return table.text
    }
}
