import Bitcoin
import LightningWallet

extension Bench {
    /// How fast the wallet finds its transactions in full blocks.
    static let walletScan = Bench(
        name: "wallet-scan", summary: "scan of 1,000 full blocks for a wallet's transactions"
    ) {
        let lookahead: UInt32 = 1_000
        let wallet = try makeWallet(lookahead: lookahead)
        let block = try fullBlockOfStrangers()
        var scanner = wallet.scanner()
        let clock = ContinuousClock()
        let elapsed = clock.measure {
            for height in UInt32(1)...1_000 { _ = scanner.scan(block, at: BlockHeight(height)) }
        }
        let seconds = elapsed / .seconds(1)
        return [
            BenchFigure("addresses watched", Double(lookahead) * 6, ""),
            BenchFigure("transactions in a block", Double(block.transactions.count), ""),
            BenchFigure("1,000 blocks", seconds, "s"),
            BenchFigure("blocks scanned", 1_000 / seconds, "/s"),
        ]
    }

    private static func makeWallet(lookahead: UInt32) throws -> Wallet {
        let entropy = SecretBytes([UInt8](repeating: 7, count: 16))
        let seed = try WalletSeed(mnemonic: Mnemonic(entropy: entropy))
        let keys = try WalletKeys(master: seed.masterKey(), network: .regtest)
        return try Wallet.create(
            network: .regtest, accounts: keys.publicAccounts, birthday: BlockHeight(1),
            parameters: WalletParameters(lookahead: lookahead)
        ).wallet
    }

    /// A block of mainnet's size whose outputs all have scripts of their own, none of the wallet's.
    private static func fullBlockOfStrangers() throws -> Block {
        let witness = [[UInt8](repeating: 6, count: 71), [UInt8](repeating: 2, count: 33)]
        var transactions: [Transaction] = []
        var weight = Weight(400)
        while true {
            let hash = SHA256.hash(Array("\(transactions.count)".utf8))
            let outputs = [
                TransactionOutput(
                    amount: Satoshi(50_000),
                    scriptPubKey: .payToWitnessPublicKeyHash(try Hash160(hash.bytes.prefix(20)))),
                TransactionOutput(
                    amount: Satoshi(60_000),
                    scriptPubKey: try .witness(version: 1, program: hash.bytes)),
            ]
            let inputs = (0..<2).map {
                TransactionInput(
                    previousOutput: OutPoint(TransactionID(hash), $0), witness: witness)
            }
            let next = Transaction(inputs: inputs, outputs: outputs)
            weight += next.weight
            if weight > .maximumBlock { break }
            transactions.append(next)
        }
        let header = BlockHeader(
            version: 4, previousBlock: BlockHash(.zero), merkleRoot: .zero, time: 0, bits: 0,
            nonce: 0)
        return Block(header: header, transactions: transactions)
    }
}
