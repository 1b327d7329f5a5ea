import Bitcoin
import JSON

/// `salama openchannel`.
enum OpenChannelCommand {
    static let command = Command(
        name: "openchannel", group: .channels, summary: "open a channel to a node",
        discussion: """
            The node must be connected, or --connect say where it is. The command ends when the funding transaction is
            on its way; with --block, when the channel can be used.
            """,
        positionals: [
            Positional(name: "KEY", help: "the node's public key", isOptional: true),
            Positional(name: "AMOUNT", help: "what to put into it, in satoshi", isOptional: true),
            Positional(
                name: "PUSH", help: "how much of it is the other side's from the start",
                isOptional: true),
        ],
        flags: flags,
        examples: [
            Example(
                "salama openchannel 02ab... 1000000 --connect 127.0.0.1:9735 --block",
                "connects, opens a channel of 1,000,000 sat and waits until it can be used"),
            Example(
                "salama openchannel --node_key 02ab... --local_amt 500000 --private",
                "opens a channel that is not announced"),
        ],
        run: run)

    private static let flags: [Flag] =
        [
            .value("node_key", "KEY", "the node's public key"),
            .value("connect", "HOST:PORT", "connect to the node there first"),
            .value("local_amt", "AMOUNT", "what to put into the channel, in satoshi"),
            .toggle("fundmax", "put all into it that the wallet, or the coins of --utxo, have"),
            .value(
                "utxo", "TXID:INDEX", "fund it with this coin; may be given again",
                isRepeatable: true),
            .value("push_amt", "AMOUNT", "how much of it is the other side's from the start"),
            .toggle("block", "wait until the channel can be used"),
        ] + SpendingCommands.feeFlags + [
            .value("min_confs", "COUNT", "spend coins with that many confirmations (default: 1)"),
            .toggle("private", "do not announce the channel to the network"),
            .value(
                "close_address", "ADDRESS",
                "pay this side's part there, and nowhere else, when the channel is closed"),
            .value("channel_type", "TYPE", "anchors or tweakless (default: what both know best)"),
            .toggle("zero_conf", "use the channel before its funding is mined, if the peer agrees"),
            .toggle("scid_alias", "name the channel by an alias alone, if the peer agrees"),
            .value("base_fee_msat", "FEE", "the fee for each payment forwarded, in msat"),
            .value("fee_rate_ppm", "RATE", "the fee in millionths of each payment forwarded"),
            .value("min_htlc_msat", "AMOUNT", "the smallest payment to take, in msat"),
            .value("remote_csv_delay", "BLOCKS", "how long the peer waits if it closes alone"),
            .value("max_local_csv", "BLOCKS", "the longest wait to accept if this side does"),
            .value(
                "remote_max_value_in_flight_msat", "AMOUNT",
                "the most that the peer may have on the way at once, in msat"),
            .value("remote_reserve_sats", "AMOUNT", "what the peer must always keep"),
            .value("memo", "TEXT", "a note to know the channel by"),
            .toggle("psbt", "fund it with a transaction of another wallet, step by step"),
            .value("base_psbt", "BASE64", "with --psbt: add the channel to this transaction"),
            .toggle("no_publish", "with --psbt: more channels go into the same transaction"), .json,
        ]

    private static func run(_ arguments: Arguments) throws {
        var words = Words(arguments)
        let key = try nodeKey(words.require("node_key", "salama openchannel KEY AMOUNT"))
        let body = try request(for: key, &words)
        let client = try NodeClient(arguments)
        if let host = arguments.value("connect") {
            try connect(client, to: host, key: key, arguments)
        }
        let opening = OpeningProgress(
            client: client, waits: arguments.isSet("block"), isJSON: arguments.isSet("json"))
        guard arguments.isSet("psbt") else { return try opening.run(body) }
        try PSBTFunding(client, arguments).run(body, opening)
    }

    /// What the node is asked for.
    private static func request(
        for key: String, _ words: inout Words
    ) throws(UsageError) -> JSONObject {
        let arguments = words.arguments
        let amount = try words.integer("local_amt", in: SpendingCommands.amounts)
        let push = try words.integer("push_amt", in: Int64(0)...Satoshi.maximumMoney.value)
        try words.requireEnd()
        guard arguments.isSet("fundmax") != (amount != nil) else {
            throw UsageError(
                amount == nil
                    ? "the amount is missing: salama openchannel KEY AMOUNT, or --fundmax"
                    : "--fundmax decides the amount: leave the other out")
        }
        var body = try SpendingCommands.feeBody(arguments)
        body["node_pubkey"] = try base64(ofHex: key, count: 33, named: "the node's key")
        if let amount { body["local_funding_amount"] = .string("\(amount)") }
        if let push, push > 0 {
            guard push < amount ?? .max else {
                throw UsageError("push_amt \(push) is not below local_amt \(amount ?? 0)")
            }
            body["push_sat"] = .string("\(push)")
        }
        try addCoins(arguments, &body)
        try addTerms(arguments, &body)
        return body
    }

    private static func addCoins(
        _ arguments: Arguments, _ body: inout JSONObject
    ) throws(UsageError) {
        if arguments.isSet("fundmax") { body["fund_max"] = true }
        let coins = try arguments.all("utxo").map { text throws(UsageError) in
            try outPointBody(text)
        }
        if !coins.isEmpty { body["outpoints"] = .array(coins) }
        if let confirmations = try arguments.integer("min_confs", in: Int32(0)...Int32.max) {
            body["min_confs"] = .integer(confirmations)
            if confirmations == 0 { body["spend_unconfirmed"] = true }
        }
    }

    private static func addTerms(
        _ arguments: Arguments, _ body: inout JSONObject
    ) throws(UsageError) {
        for name in ["private", "zero_conf", "scid_alias"] where arguments.isSet(name) {
            body[name] = true
        }
        for name in ["close_address", "memo"] {
            body[name] = arguments.value(name).map(JSONValue.string)
        }
        if let type = arguments.value("channel_type") {
            let types = ["anchors": "ANCHORS", "tweakless": "STATIC_REMOTE_KEY"]
            guard let name = types[type] else {
                throw UsageError("a channel's type is anchors or tweakless, not `\(type)`")
            }
            body["commitment_type"] = .string(name)
        }
        let fees = [
            ("base_fee_msat", "base_fee", "use_base_fee"),
            ("fee_rate_ppm", "fee_rate", "use_fee_rate"),
        ]
        for (flag, field, use) in fees {
            guard let value = try arguments.integer(flag, in: 0...UInt32.max) else { continue }
            body[field] = .string("\(value)")
            body[use] = true
        }
        let amounts = [
            ("min_htlc_msat", "min_htlc_msat"),
            ("remote_max_value_in_flight_msat", "remote_max_value_in_flight_msat"),
            ("remote_reserve_sats", "remote_chan_reserve_sat"),
        ]
        for (flag, field) in amounts {
            guard let value = try arguments.integer(flag, in: Int64(0)...Int64.max) else {
                continue
            }
            body[field] = .string("\(value)")
        }
        for name in ["remote_csv_delay", "max_local_csv"] {
            guard let value = try arguments.integer(name, in: 1...UInt32(UInt16.max)) else {
                continue
            }
            body[name] = .integer(value)
        }
    }

    private static func connect(
        _ client: NodeClient, to host: String, key: String, _ arguments: Arguments
    ) throws {
        let progress = Progress("connecting to \(host)", isSilent: arguments.isSet("json"))
        defer { progress.finish() }
        do {
            _ = try client.post(
                "/v1/peers",
                ["addr": ["pubkey": .string(key), "host": .string(host)], "perm": false])
        } catch {
            guard error.message.contains("already connected") else { throw error }
        }
    }
}
