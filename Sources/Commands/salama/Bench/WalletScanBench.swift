import Bitcoin
import LightningWallet

extension Bench {
    /// How fast the wallet finds its transactions in full blocks.
    static let walletScan = Bench(
        name: "wallet-scan",
        summary: "reading and scan of 1,000 full blocks, all different, for a wallet's transactions"
    ) {
        let lookahead: UInt32 = 1_000
        var wallet = try makeWallet(lookahead: lookahead)
        let payee = try wallet.newAddress(.taproot).address.script
        var scanner = wallet.scanner()
        var scan = ScanTimes()
        for run in UInt32(0)..<5 {
            try scan.measure(&scanner, heights: (run * 200 + 1)...(run * 200 + 200), payee: payee)
        }
        let blocks = 1_000.0
        return [
            BenchFigure("addresses watched", Double(lookahead) * 6, ""),
            BenchFigure("blocks", scan.megabytes, "MB"),
            BenchFigure("transactions found", Double(scan.found), ""),
            BenchFigure("1,000 blocks parsed", scan.parsing.reduce(0, +), "s"),
            BenchFigure("1,000 blocks scanned", scan.scanning.reduce(0, +), "s"),
            BenchFigure("parsed", scan.parsing.map { blocks / 5 / $0 }, "/s"),
            BenchFigure("scanned", scan.scanning.map { blocks / 5 / $0 }, "/s"),
            BenchFigure(
                "scanning to parsing ratio", zip(scan.scanning, scan.parsing).map { $0 / $1 }, ""),
        ]
    }

    /// What the runs took, in seconds each.
    private struct ScanTimes {
        var parsing: [Double] = []
        var scanning: [Double] = []
        var megabytes = 0.0
        var found = 0

        /// One run. The making of the blocks does not count; every tenth pays the wallet.
        mutating func measure(
            _ scanner: inout WalletScanner, heights: ClosedRange<UInt32>, payee: Script
        ) throws {
            let clock = ContinuousClock()
            var (parsed, scanned) = (Duration.zero, Duration.zero)
            for height in heights {
                let block = try SyntheticBlock.full(
                    number: height, payee: height % 10 == 0 ? payee : nil)
                let bytes = block.encoded
                let start = clock.now
                let decoded = try Block(decoding: bytes)
                let middle = clock.now
                let match = scanner.scan(decoded, at: BlockHeight(height))
                scanned += clock.now - middle
                parsed += middle - start
                megabytes += Double(bytes.count) / 1e6
                found += match.transactions.count
            }
            parsing.append(parsed / .seconds(1))
            scanning.append(scanned / .seconds(1))
        }
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
}
