import JSON
import NodeRuntime
import Threads

/// What happens in the demo, told while it happens.
struct DemoStory {
    private let configuration: Configuration
    private let startTime: Duration
    private let isColored = Terminal.hasColors

    private static let payment: Int64 = 25_000_000

    init(_ configuration: Configuration, startTime: Duration) {
        self.configuration = configuration
        self.startTime = startTime
    }

    /// Plays the story through the REST interface; throws where the books do not balance.
    func tell(_ arguments: Arguments) throws {
        let clock = ContinuousClock()
        let begin = clock.now
        say("A node starts on a Bitcoin chain of its own (regtest).", "ready in \(text(startTime))")
        let node = try makeWallet()
        let chain = try EmbeddedChainClient(configuration)

        let address = try node.get("/v1/newaddress", query: [("type", "4")]).text("address")
        let bob = try chain.call("getnewaddress").string ?? ""
        _ = try chain.call("generatetoaddress", 1, .string(address))
        _ = try chain.call("generatetoaddress", 100, .string(bob))
        let funded = try balance(node) { $0.number("confirmed_balance") > 0 }
        let before = funded.number("confirmed_balance")
        say(
            "She mines a block, and Bob a hundred on top of it: her reward is ripe.",
            "\(satoshis(before)) at \(address)")

        let sending = clock.now
        let id = try node.post(
            "/v1/transactions",
            ["addr": .string(bob), "amount": .string("\(Self.payment)"), "sat_per_vbyte": "2"]
        ).text("txid")
        let sent = clock.now - sending
        say(
            "She pays Bob \(satoshis(Self.payment)).",
            "transaction \(id), signed and on disk in \(text(sent))")

        try waitForMempool(chain, id)
        _ = try chain.call("generatetoaddress", 1, .string(bob))
        let payment = try confirmed(node, id)
        let fee = payment.number("total_fees")
        let height = payment.number("block_height")
        let size = try chain.call("getrawtransaction", .string(id), true).number("vsize")
        say(
            "A miner takes it into block \(grouped(height)).",
            "fee \(satoshis(fee)) for \(grouped(size)) vB")

        let after = try node.get("/v1/balance/blockchain").number("confirmed_balance")
        guard before - Self.payment - fee == after else {
            throw CommandFailure(
                "the books do not balance: \(before) - \(Self.payment) - \(fee) is not \(after)")
        }
        say(
            "The books balance to the satoshi.",
            "\(grouped(before)) - \(grouped(Self.payment)) - \(grouped(fee)) = \(satoshis(after))")
        if !arguments.isSet("exit") { invite(bob) }
        if arguments.isSet("json") {
            let facts: JSONValue = [
                "ok": true, "network": "regtest", "block_height": .integer(height),
                "txid": .string(id), "amount_sat": .integer(Self.payment), "fee_sat": .integer(fee),
                "vsize": .integer(size), "balance_before_sat": .integer(before),
                "balance_after_sat": .integer(after),
                "send_milliseconds": .integer(milliseconds(sent)),
                "total_milliseconds": .integer(milliseconds(clock.now - begin + startTime)),
                "datadir": .string(configuration.dataFolder),
            ]
            put(String(decoding: facts.serialized(), as: UTF8.self) + "\n")
        }
    }

    private func makeWallet() throws -> NodeClient {
        let locked = try NodeClient(configuration, needsMacaroon: false)
        let words = try locked.get("/v1/genseed").list("cipher_seed_mnemonic")
        _ = try locked.post(
            "/v1/initwallet",
            [
                "wallet_password": .string(Base64.encode(SystemEntropy.bytes(16))),
                "cipher_seed_mnemonic": .array(words),
            ])
        try wait("the wallet does not open") {
            ["RPC_ACTIVE", "SERVER_ACTIVE"].contains(try locked.get("/v1/state").text("state"))
        }
        say("Alice makes a wallet.", "\(words.count) words, encrypted at rest")
        return try NodeClient(configuration)
    }

    private func balance(
        _ node: NodeClient, until isRight: (JSONValue) -> Bool
    ) throws -> JSONValue {
        var balance = JSONValue.null
        try wait("the coins do not arrive") {
            balance = try node.get("/v1/balance/blockchain")
            let height = try node.get("/v1/getinfo").number("block_height")
            return isRight(balance) && height >= 101
        }
        return balance
    }

    private func waitForMempool(_ chain: EmbeddedChainClient, _ id: String) throws {
        try wait("the payment does not reach the mempool") {
            try chain.call("getrawmempool").array?.contains(.string(id)) ?? false
        }
    }

    private func confirmed(_ node: NodeClient, _ id: String) throws -> JSONValue {
        var found: JSONValue?
        try wait("the payment is not mined") {
            found = try node.get("/v1/transactions").list("transactions").first {
                $0.text("tx_hash") == id && $0.number("num_confirmations") > 0
            }
            return found != nil
        }
        return found ?? .null
    }

    private func wait(_ complaint: String, _ condition: () throws -> Bool) throws {
        for _ in 0..<600 {
            if try condition() { return }
            SystemThread.sleep(milliseconds: 50)
        }
        throw CommandFailure("\(complaint) within 30 s")
    }
}

/// How it looks.
extension DemoStory {
    private func say(_ sentence: String, _ figure: String) {
        let mark = isColored ? "\u{1b}[33m⚡\u{1b}[0m" : "⚡"
        let shown = isColored ? "\u{1b}[36m\(figure)\u{1b}[0m" : figure
        put("\(mark) \(sentence)\n   \(shown)\n")
    }

    private func invite(_ address: String) {
        let folder = configuration.dataFolder
        put(
            """

            The node stays up. Try, in another terminal:

              salama getinfo --datadir \(folder)
              salama walletbalance --datadir \(folder)
              salama sendcoins \(address) 50000 --sat_per_vbyte 5 --datadir \(folder)
              salama mine 1 --datadir \(folder)
              salama listchaintxns --datadir \(folder)

            Ctrl-C ends it and removes the folder.

            """)
    }

    private func text(_ duration: Duration) -> String { "\(grouped(milliseconds(duration))) ms" }

    private func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1_000
            + duration.components.attoseconds / 1_000_000_000_000_000
    }
}
