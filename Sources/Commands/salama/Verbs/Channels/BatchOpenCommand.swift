import JSON

/// `salama batchopenchannel`.
enum BatchOpenCommand {
    static let command = Command(
        name: "batchopenchannel", group: .channels,
        summary: "open several channels with one transaction",
        discussion: """
            Each channel is an object with node_pubkey (hexadecimal digits) and local_funding_amount, and any of push_sat,
            private, min_htlc_msat, remote_csv_delay, close_address, zero_conf, scid_alias, base_fee, fee_rate and memo. All
            of them are opened or none.
            """,
        positionals: [Positional(name: "JSON", help: "a list of channels")],
        flags: SpendingCommands.feeFlags + [
            .value("min_confs", "COUNT", "spend coins with that many confirmations (default: 1)"),
            CoinStrategyFlag.flag,
            .value("label", "TEXT", "a note to find the transaction by"), .json,
        ],
        examples: [
            Example(
                "salama batchopenchannel '[{\"node_pubkey\": \"02ab...\","
                    + " \"local_funding_amount\": 500000}]'",
                "opens the channels of the list")
        ],
        run: run)

    private static func run(_ arguments: Arguments) throws {
        let text = arguments.positional(0) ?? ""
        guard let list = try typedJSON(text, named: "the list of channels").array, !list.isEmpty
        else { throw UsageError("the channels are '[{...}, ...]', not `\(text)`") }
        var body = try SpendingCommands.feeBody(arguments)
        body["channels"] = .array(try list.map(channel))
        if let confirmations = try arguments.integer("min_confs", in: Int32(0)...Int32.max) {
            body["min_confs"] = .integer(confirmations)
            if confirmations == 0 { body["spend_unconfirmed"] = true }
        }
        try CoinStrategyFlag.add(arguments, to: &body)
        body["label"] = arguments.value("label").map(JSONValue.string)
        let answer = try NodeClient(arguments).post("/v1/channels/batch", .object(body))
        show(answer, arguments) { answer in
            let channels = answer.list("pending_channels")
            let id = channels.first.map { transactionText(ofBase64: $0.text("txid")) } ?? ""
            return """
                \(count(channels.count, "channel")) \(channels.count == 1 ? "is" : "are") being opened by
                  \(id)
                `salama pendingchannels` tells how far.

                """
        }
    }

    /// A channel as the node takes it: keys are bytes there.
    private static func channel(_ value: JSONValue) throws -> JSONValue {
        guard var object = value.object, let key = object["node_pubkey"]?.string else {
            throw UsageError("each channel has a node_pubkey: \(value.prettyPrinted())")
        }
        guard value.number("local_funding_amount") > 0 else {
            throw UsageError("the channel to \(key) has no local_funding_amount")
        }
        object["node_pubkey"] = try base64(ofHex: nodeKey(key), count: 33, named: "node_pubkey")
        return .object(object)
    }
}
