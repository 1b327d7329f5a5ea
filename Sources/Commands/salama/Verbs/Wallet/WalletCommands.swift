import Bitcoin
import JSON

/// The commands below `wallet`, named as in lncli, that have no other place.
enum WalletCommands {
    static let all = [
        listAccounts, listAddresses, leaseOutput, publishTransaction, labelTransaction,
        getTransaction, estimateFeeRate,
    ]

    private static let listAccounts = Command(
        name: "wallet accounts list", aliases: ["listaccounts"], group: .wallet,
        summary: "list the accounts and the keys to watch them by",
        flags: [
            .value("name", "NAME", "only accounts of that name"),
            .value("address_type", "p2wkh|np2wkh|p2tr", "only accounts with such addresses"), .json,
        ],
        examples: [
            Example("salama wallet accounts list", "prints an extended public key for each account")
        ],
        run: { arguments in
            var query: [(String, String)] = []
            if let name = arguments.value("name") { query.append(("name", name)) }
            if let word = arguments.value("address_type") {
                let types = [
                    "p2wkh": "WITNESS_PUBKEY_HASH", "np2wkh": "NESTED_WITNESS_PUBKEY_HASH",
                    "p2tr": "TAPROOT_PUBKEY",
                ]
                guard let type = types[word] else {
                    throw UsageError("an address type is p2wkh, np2wkh or p2tr, not `\(word)`")
                }
                query.append(("address_type", type))
            }
            let answer = try NodeClient(arguments).get("/v2/wallet/accounts", query: query)
            show(answer, arguments) { answer in
                var table = Table([
                    .left("account"), .left("path"), .right("addresses"), .right("change"),
                ])
                for account in answer.list("accounts") {
                    table.add(
                        [
                            account.text("name"), account.text("derivation_path"),
                            grouped(account.number("external_key_count")),
                            grouped(account.number("internal_key_count")),
                        ], below: [account.text("extended_public_key")])
                }
                return table.text
            }
        })

    private static let listAddresses = Command(
        name: "wallet addresses list", aliases: ["listaddresses"], group: .wallet,
        summary: "list the addresses that were handed out, with what is on them",
        flags: [.value("account_name", "NAME", "only addresses of that account"), .json],
        examples: [Example("salama wallet addresses list", "prints all addresses and their paths")],
        run: { arguments in
            let query = arguments.value("account_name").map { [("account_name", $0)] } ?? []
            let answer = try NodeClient(arguments).get("/v2/wallet/addresses", query: query)
            show(answer, arguments) { answer in
                var table = Table([.right("amount (sat)"), .left("path"), .left("for")])
                for account in answer.list("account_with_addresses") {
                    for address in account.list("addresses") {
                        table.add(
                            [
                                grouped(address.number("balance")),
                                address.text("derivation_path"),
                                address.flag("is_internal") ? "change" : "payers",
                            ], below: [address.text("address")])
                    }
                }
                return table.isEmpty ? "No address was handed out yet.\n" : table.text
            }
        })

    private static let leaseOutput = Command(
        name: "wallet leaseoutput", group: .onChain, summary: "keep a coin for one use",
        flags: [
            .value("outpoint", "TXID:INDEX", "the coin"),
            .value("lockid", "HEX", "the name of the lease; the node's own where it is not given"),
            .value("expiry", "SECONDS", "for how long (default: 600)"), .json,
        ],
        examples: [
            Example(
                "salama wallet leaseoutput --outpoint TXID:0 --expiry 3600",
                "keeps the coin out of payments for an hour")
        ],
        run: { arguments in
            var body: JSONObject = ["outpoint": try requiredOutPoint(arguments.value("outpoint"))]
            if let id = try lockID(arguments) { body["id"] = id }
            let expiry = try arguments.integer("expiry", in: UInt64(1)...(1 << 32)) ?? 600
            body["expiration_seconds"] = .string("\(expiry)")
            let answer = try NodeClient(arguments).post("/v2/wallet/utxos/lease", .object(body))
            show(answer, arguments) {
                "The coin is kept until \(dateText($0.number("expiration"))) UTC.\n"
            }
        })

    private static let publishTransaction = Command(
        name: "wallet publishtx", group: .onChain, summary: "send a finished transaction",
        positionals: [Positional(name: "TX", help: "the transaction in hexadecimal digits")],
        flags: [.value("label", "TEXT", "a note to find the transaction by"), .json],
        examples: [
            Example("salama wallet publishtx 0200...", "offers the transaction to the network")
        ],
        run: { arguments in
            var body: JSONObject = [
                "tx_hex": try bytesBody(arguments.positional(0), named: "the transaction")
            ]
            if let label = arguments.value("label") { body["label"] = .string(label) }
            let answer = try NodeClient(arguments).post("/v2/wallet/tx", .object(body))
            show(answer, arguments) { _ in "The transaction is on its way.\n" }
        })

    private static let labelTransaction = Command(
        name: "wallet labeltx", group: .onChain, summary: "give a transaction a name",
        positionals: [
            Positional(name: "TXID", help: "the transaction"),
            Positional(name: "LABEL", help: "its name"),
        ],
        flags: [.toggle("overwrite", "replace the name that it has"), .json],
        examples: [Example("salama wallet labeltx TXID \"rent\"", "names the transaction")],
        run: { arguments in
            let text = arguments.positional(0) ?? ""
            guard let id = TransactionID(text) else {
                throw UsageError("a transaction is 64 hexadecimal digits, not `\(text)`")
            }
            let body: JSONValue = [
                "txid": .string(Base64.encode(id.hash.bytes)),
                "label": .string(arguments.positional(1) ?? ""),
                "overwrite": .bool(arguments.isSet("overwrite")),
            ]
            let answer = try NodeClient(arguments).post("/v2/wallet/tx/label", body)
            show(answer, arguments) { $0.text("status") + "\n" }
        })

    private static let getTransaction = Command(
        name: "wallet gettx", group: .onChain, summary: "show a transaction of the wallet",
        positionals: [Positional(name: "TXID", help: "the transaction")],
        flags: [.json],
        examples: [Example("salama wallet gettx TXID", "prints what the wallet knows of it")],
        run: { arguments in
            let id = arguments.positional(0) ?? ""
            let answer = try NodeClient(arguments).get("/v2/wallet/tx", query: [("txid", id)])
            show(answer, arguments) { transaction in
                facts([
                    ("transaction", transaction.text("tx_hash")),
                    ("amount", satoshis(transaction.number("amount"))),
                    ("fee", satoshis(transaction.number("total_fees"))),
                    ("confirmations", grouped(transaction.number("num_confirmations"))),
                    ("block", transaction.text("block_hash")),
                    ("time (UTC)", dateText(transaction.number("time_stamp"))),
                    ("label", transaction.text("label")),
                ])
            }
        })

    private static let estimateFeeRate = Command(
        name: "wallet estimatefeerate", group: .onChain,
        summary: "tell which fee rate should confirm within some blocks",
        positionals: [Positional(name: "BLOCKS", help: "within how many, 1 to 1008")],
        flags: [.json],
        examples: [Example("salama wallet estimatefeerate 6", "prints the rate for an hour or so")],
        run: { arguments in
            let text = arguments.positional(0)
            let blocks = try arguments.integer(text, named: "BLOCKS", in: UInt32(1)...1_008) ?? 6
            let answer = try NodeClient(arguments).get("/v2/wallet/estimatefee/\(blocks)")
            show(answer, arguments) {
                facts([
                    ("rate", "\(grouped($0.number("sat_per_kw"))) sat/kw"),
                    ("least", "\(grouped($0.number("min_relay_fee_sat_per_kw"))) sat/kw"),
                ])
            }
        })
}
