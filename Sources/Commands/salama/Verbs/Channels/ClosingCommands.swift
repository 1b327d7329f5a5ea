import Bitcoin
import JSON

/// The commands that end channels.
enum ClosingCommands {
    static let all = [closeChannel, closeAllChannels, abandonChannel]

    private static let closingFlags: [Flag] =
        SpendingCommands.feeFlags + [
            .value("max_fee_rate", "RATE", "go no higher than that while agreeing on the fee")
        ]

    private static let closeChannel = Command(
        name: "closechannel", group: .channels, summary: "close a channel",
        discussion: """
            In agreement with the peer, both get their parts as soon as the transaction is mined. With --force the node closes
            alone, for a peer that does not answer: this side's part then comes only after a delay, and fees are higher.
            """,
        positionals: ChannelOutpoint.positionals,
        flags: ChannelOutpoint.flags + [
            .toggle("force", "close without the peer"),
            .value("delivery_addr", "ADDRESS", "pay this side's part there"),
            .toggle("block", "wait until the closing transaction is mined"),
        ] + closingFlags + [.json],
        examples: [
            Example("salama closechannel 103x1x0", "closes a channel by its short id"),
            Example("salama closechannel TXID 0 --force", "closes it without the peer"),
        ],
        run: { arguments in
            var words = Words(arguments)
            var client: NodeClient?
            let point = try ChannelOutpoint.named(by: &words) {
                let made = try client ?? NodeClient(arguments)
                client = made
                return made
            }
            try words.requireEnd()
            let query = try query(arguments)
            try close(
                point, query, client ?? NodeClient(arguments), waits: arguments.isSet("block"),
                isJSON: arguments.isSet("json"))
        })

    private static func query(_ arguments: Arguments) throws(UsageError) -> [(String, String)] {
        let isForced = arguments.isSet("force")
        var query = try SpendingCommands.feeBody(arguments).members.map {
            ($0.name, $0.value.string ?? $0.value.number ?? "")
        }
        if let most = try arguments.integer("max_fee_rate", in: UInt64(1)...100_000) {
            query.append(("max_fee_per_vbyte", "\(most)"))
        }
        if let address = arguments.value("delivery_addr") {
            query.append(("delivery_address", address))
        }
        guard !isForced || query.isEmpty else {
            throw UsageError(
                "a forced close has the fee and the address that were agreed on before: leave"
                    + " fee rates and --delivery_addr out, or --force")
        }
        if isForced { query.append(("force", "true")) }
        return query
    }

    private static func close(
        _ point: ChannelOutpoint, _ query: [(String, String)], _ client: NodeClient, waits: Bool,
        isJSON: Bool
    ) throws {
        let progress = Progress("closing \(point.text)", isSilent: isJSON)
        defer { progress.finish() }
        var id = ""
        var isMined = false
        try client.stream(.delete, "/v1/channels/\(point.path)", query: query) { update in
            if let pending = update["close_pending"] {
                id = transactionText(ofBase64: pending.text("txid"))
                progress.update("closing transaction \(id); waiting for it to be mined")
                return waits
            }
            if let closed = update["chan_close"] {
                id = transactionText(ofBase64: closed.text("closing_txid"))
                isMined = true
                return false
            }
            return true
        }
        progress.finish()
        guard !id.isEmpty else {
            throw CommandFailure(
                "the node ended the closing without a transaction; `salama pendingchannels` tells whether"
                    + " it goes on")
        }
        if isJSON {
            let facts: JSONValue = ["closing_txid": .string(id)]
            return put(facts.prettyPrinted() + "\n")
        }
        put(
            isMined
                ? "The channel is closed by \(id).\n"
                : """
                The channel is being closed by
                  \(id)
                `salama pendingchannels` tells when the coins are yours again.

                """)
    }

    private static let closeAllChannels = Command(
        name: "closeallchannels", group: .channels, summary: "close all channels",
        discussion: """
            Channels whose peer does not answer are left open unless --force is given. It asks first unless
            --skip_confirmation is given.
            """,
        flags: [
            .toggle("inactive_only", "only channels whose peer does not answer"),
            .toggle("force", "close those without the peer"),
            .toggle("skip_confirmation", "do not ask", aliases: ["s"]),
        ] + SpendingCommands.feeFlags + [.json],
        examples: [Example("salama closeallchannels", "closes every channel in agreement")],
        run: runCloseAll)

    private static func runCloseAll(_ arguments: Arguments) throws {
        let fees = try SpendingCommands.feeBody(arguments).members.map {
            ($0.name, $0.value.string ?? $0.value.number ?? "")
        }
        let client = try NodeClient(arguments)
        let isForced = arguments.isSet("force")
        let chosen = try client.get("/v1/channels").list("channels").filter { channel in
            let isActive = channel.flag("active")
            return arguments.isSet("inactive_only") ? !isActive && isForced : isActive || isForced
        }
        if arguments.isSet("inactive_only"), !isForced {
            throw UsageError("a channel whose peer does not answer needs --force")
        }
        guard !chosen.isEmpty else {
            return show(["closed": []], arguments) { _ in "There is no such channel.\n" }
        }
        if !arguments.isSet("skip_confirmation") {
            let question =
                "Close \(count(chosen.count, "channel"))\(isForced ? ", those offline by force" : "")?"
            guard Prompt.confirms(question) else { throw CommandFailure("no channel was closed") }
        }
        let outcomes = chosen.map { closeOne($0, fees, client) }
        show(["closed": .array(outcomes)], arguments) { _ in
            outcomes.map { outcome in
                let error = outcome.text("error")
                return outcome.text("channel_point") + "\n  "
                    + (error.isEmpty ? "closing with \(outcome.text("closing_txid"))" : error)
                    + "\n"
            }.joined()
        }
        let failures = outcomes.count { !$0.text("error").isEmpty }
        if failures > 0 {
            throw CommandFailure("\(count(failures, "channel")) could not be closed")
        }
    }

    private static func closeOne(
        _ channel: JSONValue, _ fees: [(String, String)], _ client: NodeClient
    ) -> JSONValue {
        let point = channel.text("channel_point")
        var outcome: JSONObject = ["channel_point": .string(point)]
        do {
            let path = try ChannelOutpoint.parsed(point).path
            let query = channel.flag("active") ? fees : [("force", "true")]
            try client.stream(.delete, "/v1/channels/\(path)", query: query) { update in
                guard let pending = update["close_pending"] else { return true }
                outcome["closing_txid"] = .string(transactionText(ofBase64: pending.text("txid")))
                return false
            }
        } catch let failure as CommandFailure {
            outcome["error"] = .string(failure.message)
        } catch {
            outcome["error"] = .string("\(error)")
        }
        return .object(outcome)
    }

    private static let abandonChannel = Command(
        name: "abandonchannel", group: .channels,
        summary: "forget a channel whose funding can never be mined",
        discussion: """
            Dangerous: the node forgets everything about the channel. If its funding transaction is mined after all, this
            side's coins in it are lost.
            """,
        positionals: ChannelOutpoint.positionals,
        flags: ChannelOutpoint.flags + [
            .toggle("i_know_what_i_am_doing", "forget it all the same"), .json,
        ],
        examples: [
            Example(
                "salama abandonchannel TXID 0 --i_know_what_i_am_doing",
                "forgets the channel")
        ],
        run: { arguments in
            guard arguments.isSet("i_know_what_i_am_doing") else {
                throw UsageError(
                    "coins in the channel are lost if its funding is mined after all; if that cannot be,"
                        + " say --i_know_what_i_am_doing")
            }
            var words = Words(arguments)
            let point = try ChannelOutpoint.named(by: &words) { try NodeClient(arguments) }
            let answer = try NodeClient(arguments).delete(
                "/v1/channels/abandon/\(point.path)", query: [("i_know_what_i_am_doing", "true")])
            show(answer, arguments) { _ in "The channel \(point.text) is forgotten.\n" }
        })
}
