import Bitcoin
import LightningWallet
import RegtestChain
import TestSupport
import Testing

/// A wallet on a regression test network, whose rules judge all that it builds.
struct OnChainWallet {
    var test: TestWallet
    var chain = RegtestChain()
    private var entropy: UInt8 = 0

    /// Twelve mature coins of 50 bitcoin, four of each account.
    static func funded() throws -> OnChainWallet {
        switch prepared {
        case .success(let wallet): return wallet
        case .failure(let error): throw error
        }
    }

    private static let prepared = Result {
        var wallet = try OnChainWallet()
        for _ in 0..<4 {
            for account in AccountKind.allCases {
                let address = try wallet.test.newAddress(account)
                try wallet.mine(to: address.script)
            }
        }
        try wallet.mine(100)
        return wallet
    }

    private init() throws { test = try TestWallet() }

    static let foreignScript = Script.payToWitnessScriptHash(SHA256.hash([7]))

    var now: UInt32 { UInt32(test.now) }

    /// Entropy that no call before had.
    mutating func freshEntropy() -> Hash256 {
        entropy += 1
        return SHA256.hash([entropy])
    }

    mutating func mine(_ count: Int = 1, to script: Script = foreignScript) throws {
        for _ in 0..<count {
            test.now += 600
            _ = try chain.mine(to: script, now: now)
        }
        try catchUp()
    }

    mutating func catchUp() throws {
        var scanner = test.wallet.scanner()
        var matches: [BlockMatch] = []
        var height = test.wallet.nextHeight
        while let hash = chain.blockHash(at: height), let stored = chain.block(hash) {
            matches.append(scanner.scan(stored.block, at: height))
            height = height + 1
        }
        try test.receive(.blocksConnected(matches))
    }

    /// Offers what the wallet wants offered, and lets the script judges see it.
    mutating func broadcast() throws {
        for transaction in test.takeBroadcasts() {
            try ScriptJudge.verify(transaction, spending: try spentOutputs(of: transaction))
            _ = try chain.submit(transaction, now: now)
            try test.receive(.broadcastAccepted(transaction.id))
        }
    }

    func spentOutputs(of transaction: Transaction) throws -> [TransactionOutput] {
        try transaction.inputs.map { input in
            let outPoint = input.previousOutput
            if let known = test.wallet.transaction(outPoint.transactionID) {
                return known.transaction.outputs[Int(outPoint.index)]
            }
            let coin = chain.unspentOutput(outPoint, includingMempool: true)
            return try #require(coin?.output)
        }
    }

    /// Pays `outputs` at `rate` and offers the transaction.
    @discardableResult
    mutating func send(
        _ outputs: [(Script, Int64)], rate: UInt32 = 2_500, coins: CoinChoice = CoinChoice(),
        reserve: Int64 = 0
    ) throws -> Transaction {
        let request = SpendRequest(
            outputs: outputs.map {
                TransactionOutput(amount: Satoshi($0.1), scriptPubKey: $0.0)
            }, feeRate: FeeratePerKw(rate), coins: coins, reserve: Satoshi(reserve))
        let (transaction, step) = try test.wallet.send(
            request, keys: TestWallet.keys, entropy: freshEntropy(), now: test.now)
        test.apply(step)
        try broadcast()
        return transaction
    }

    func fee(of transaction: Transaction) throws -> Satoshi {
        let spent = try spentOutputs(of: transaction).reduce(Satoshi.zero) { $0 + $1.amount }
        return spent - transaction.outputs.reduce(.zero) { $0 + $1.amount }
    }

    /// Throws unless the fee is at `rate` or above by no more than signatures are short and dust is given up.
    func expectFee(of transaction: Transaction, at rate: UInt32) throws {
        let fee = try fee(of: transaction)
        let least = FeeratePerKw(rate).feeRoundedUp(
            for: Weight(virtualBytes: transaction.virtualSize))
        #expect(fee >= least)
        let slack = FeeratePerKw(rate).feeRoundedUp(
            for: Weight(UInt64(16 + 8 * transaction.inputs.count)))
        #expect(fee <= least + slack + Satoshi(2_000))
    }
}
