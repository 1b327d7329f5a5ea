import Bitcoin
import JSON

/// The commands below `wallet psbt`, named as in lncli.
enum PSBTCommands {
    static let all = [fund, fundTemplate, sign, finalize]

    private static let templateFlags: [Flag] =
        [
            .value("template_psbt", "BASE64", "a PSBT to begin with"),
            .value(
                "outputs", "JSON", "addresses and amounts in satoshi: '{\"ADDRESS\": AMOUNT, ...}'"),
            .value("inputs", "JSON", "the coins to spend: '[\"TXID:INDEX\", ...]'"),
        ] + SpendingCommands.feeFlags + [
            CoinStrategyFlag.flag,
            .value(
                "min_confs", "COUNT", "only add coins with that many confirmations (default: 1)"),
        ]

    private static let fund = Command(
        name: "wallet psbt fund", group: .onChain,
        summary: "make a PSBT that pays, with coins and change of the wallet",
        discussion: """
            With inputs, in the template or by --inputs, no coins are added: they have to pay for outputs and fee. The coins
            are leased for ten minutes.
            """,
        flags: templateFlags + [
            .value("sat_per_kw", "RATE", "this fee rate, in satoshi per 1,000 units of weight"),
            .json,
        ],
        examples: [
            Example(
                "salama wallet psbt fund --outputs '{\"bcrt1q...\": 20000}' --sat_per_vbyte 2",
                "prints a PSBT to be signed")
        ],
        run: { arguments in
            var body = try commonBody(arguments)
            if let rate = try arguments.integer("sat_per_kw", in: 1...UInt32.max) {
                guard body["target_conf"] == nil, body["sat_per_vbyte"] == nil else {
                    throw UsageError("give one of --conf_target, --sat_per_vbyte and --sat_per_kw")
                }
                body["sat_per_kw"] = .string("\(rate)")
            }
            if let template = try template(arguments) {
                body["psbt"] = .string(template)
            } else {
                body["raw"] = .object(try rawTemplate(arguments))
            }
            try fund(body, arguments)
        })

    private static let fundTemplate = Command(
        name: "wallet psbt fundtemplate", group: .onChain,
        summary: "add coins and change to a PSBT that others began",
        discussion: """
            Inputs and outputs of the template stay as they are, in their order. The wallet's own among its inputs must be
            leased (`salama wallet leaseoutput`); others' must tell their amounts and scripts.
            """,
        flags: [.value("template_psbt", "BASE64", "the PSBT to begin with")]
            + SpendingCommands.feeFlags + [
                CoinStrategyFlag.flag,
                .value(
                    "min_confs", "COUNT",
                    "only add coins with that many confirmations (default: 1)"),
                .value(
                    "change_output_index", "INDEX",
                    "the output that takes what is left over; -1 adds one (default: -1)"),
                .json,
            ],
        examples: [
            Example(
                "salama wallet psbt fundtemplate --template_psbt cHNidP8B... --sat_per_vbyte 2",
                "prints the PSBT with what it lacked")
        ],
        run: { arguments in
            var body = try commonBody(arguments)
            guard let template = try template(arguments) else {
                throw UsageError("the PSBT is missing: --template_psbt BASE64")
            }
            let change = try arguments.integer("change_output_index", in: Int32(-1)...Int32.max)
            var select: JSONObject = ["psbt": .string(template)]
            if let change, change >= 0 {
                select["existing_output_index"] = .integer(change)
            } else {
                select["add"] = true
            }
            body["coin_select"] = .object(select)
            try fund(body, arguments)
        })

    private static let sign = Command(
        name: "wallet psbt sign", group: .onChain, summary: "add the wallet's signatures to a PSBT",
        positionals: [Positional(name: "PSBT", help: "in base64", isOptional: true)],
        flags: [.value("funded_psbt", "BASE64", "the PSBT"), .json],
        examples: [Example("salama wallet psbt sign cHNidP8B...", "prints the signed PSBT")],
        run: { arguments in
            let body: JSONValue = ["funded_psbt": .string(try fundedPSBT(arguments))]
            let answer = try NodeClient(arguments).post("/v2/wallet/psbt/sign", body)
            show(answer, arguments) { $0.text("signed_psbt") + "\n" }
        })

    private static let finalize = Command(
        name: "wallet psbt finalize", group: .onChain,
        summary: "sign a PSBT and make the transaction of it",
        discussion: "It is not sent: `salama wallet publishtx` does that.",
        positionals: [Positional(name: "PSBT", help: "in base64", isOptional: true)],
        flags: [.value("funded_psbt", "BASE64", "the PSBT"), .json],
        examples: [
            Example("salama wallet psbt finalize cHNidP8B...", "prints the finished transaction")
        ],
        run: { arguments in
            let body: JSONValue = ["funded_psbt": .string(try fundedPSBT(arguments))]
            let answer = try NodeClient(arguments).post("/v2/wallet/psbt/finalize", body)
            show(answer, arguments) { hexOfBase64($0.text("raw_final_tx")) + "\n" }
        })

    private static func fund(_ body: JSONObject, _ arguments: Arguments) throws {
        let answer = try NodeClient(arguments).post("/v2/wallet/psbt/fund", .object(body))
        show(answer, arguments) { answer in
            var table = Table([.left("leased coin"), .right("amount (sat)"), .left("until (UTC)")])
            for lease in answer.list("locked_utxos") {
                table.add([
                    outPointText(lease["outpoint"]), grouped(lease.number("value")),
                    dateText(lease.number("expiration")),
                ])
            }
            let change = answer.number("change_output_index")
            return answer.text("funded_psbt") + "\n\n" + (table.isEmpty ? "" : table.text)
                + (change < 0 ? "There is no change.\n" : "Output \(change) is change.\n")
        }
    }

    private static func commonBody(_ arguments: Arguments) throws(UsageError) -> JSONObject {
        var body = try SpendingCommands.feeBody(arguments)
        if let count = try arguments.integer("min_confs", in: Int32(0)...Int32.max) {
            body["min_confs"] = .integer(count)
            if count == 0 { body["spend_unconfirmed"] = true }
        }
        try CoinStrategyFlag.add(arguments, to: &body)
        return body
    }

    /// The PSBT of `--template_psbt`; nil where the template is told otherwise.
    private static func template(_ arguments: Arguments) throws(UsageError) -> String? {
        guard let text = arguments.value("template_psbt") else { return nil }
        guard arguments.value("outputs") == nil, arguments.value("inputs") == nil else {
            throw UsageError("give either --template_psbt or --outputs with --inputs")
        }
        return try checked(text)
    }

    private static func rawTemplate(_ arguments: Arguments) throws -> JSONObject {
        guard let text = arguments.value("outputs") else {
            throw UsageError("what is to be paid is missing: --template_psbt or --outputs")
        }
        var raw: JSONObject = ["outputs": .object(try SpendingCommands.payments(text))]
        if let text = arguments.value("inputs") {
            guard let coins = try? JSONValue(parsing: Array(text.utf8)).array, !coins.isEmpty else {
                throw UsageError("--inputs is '[\"TXID:INDEX\", ...]', not `\(text)`")
            }
            raw["inputs"] = .array(try coins.map { try outPointBody($0.string ?? "") })
        }
        return raw
    }

    private static func fundedPSBT(_ arguments: Arguments) throws(UsageError) -> String {
        guard let text = arguments.value("funded_psbt", orPositional: 0) else {
            throw UsageError("the PSBT is missing, in base64")
        }
        return try checked(text)
    }

    private static func checked(_ text: String) throws(UsageError) -> String {
        guard (try? PSBT(base64: text)) != nil else {
            throw UsageError("`\(text.prefix(20))` is no PSBT in base64")
        }
        return text
    }
}
