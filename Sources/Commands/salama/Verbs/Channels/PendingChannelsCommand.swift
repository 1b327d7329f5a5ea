import JSON

/// `salama pendingchannels`.
enum PendingChannelsCommand {
    static let command = Command(
        name: "pendingchannels", group: .channels,
        summary: "list the channels that are being opened or closed",
        flags: [
            .toggle("include_raw_tx", "with --json: the closing transactions themselves"), .json,
        ],
        examples: [Example("salama pendingchannels", "prints what each of them waits for")],
        run: { arguments in
            let query = arguments.isSet("include_raw_tx") ? [("include_raw_tx", "true")] : []
            let answer = try NodeClient(arguments).get("/v1/channels/pending", query: query)
            show(answer, arguments, text)
        })

    private static func text(_ answer: JSONValue) -> String {
        let parts = [
            section("Opening", answer.list("pending_open_channels"), opening),
            section("Closing, not mined yet", answer.list("waiting_close_channels"), waiting),
            section("Closing in agreement", answer.list("pending_closing_channels"), closing),
            section(
                "Closed by force, not all claimed yet",
                answer.list("pending_force_closing_channels"), forced),
        ].filter { !$0.isEmpty }
        guard !parts.isEmpty else { return "No channel is being opened or closed.\n" }
        let limbo = answer.number("total_limbo_balance")
        let end = limbo > 0 ? "\n\(satoshis(limbo)) will come back from channels that close.\n" : ""
        return parts.joined(separator: "\n") + end
    }

    private static func section(
        _ heading: String, _ entries: [JSONValue], _ facts: (JSONValue) -> [String]
    ) -> String {
        guard !entries.isEmpty else { return "" }
        return heading + "\n"
            + entries.map { entry in
                let channel = entry["channel"] ?? [:]
                let (local, remote) = (
                    channel.number("local_balance"), channel.number("remote_balance")
                )
                let first =
                    "with \(shortKey(channel.text("remote_node_pub"))): \(grouped(local)) sat"
                    + " \(balanceBar(local, remote)) \(grouped(remote)) sat"
                let lines = [channel.text("channel_point"), first] + facts(entry)
                return lines.enumerated().map {
                    ($0.offset == 0 ? "  " : "    ") + $0.element + "\n"
                }
                .joined()
            }.joined()
    }

    private static func opening(_ entry: JSONValue) -> [String] {
        let missing = entry.number("confirmations_until_active")
        return [
            entry.number("confirmation_height") > 0 && missing > 0
                ? "mined; \(count(missing, "more confirmation")) until it can be used"
                : "waits for its funding transaction to be mined"
        ]
    }

    private static func waiting(_ entry: JSONValue) -> [String] {
        let id = entry.text("closing_txid")
        return [
            "\(satoshis(entry.number("limbo_balance"))) to come back",
            id.isEmpty ? "waits for the payments in it to end" : "by \(id)",
        ]
    }

    private static func closing(_ entry: JSONValue) -> [String] {
        ["by \(entry.text("closing_txid"))"]
    }

    private static func forced(_ entry: JSONValue) -> [String] {
        let blocks = entry.number("blocks_til_maturity")
        var lines = ["by \(entry.text("closing_txid"))"]
        lines.append(
            "\(satoshis(entry.number("recovered_balance"))) are back,"
                + " \(satoshis(entry.number("limbo_balance"))) to come"
                + (blocks > 0 ? " in \(count(blocks, "block")) or later" : ""))
        let payments = entry.list("pending_htlcs").count
        if payments > 0 { lines.append("\(count(payments, "payment")) still to be claimed") }
        return lines
    }
}
