import Bitcoin
import JSON

/// The commands that show what the wallet has.
enum FundsCommands {
    static let all = [newAddress, walletBalance, listUnspent, listLeases, releaseOutput]

    private static let newAddress = Command(
        name: "newaddress", group: .wallet, summary: "make an address to be paid at",
        positionals: [
            Positional(
                name: "p2wkh|np2wkh|p2tr",
                help: "segwit, segwit nested in P2SH, or taproot", isOptional: true)
        ],
        flags: [
            .toggle("unused", "give the last address again if nobody has paid it yet"),
            QRCode.flag, .json,
        ],
        examples: [Example("salama newaddress p2tr", "prints a new taproot address")],
        run: { arguments in
            let kinds = ["p2wkh": 0, "np2wkh": 1, "p2tr": 4]
            let unusedKinds = ["p2wkh": 2, "np2wkh": 3, "p2tr": 5]
            let word = arguments.positional(0) ?? "p2wkh"
            let numbers = arguments.isSet("unused") ? unusedKinds : kinds
            guard let number = numbers[word] else {
                throw UsageError("an address is p2wkh, np2wkh or p2tr, not `\(word)`")
            }
            let answer = try NodeClient(arguments).get(
                "/v1/newaddress", query: [("type", "\(number)")])
            show(answer, arguments) { answer in
                let address = answer.text("address")
                let code = QRCode.drawing(QRCode.payload(ofAddress: address), arguments)
                return code + address + "\n"
            }
        })

    private static let walletBalance = Command(
        name: "walletbalance", group: .wallet, summary: "tell how much the wallet has",
        flags: [.json],
        examples: [
            Example("salama walletbalance", "prints confirmed, unconfirmed and locked sums")
        ],
        run: { arguments in
            let answer = try NodeClient(arguments).get("/v1/balance/blockchain")
            show(answer, arguments, balanceTable)
        })

    private static func balanceTable(_ balance: JSONValue) -> String {
        let total = balance.number("total_balance")
        let rows = [
            ("confirmed", balance.number("confirmed_balance")),
            ("unconfirmed", balance.number("unconfirmed_balance")),
            ("locked", balance.number("locked_balance")), ("total", total),
        ]
        let width = rows.map { satoshis($0.1).count }.max() ?? 0
        return rows.map { name, amount in
            let text = satoshis(amount)
            let share =
                name == "total" ? "" : bar(UInt64(max(0, amount)), of: UInt64(max(0, total)))
            let line =
                name + String(repeating: " ", count: 13 - name.count)
                + String(repeating: " ", count: width - text.count) + text
            return (share.isEmpty ? line : line + "  " + share) + "\n"
        }.joined()
    }

    private static let listUnspent = Command(
        name: "listunspent", group: .onChain, summary: "list the coins that can be spent",
        positionals: [
            Positional(
                name: "MIN_CONFS", help: "at least that many confirmations", isOptional: true),
            Positional(name: "MAX_CONFS", help: "at most that many", isOptional: true),
        ],
        flags: [
            .value("min_confs", "COUNT", "at least that many confirmations"),
            .value("max_confs", "COUNT", "at most that many confirmations"),
            .toggle("unconfirmed_only", "only coins that no block holds yet"), .json,
        ],
        examples: [Example("salama listunspent 1", "lists the confirmed coins")],
        run: { arguments in
            let counts = Int32(0)...Int32.max
            let minimum = try arguments.integer(
                arguments.value("min_confs", orPositional: 0), named: "min_confs", in: counts)
            let maximum = try arguments.integer(
                arguments.value("max_confs", orPositional: 1), named: "max_confs", in: counts)
            if let minimum, let maximum, minimum > maximum {
                throw UsageError("min_confs \(minimum) is above max_confs \(maximum)")
            }
            let isUnconfirmedOnly = arguments.isSet("unconfirmed_only")
            let body: JSONValue = [
                "min_confs": .integer(minimum ?? 0),
                "max_confs": .integer(maximum ?? (isUnconfirmedOnly ? 0 : .max)),
                "unconfirmed_only": .bool(isUnconfirmedOnly),
            ]
            let answer = try NodeClient(arguments).post("/v2/wallet/utxos", body)
            show(answer, arguments) { answer in
                let coins = answer.list("utxos")
                guard !coins.isEmpty else { return "The wallet has no such coins.\n" }
                var table = Table([.right("amount (sat)"), .right("confirmations")])
                for coin in coins {
                    table.add(
                        [
                            grouped(coin.number("amount_sat")),
                            grouped(coin.number("confirmations")),
                        ], below: [coin.text("address"), outPointText(coin["outpoint"])])
                }
                return table.text
            }
        })

    private static let listLeases = Command(
        name: "wallet listleases", aliases: ["listleases"], group: .onChain,
        summary: "list the coins that are kept for one use",
        flags: [.json],
        examples: [Example("salama wallet listleases", "lists each lease with its end")],
        run: { arguments in
            let answer = try NodeClient(arguments).post("/v2/wallet/utxos/leases")
            show(answer, arguments) { answer in
                let leases = answer.list("locked_utxos")
                guard !leases.isEmpty else { return "No coin is leased.\n" }
                var table = Table([.right("amount (sat)"), .left("until (UTC)")])
                for lease in leases {
                    table.add(
                        [grouped(lease.number("value")), dateText(lease.number("expiration"))],
                        below: [
                            outPointText(lease["outpoint"]),
                            "lock id " + hexOfBase64(lease.text("id")),
                        ])
                }
                return table.text
            }
        })

    private static let releaseOutput = Command(
        name: "wallet releaseoutput", aliases: ["releaseoutput"], group: .onChain,
        summary: "end the lease of a coin",
        positionals: [Positional(name: "OUTPOINT", help: "TXID:INDEX", isOptional: true)],
        flags: [
            .value("outpoint", "TXID:INDEX", "the coin"),
            .value("lockid", "HEX", "the name of the lease; the node's own where it is not given"),
            .json,
        ],
        examples: [
            Example(
                "salama wallet releaseoutput --outpoint TXID:0 --lockid ID",
                "lets the coin be spent by whoever asks")
        ],
        run: { arguments in
            let outPoint = try requiredOutPoint(arguments.value("outpoint", orPositional: 0))
            var body: JSONObject = ["outpoint": outPoint]
            if let id = try lockID(arguments) { body["id"] = id }
            let answer = try NodeClient(arguments).post("/v2/wallet/utxos/release", .object(body))
            show(answer, arguments) { _ in "The coin is free.\n" }
        })
}
