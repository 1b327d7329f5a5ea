import Bitcoin
import JSON

/// The commands that spend on the chain.
enum SpendingCommands {
    static let all = [
        sendCoins, sendMany, estimateFee, bumpFee, bumpForceCloseFee,
        HistoryCommands.listChainTransactions,
    ]

    static let feeFlags: [Flag] = [
        .value("conf_target", "BLOCKS", "a fee rate that should confirm within so many blocks"),
        .value(
            "sat_per_vbyte", "RATE", "this fee rate, in satoshi per virtual byte",
            aliases: ["sat_per_byte"]),
    ]

    private static let buildFlags: [Flag] =
        feeFlags + [
            .value(
                "min_confs", "COUNT", "only spend coins with that many confirmations (default: 1)"),
            CoinStrategyFlag.flag,
            .value("label", "TEXT", "a note to find the transaction by"),
        ]

    private static let sendCoins = Command(
        name: "sendcoins", group: .onChain, summary: "send bitcoin to an address",
        discussion: """
            On a terminal it shows what will be sent and asks; elsewhere, and with --force, it sends at once.
            """,
        positionals: [
            Positional(name: "ADDRESS", help: "where to", isOptional: true),
            Positional(name: "AMOUNT", help: "how much, in satoshi", isOptional: true),
        ],
        flags: [
            .value("addr", "ADDRESS", "where to"), .value("amt", "AMOUNT", "how much, in satoshi"),
            .toggle("sweepall", "send all that the wallet, or the coins given with --utxo, have"),
            .value("utxo", "TXID:INDEX", "spend this coin; may be given again", isRepeatable: true),
            .toggle("force", "do not ask", aliases: ["f"]),
        ] + buildFlags + [.json],
        examples: [
            Example(
                "salama sendcoins bcrt1q... 50000 --sat_per_vbyte 2",
                "sends 50,000 sat with a fee of 2 sat/vB"),
            Example("salama sendcoins --addr bcrt1q... --sweepall", "empties the wallet"),
        ],
        run: runSendCoins)

    private static func runSendCoins(_ arguments: Arguments) throws {
        guard let address = arguments.value("addr", orPositional: 0) else {
            throw UsageError("the address is missing: salama sendcoins ADDRESS AMOUNT")
        }
        let isSweep = arguments.isSet("sweepall")
        let amountText = arguments.value(
            "amt", orPositional: arguments.value("addr") == nil ? 1 : 0)
        let amount = try arguments.integer(amountText, named: "the amount", in: amounts)
        guard isSweep != (amount != nil) else {
            throw UsageError(
                isSweep
                    ? "--sweepall sends everything: leave the amount out"
                    : "the amount is missing: salama sendcoins ADDRESS AMOUNT, or --sweepall")
        }
        var body = try buildBody(arguments)
        body["addr"] = .string(address)
        if let amount { body["amount"] = .string("\(amount)") }
        if isSweep { body["send_all"] = true }
        let coins = try arguments.all("utxo").map { text throws(UsageError) in
            try outPointBody(text)
        }
        if !coins.isEmpty { body["outpoints"] = .array(coins) }
        let client = try NodeClient(arguments)
        if Terminal.isOutput, SecretInput.isTerminal, !arguments.isSet("force"),
            !arguments.isSet("json")
        {
            put("Send \(amount.map { satoshis($0) } ?? "everything") to \(address)? [y/N] ")
            guard ["y", "yes"].contains(readLine()?.lowercased() ?? "") else {
                throw CommandFailure("nothing was sent")
            }
        }
        show(try client.post("/v1/transactions", .object(body)), arguments) {
            $0.text("txid") + "\n"
        }
    }

    static let amounts = Int64(1)...Satoshi.maximumMoney.value

    private static let sendMany = Command(
        name: "sendmany", group: .onChain, summary: "send bitcoin to several addresses at once",
        positionals: [
            Positional(
                name: "JSON", help: "addresses and amounts in satoshi: '{\"ADDRESS\": AMOUNT, ...}'"
            )
        ],
        flags: buildFlags + [.json],
        examples: [
            Example(
                "salama sendmany '{\"bcrt1q...\": 20000, \"bcrt1p...\": 30000}'",
                "pays both in one transaction")
        ],
        run: { arguments in
            var body = try buildBody(arguments)
            body["AddrToAmount"] = .object(try payments(arguments))
            let answer = try NodeClient(arguments).post("/v1/transactions/many", .object(body))
            show(answer, arguments) { $0.text("txid") + "\n" }
        })

    private static func payments(_ arguments: Arguments) throws -> JSONObject {
        try payments(arguments.positional(0) ?? "")
    }

    /// The payments of `'{"ADDRESS": AMOUNT, ...}'`.
    static func payments(_ text: String) throws -> JSONObject {
        guard let object = try? JSONValue(parsing: Array(text.utf8)).object, !object.isEmpty else {
            throw UsageError("the payments are '{\"ADDRESS\": AMOUNT, ...}', not `\(text)`")
        }
        var result = JSONObject()
        for member in object.members {
            guard
                let amount: Int64 = member.value.integer()
                    ?? member.value.string.flatMap({ Int64($0) }),
                amounts.contains(amount)
            else { throw UsageError("the amount for \(member.name) is no whole number of satoshi") }
            guard result[member.name] == nil else {
                throw UsageError("\(member.name) is there twice: give one amount for it")
            }
            result[member.name] = .string("\(amount)")
        }
        return result
    }

    private static let estimateFee = Command(
        name: "estimatefee", group: .onChain, summary: "tell what a payment would cost in fees",
        positionals: [
            Positional(
                name: "JSON", help: "addresses and amounts in satoshi: '{\"ADDRESS\": AMOUNT, ...}'"
            )
        ],
        flags: [
            .value("conf_target", "BLOCKS", "confirm within so many blocks (default: 6)"), .json,
        ],
        examples: [
            Example(
                "salama estimatefee '{\"bcrt1q...\": 20000}' --conf_target 6",
                "prints the fee and its rate")
        ],
        run: { arguments in
            let target = try arguments.integer("conf_target", in: UInt32(1)...1_008) ?? 6
            let query =
                try payments(arguments).members.map {
                    ("AddrToAmount[\($0.name)]", $0.value.string ?? "")
                }
                + [("target_conf", "\(target)")]
            let answer = try NodeClient(arguments).get("/v1/transactions/fee", query: query)
            show(answer, arguments) { answer in
                facts([
                    ("fee", satoshis(answer.number("fee_sat"))),
                    ("rate", "\(grouped(answer.number("sat_per_vbyte"))) sat/vB"),
                ])
            }
        })

    private static let bumpFee = Command(
        name: "wallet bumpfee", aliases: ["bumpfee"], group: .onChain,
        summary: "raise the fee of a transaction that waits to be mined",
        discussion: """
            The outpoint names an output of that transaction. One that the wallet made is replaced by one with a higher
            fee (BIP 125); one that pays to the wallet gets a child that pays for both.
            """,
        positionals: [Positional(name: "OUTPOINT", help: "TXID:INDEX")],
        flags: feeFlags + [
            .value("budget", "AMOUNT", "the most to spend on fees, in satoshi"),
            .toggle("immediate", "accepted as in lnd; the node never waits for a batch"), .json,
        ],
        examples: [
            Example(
                "salama wallet bumpfee TXID:0 --sat_per_vbyte 20", "raises the fee to 20 sat/vB")
        ],
        run: { arguments in
            var body = try feeBody(arguments)
            body["outpoint"] = try requiredOutPoint(arguments.positional(0))
            if let budget = try arguments.integer("budget", in: amounts) {
                body["budget"] = .string("\(budget)")
            }
            let answer = try NodeClient(arguments).post("/v2/wallet/bumpfee", .object(body))
            show(answer, arguments) { $0.text("status") + "\n" }
        })

    private static let bumpForceCloseFee = Command(
        name: "wallet bumpforceclosefee", aliases: ["bumpforceclosefee"], group: .onChain,
        summary: "raise the fee of a channel's closing without the peer",
        discussion: """
            The commitment gets a child that pays for both. The node raises fees by itself as deadlines near; this is for
            who does not want to wait.
            """,
        positionals: [Positional(name: "CHANNEL", help: "TXID:INDEX of its funding")],
        flags: feeFlags + [
            .value("budget", "AMOUNT", "the most to spend on fees, in satoshi"),
            .toggle("immediate", "accepted as in lnd; the node never waits for a batch"), .json,
        ],
        examples: [
            Example(
                "salama wallet bumpforceclosefee TXID:0 --sat_per_vbyte 20",
                "has the closing pay 20 sat/vB")
        ],
        run: { arguments in
            let fees = try feeBody(arguments)
            var body: JSONObject = [
                "chan_point": try ChannelOutpoint.parsed(arguments.positional(0) ?? "").json
            ]
            body["starting_feerate"] = fees["sat_per_vbyte"]
            body["target_conf"] = fees["target_conf"]
            if let budget = try arguments.integer("budget", in: amounts) {
                body["budget"] = .string("\(budget)")
            }
            let answer = try NodeClient(arguments).post(
                "/v2/wallet/BumpForceCloseFee", .object(body))
            show(answer, arguments) { _ in "The closing pays more now.\n" }
        })

    static func feeBody(_ arguments: Arguments) throws(UsageError) -> JSONObject {
        var body = JSONObject()
        let target = try arguments.integer("conf_target", in: UInt32(1)...1_008)
        let rate = try arguments.integer("sat_per_vbyte", in: UInt64(1)...100_000)
        guard target == nil || rate == nil else {
            throw UsageError("give either --conf_target or --sat_per_vbyte")
        }
        if let target { body["target_conf"] = .integer(target) }
        if let rate { body["sat_per_vbyte"] = .string("\(rate)") }
        return body
    }

    private static func buildBody(_ arguments: Arguments) throws(UsageError) -> JSONObject {
        var body = try feeBody(arguments)
        if let confirmations = try arguments.integer("min_confs", in: Int32(0)...Int32.max) {
            body["min_confs"] = .integer(confirmations)
            if confirmations == 0 { body["spend_unconfirmed"] = true }
        }
        try CoinStrategyFlag.add(arguments, to: &body)
        if let label = arguments.value("label") { body["label"] = .string(label) }
        return body
    }
}
