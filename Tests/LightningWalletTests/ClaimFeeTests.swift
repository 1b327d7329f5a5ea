import Bitcoin
import LightningWallet
import TestSupport
import Testing

@Suite("Paying for others' transactions") struct ClaimFeeTests {
    private static let claimed = OutPoint(TransactionID(SHA256.hash([9])), 1)
    private static let claimedOutput = TransactionOutput(
        amount: Satoshi(330), scriptPubKey: OnChainWallet.foreignScript)

    /// A transaction that spends ``claimed`` and the coins at these positions, signed by the wallet.
    private func claim(
        _ wallet: inout OnChainWallet, coins positions: [Int], fee: Int64
    ) throws -> Transaction {
        let coins = wallet.test.wallet.feeCoins(beside: [Self.claimed], now: wallet.test.now)
        let chosen = positions.map { coins[$0].coin }
        let (change, _, step) = try wallet.test.wallet.unusedAddress(.taproot, .change)
        wallet.test.apply(step)
        let total = chosen.reduce(Self.claimedOutput.amount) { $0 + $1.amount }
        let transaction = Transaction(
            inputs: ([Self.claimed] + chosen.map(\.outPoint)).map {
                TransactionInput(previousOutput: $0, sequence: .replaceable)
            },
            outputs: [
                TransactionOutput(amount: total - Satoshi(fee), scriptPubKey: change.script)
            ])
        let named = Dictionary(
            uniqueKeysWithValues: chosen.enumerated().map { ($0 + 1, $1.outPoint) })
        return try wallet.test.wallet.sign(
            transaction, coins: named, spent: [Self.claimedOutput] + chosen.map(\.output),
            keys: TestWallet.keys)
    }

    private func used(_ wallet: OnChainWallet, beside claimed: Set<OutPoint>) -> [Coin] {
        wallet.test.wallet.feeCoins(beside: claimed, now: wallet.test.now).filter(\.isInUse)
            .map(\.coin)
    }

    @Test("a transaction keeps its coins whatever mempools do, until it is given up")
    func adopted() throws {
        var wallet = try OnChainWallet.funded()
        let transaction = try claim(&wallet, coins: [0, 5], fee: 1_000)
        wallet.test.apply(wallet.test.wallet.adopt(transaction, now: wallet.test.now))
        #expect(wallet.test.takeBroadcasts().isEmpty)
        #expect(used(wallet, beside: [Self.claimed]).count == 2)
        #expect(used(wallet, beside: []).isEmpty)
        let free = wallet.test.wallet.feeCoins(beside: [], now: wallet.test.now).count
        #expect(free == 10)

        try wallet.test.receive(.broadcastRejected(transaction.id))
        try wallet.test.receive(.transactionsEvicted([transaction.id]))
        try wallet.test.receive(.rebroadcastDue)
        #expect(wallet.test.takeBroadcasts().isEmpty)
        #expect(used(wallet, beside: [Self.claimed]).count == 2)
        #expect(try wallet.test.rebuilt() == wallet.test.wallet)

        wallet.test.apply(wallet.test.wallet.abandonSpenders(of: [Self.claimed]))
        #expect(used(wallet, beside: [Self.claimed]).isEmpty)
        #expect(wallet.test.wallet.feeCoins(beside: [], now: wallet.test.now).count == 12)
    }

    @Test("a replacement takes the place of the one before, with coins more or less")
    func replaced() throws {
        var wallet = try OnChainWallet.funded()
        let first = try claim(&wallet, coins: [0], fee: 1_000)
        wallet.test.apply(wallet.test.wallet.adopt(first, now: wallet.test.now))
        let second = try claim(&wallet, coins: [3, 4], fee: 2_000)
        wallet.test.apply(wallet.test.wallet.adopt(second, now: wallet.test.now))
        #expect(wallet.test.wallet.transaction(first.id)?.status.isActive == false)
        #expect(used(wallet, beside: [Self.claimed]).count == 2)
        #expect(wallet.test.wallet.feeCoins(beside: [], now: wallet.test.now).count == 10)
        #expect(try wallet.test.rebuilt() == wallet.test.wallet)
    }

    @Test("one that is handed over is offered by the wallet from then on")
    func handedOver() throws {
        var wallet = try OnChainWallet.funded()
        let transaction = try claim(&wallet, coins: [1], fee: 1_000)
        wallet.test.apply(wallet.test.wallet.adopt(transaction, now: wallet.test.now))
        wallet.test.apply(wallet.test.wallet.offerSpenders(of: [Self.claimed]))
        try wallet.test.receive(.rebroadcastDue)
        #expect(wallet.test.takeBroadcasts().map(\.id) == [transaction.id])
        wallet.test.apply(wallet.test.wallet.abandonSpenders(of: [Self.claimed]))
        #expect(wallet.test.wallet.transaction(transaction.id)?.status == .unconfirmed)
    }

    @Test("coins of every kind are signed for", arguments: 0..<12)
    func signed(position: Int) throws {
        var wallet = try OnChainWallet.funded()
        let transaction = try claim(&wallet, coins: [position], fee: 1_000)
        let coin = wallet.test.wallet.feeCoins(beside: [], now: wallet.test.now)[position].coin
        let spent = [Self.claimedOutput, coin.output]
        try ScriptVerifier(transaction, spending: spent, flags: .standard).verify(input: 1)
    }

    @Test("no coin is given while a rescan is under way")
    func rescanning() throws {
        var wallet = try OnChainWallet.funded()
        wallet.test.apply(wallet.test.wallet.startRescan(from: BlockHeight(1)))
        #expect(wallet.test.wallet.feeCoins(beside: [], now: wallet.test.now).isEmpty)
    }
}
