import Bitcoin
import JSON
import NodeRuntime

/// The commands about what this node takes for forwarding, and what it has earned.
enum PolicyCommands {
    static let all = [updateChannelPolicy, feeReport, forwardingHistory]

    private static let updateChannelPolicy = Command(
        name: "updatechanpolicy", group: .channels,
        summary: "change what forwarding costs, for one channel or for all",
        positionals: [
            Positional(name: "BASE_FEE", help: "msat for each payment", isOptional: true),
            Positional(name: "FEE_RATE", help: "a fraction, as 0.0001", isOptional: true),
            Positional(name: "TIME_LOCK_DELTA", help: "in blocks", isOptional: true),
            Positional(name: "CHANNEL", help: "TXID:INDEX; all if not given", isOptional: true),
        ],
        flags: [
            .value("base_fee_msat", "FEE", "what each payment costs, in msat"),
            .value("fee_rate", "FRACTION", "what it costs by its size, as 0.0001"),
            .value("fee_rate_ppm", "RATE", "the same in millionths"),
            .value(
                "inbound_base_fee_msat", "FEE", "what payments that come in by it cost, in msat"),
            .value("inbound_fee_rate_ppm", "RATE", "the same by their size, in millionths"),
            .value("time_lock_delta", "BLOCKS", "the time between incoming and outgoing expiry"),
            .value("min_htlc_msat", "AMOUNT", "the smallest payment to forward"),
            .value("max_htlc_msat", "AMOUNT", "the largest payment to forward"),
            .value("chan_point", "TXID:INDEX", "only for this channel"),
            .toggle("create_missing_edge", "accepted as in lnd; no channel lacks its terms here"),
            .json,
        ],
        examples: [
            Example(
                "salama updatechanpolicy --base_fee_msat 1000 --fee_rate_ppm 100"
                    + " --time_lock_delta 80", "sets what all channels ask")
        ],
        run: { arguments in
            var words = Words(arguments)
            let body = try policy(&words)
            let client = try NodeClient(arguments)
            let answer = try client.post("/v1/chanpolicy", .object(body))
            show(answer, arguments) { answer in
                let failures = answer.list("failed_updates")
                return failures.isEmpty
                    ? "The new terms are in force and on their way to the network.\n"
                    : failures.map {
                        "\(outPointText($0["outpoint"])): \($0.text("update_error"))\n"
                    }.joined()
            }
            let failures = answer.list("failed_updates").count
            if failures > 0 {
                throw CommandFailure("\(count(failures, "channel")) kept the old terms")
            }
        })

    private static func policy(_ words: inout Words) throws(UsageError) -> JSONObject {
        let arguments = words.arguments
        guard let base = try words.integer("base_fee_msat", in: Int64(0)...Int64(UInt32.max)) else {
            throw UsageError("base_fee_msat is missing: what each payment costs")
        }
        var body: JSONObject = ["base_fee_msat": .string("\(base)")]
        if let rate = try arguments.integer("fee_rate_ppm", in: 0...UInt32.max) {
            guard arguments.value("fee_rate") == nil else {
                throw UsageError("give either --fee_rate or --fee_rate_ppm")
            }
            body["fee_rate_ppm"] = .integer(rate)
        } else {
            let text = try words.require("fee_rate", "a fraction as 0.0001, or --fee_rate_ppm")
            body["fee_rate_ppm"] = .integer(try millionths(text, named: "fee_rate"))
        }
        guard let delta = try words.integer("time_lock_delta", in: 1...UInt32(UInt16.max)) else {
            throw UsageError("time_lock_delta is missing: a number of blocks, such as 80")
        }
        body["time_lock_delta"] = .integer(delta)
        if let point = words.take("chan_point") {
            body["chan_point"] = try ChannelOutpoint.parsed(point).json
        } else {
            body["global"] = true
        }
        if arguments.isSet("create_missing_edge") { body["create_missing_edge"] = true }
        try words.requireEnd()
        try addLimits(arguments, &body)
        return body
    }

    private static func addLimits(
        _ arguments: Arguments, _ body: inout JSONObject
    ) throws(UsageError) {
        if let least = try arguments.integer("min_htlc_msat", in: 0...UInt64.max) {
            body["min_htlc_msat"] = .string("\(least)")
            body["min_htlc_msat_specified"] = true
        }
        if let most = try arguments.integer("max_htlc_msat", in: 1...UInt64.max) {
            body["max_htlc_msat"] = .string("\(most)")
        }
        let range = Int32.min...Int32.max
        let base = try arguments.integer("inbound_base_fee_msat", in: range)
        let rate = try arguments.integer("inbound_fee_rate_ppm", in: range)
        guard (base == nil) == (rate == nil) else {
            throw UsageError("--inbound_base_fee_msat and --inbound_fee_rate_ppm go together")
        }
        if let base, let rate {
            body["inbound_fee"] = [
                "base_fee_msat": .integer(base), "fee_rate_ppm": .integer(rate),
            ]
        }
    }

    private static let feeReport = Command(
        name: "feereport", group: .channels,
        summary: "tell what forwarding costs and has earned",
        flags: [.json],
        examples: [
            Example("salama feereport", "prints each channel's fees and the sums of a day and more")
        ],
        run: { arguments in
            let answer = try NodeClient(arguments).get("/v1/fees")
            show(answer, arguments) { answer in
                var table = Table([
                    .left("channel"), .right("base (msat)"), .right("rate (ppm)"),
                    .right("inbound base"), .right("inbound rate"),
                ])
                for channel in answer.list("channel_fees") {
                    table.add([
                        channelText(channel.text("chan_id")),
                        grouped(channel.number("base_fee_msat")),
                        grouped(channel.number("fee_per_mil")),
                        grouped(channel.number("inbound_base_fee_msat")),
                        grouped(channel.number("inbound_fee_per_mil")),
                    ])
                }
                let sums = facts([
                    ("earned in a day", satoshis(answer.number("day_fee_sum"))),
                    ("in a week", satoshis(answer.number("week_fee_sum"))),
                    ("in a month", satoshis(answer.number("month_fee_sum"))),
                ])
                return (table.isEmpty ? "" : table.text + "\n") + sums
            }
        })

    private static let forwardingHistory = Command(
        name: "fwdinghistory", group: .payments, summary: "list the payments that were forwarded",
        positionals: [
            Positional(
                name: "START", help: "from then on; a day ago if not given", isOptional: true),
            Positional(name: "END", help: "until then; now if not given", isOptional: true),
            Positional(name: "OFFSET", help: "leave out so many", isOptional: true),
            Positional(name: "COUNT", help: "at most so many", isOptional: true),
        ],
        flags: [
            .value("start_time", "TIME", "from then on: seconds since 1970, or as -1w"),
            .value("end_time", "TIME", "until then (default: now)"),
            .value("index_offset", "COUNT", "leave out so many"),
            .value("max_events", "COUNT", "at most so many (default: 100)"),
            .value(
                "incoming_chan_ids", "CHANNEL", "only what came in by it; may be given again",
                isRepeatable: true),
            .value(
                "outgoing_chan_ids", "CHANNEL", "only what went out by it; may be given again",
                isRepeatable: true),
            .toggle("skip_peer_alias_lookup", "show channels, not names"), .json,
        ],
        examples: [Example("salama fwdinghistory -1w", "prints what was forwarded in a week")],
        run: { arguments in
            var words = Words(arguments)
            let now = WallClock.now.seconds
            let start = try moment(
                words.take("start_time") ?? "-1d", now: now, named: "start_time")
            let end = try words.take("end_time").map { text throws(UsageError) in
                try moment(text, now: now, named: "end_time")
            }
            var body: JSONObject = [
                "start_time": .string("\(start)"), "end_time": .string("\(end ?? now)"),
                "peer_alias_lookup": .bool(!arguments.isSet("skip_peer_alias_lookup")),
            ]
            if let offset = try words.integer("index_offset", in: 0...UInt32.max) {
                body["index_offset"] = .integer(offset)
            }
            body["num_max_events"] = .integer(
                try words.integer("max_events", in: 1...UInt32(50_000)) ?? 100)
            for name in ["incoming_chan_ids", "outgoing_chan_ids"] {
                let ids = try arguments.all(name).map(channelNumber)
                if !ids.isEmpty { body[name] = .array(ids) }
            }
            let answer = try NodeClient(arguments).post("/v1/switch", .object(body))
            show(answer, arguments, forwardingTable)
        })

    private static func forwardingTable(_ answer: JSONValue) -> String {
        let events = answer.list("forwarding_events")
        guard !events.isEmpty else { return "Nothing was forwarded in that time.\n" }
        var table = Table([
            .left("time (UTC)"), .left("in by"), .left("out by"), .right("sat"),
            .right("fee (sat)"),
        ])
        var fees: Int64 = 0
        for event in events {
            fees &+= event.number("fee_msat")
            table.add([
                dateText(event.number("timestamp")),
                side(event.text("peer_alias_in"), event.text("chan_id_in")),
                side(event.text("peer_alias_out"), event.text("chan_id_out")),
                millisatoshis(event.number("amt_out_msat")),
                millisatoshis(event.number("fee_msat")),
            ])
        }
        let next = answer.number("last_offset_index")
        return table.text
            + "\(count(events.count, "payment")), \(millisatoshis(fees)) sat in fees"
            + "; --index_offset \(next) goes on from there\n"
    }

    private static func side(_ alias: String, _ channel: String) -> String {
        let name = printable(alias)
        return name.isEmpty || name.hasPrefix("unable to lookup")
            ? channelText(channel) : nodeName(alias, "", width: 14)
    }
}
