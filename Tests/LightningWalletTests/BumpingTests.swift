import Bitcoin
import LightningWallet
import TestSupport
import Testing

@Suite("Bumping fees") struct BumpingTests {
    static let target = OnChainWallet.foreignScript

    /// Replaces `id`, offers the replacement, and returns it.
    static func bump(
        _ wallet: inout OnChainWallet, _ id: TransactionID, _ request: BumpRequest
    ) throws -> Transaction {
        let (replacement, step) = try wallet.test.wallet.bumpFee(
            id, request, keys: TestWallet.keys, entropy: wallet.freshEntropy(),
            now: wallet.test.now)
        wallet.test.apply(step)
        try wallet.broadcast()
        return replacement
    }

    @Test("a replacement keeps the payment, takes the fee from change, and the network takes it")
    func keep() throws {
        var wallet = try OnChainWallet.funded()
        let original = try wallet.send([(Self.target, 70_000)], rate: 500)
        let replacement = try Self.bump(
            &wallet, original.id, BumpRequest(feeRate: FeeratePerKw(5_000)))
        try wallet.expectFee(of: replacement, at: 5_000)
        #expect(
            Set(replacement.inputs.map(\.previousOutput))
                == Set(original.inputs.map(\.previousOutput)))
        #expect(replacement.outputs.contains { $0.amount == Satoshi(70_000) })
        #expect(
            Set(replacement.outputs.map(\.scriptPubKey))
                == Set(original.outputs.map(\.scriptPubKey)))
        guard
            case .inactive(.replaced(let rival), _) =
                wallet.test.wallet.transaction(original.id)?.status
        else {
            Issue.record("the original is not replaced")
            return
        }
        #expect(rival == replacement.id)
        #expect(wallet.chain.mempool[original.id] == nil)
        try wallet.mine()
        #expect(try wallet.test.rebuilt() == wallet.test.wallet)
    }

    @Test("a replacement pays for the descendants that it drives out")
    func descendants() throws {
        var wallet = try OnChainWallet.funded()
        let original = try wallet.send([(Self.target, 4_000_000_000)], rate: 500)
        let change = try #require(
            wallet.test.wallet.coins(now: wallet.test.now).first {
                $0.coin.outPoint.transactionID == original.id
            })
        let child = try wallet.send(
            [(Self.target, 20_000)], rate: 100_000,
            coins: CoinChoice(exactly: [change.coin.outPoint], minimumConfirmations: 0))
        let fees = try wallet.fee(of: original) + wallet.fee(of: child)
        let replacement = try Self.bump(
            &wallet, original.id, BumpRequest(feeRate: FeeratePerKw(600)))
        #expect(try wallet.fee(of: replacement) > fees)
        #expect(wallet.test.wallet.transaction(child.id)?.status.isActive == false)
    }

    @Test("a payment without change gets more coins, or pays from its output")
    func withoutChange() throws {
        for outputs in [BumpRequest.Outputs.keep, .reduce(0)] {
            var wallet = try OnChainWallet.funded()
            let coin = try #require(wallet.test.wallet.coins(now: wallet.test.now).first).coin
            let request = SpendRequest(
                outputs: [], feeRate: FeeratePerKw(500),
                coins: CoinChoice(exactly: [coin.outPoint]))
            let (original, step) = try wallet.test.wallet.sendAll(
                to: Self.target, request, keys: TestWallet.keys, entropy: wallet.freshEntropy(),
                now: wallet.test.now)
            wallet.test.apply(step)
            try wallet.broadcast()
            let replacement = try Self.bump(
                &wallet, original.id,
                BumpRequest(feeRate: FeeratePerKw(5_000), outputs: outputs))
            #expect(replacement.inputs.count == (outputs == .keep ? 2 : 1))
            try wallet.expectFee(of: replacement, at: 5_000)
        }
    }

    @Test("a payment is cancelled by one that brings everything back")
    func cancel() throws {
        var wallet = try OnChainWallet.funded()
        let before = wallet.test.balance.total
        let original = try wallet.send([(Self.target, 900_000_000)], rate: 500)
        let replacement = try Self.bump(
            &wallet, original.id, BumpRequest(feeRate: FeeratePerKw(1_000), outputs: .cancel))
        #expect(wallet.test.balance.total == before - (try wallet.fee(of: replacement)))
    }

    @Test("what cannot be replaced is refused")
    func refusals() throws {
        var wallet = try OnChainWallet.funded()
        let original = try wallet.send([(Self.target, 70_000)], rate: 2_500)
        #expect(throws: SpendError.self) {
            try Self.bump(&wallet, original.id, BumpRequest(feeRate: FeeratePerKw(2_000)))
        }
        try wallet.mine()
        #expect(throws: SpendError.notUnconfirmed(original.id)) {
            try Self.bump(&wallet, original.id, BumpRequest(feeRate: FeeratePerKw(5_000)))
        }
    }

    @Test("a replacement that the network refuses brings the original back")
    func refusedReplacement() throws {
        var wallet = try OnChainWallet.funded()
        let original = try wallet.send([(Self.target, 70_000)], rate: 500)
        let (replacement, step) = try wallet.test.wallet.bumpFee(
            original.id, BumpRequest(feeRate: FeeratePerKw(5_000)), keys: TestWallet.keys,
            entropy: wallet.freshEntropy(), now: wallet.test.now)
        wallet.test.apply(step)
        try wallet.test.receive(.broadcastRejected(replacement.id))
        #expect(wallet.test.wallet.transaction(original.id)?.status == .unconfirmed)
        #expect(wallet.test.wallet.transaction(replacement.id)?.status.isActive == false)
    }

    @Test("a child lifts its parent to the rate that was asked for")
    func speedUp() throws {
        var wallet = try OnChainWallet.funded()
        let parent = try wallet.send([(Self.target, 70_000)], rate: 500)
        let change = try #require(
            wallet.test.wallet.coins(now: wallet.test.now).first {
                $0.coin.outPoint.transactionID == parent.id
            })
        let (child, step) = try wallet.test.wallet.speedUp(
            change.coin.outPoint, feeRate: FeeratePerKw(5_000), keys: TestWallet.keys,
            entropy: wallet.freshEntropy(), now: wallet.test.now)
        wallet.test.apply(step)
        try wallet.broadcast()
        let fees = try wallet.fee(of: parent) + wallet.fee(of: child)
        let size = Weight(virtualBytes: parent.virtualSize + child.virtualSize)
        #expect(fees >= FeeratePerKw(5_000).feeRoundedUp(for: size))
        #expect(fees <= FeeratePerKw(5_000).feeRoundedUp(for: size) + Satoshi(200))
    }

    @Test("a child of a small payment from others gets help from confirmed coins")
    func speedUpForeign() throws {
        var wallet = try OnChainWallet.funded()
        let address = try wallet.test.newAddress()
        let payment = Transaction(
            inputs: [TransactionInput(previousOutput: OutPoint(TransactionID(.zero), 0))],
            outputs: [TransactionOutput(amount: Satoshi(400), scriptPubKey: address.script)])
        try wallet.test.receive(.transactionSeen(payment))
        let (child, _) = try wallet.test.wallet.speedUp(
            OutPoint(payment.id, 0), feeRate: FeeratePerKw(5_000), keys: TestWallet.keys,
            entropy: wallet.freshEntropy(), now: wallet.test.now)
        #expect(child.inputs.count == 2)
        let fee = try wallet.fee(of: child)
        let size = Weight(virtualBytes: payment.virtualSize + child.virtualSize)
        #expect(fee >= FeeratePerKw(5_000).feeRoundedUp(for: size))
    }
}
