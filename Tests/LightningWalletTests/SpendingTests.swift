import Bitcoin
import LightningWallet
import TestSupport
import Testing

@Suite("Spending") struct SpendingTests {
    static let target = OnChainWallet.foreignScript

    @Test("coins of each account are spent by the network's rules", arguments: AccountKind.allCases)
    func everyAccount(account: AccountKind) throws {
        var wallet = try OnChainWallet.funded()
        let coins = wallet.test.wallet.coins(now: wallet.test.now).map(\.coin).filter {
            $0.path.account == account
        }
        #expect(coins.count == 4)
        let transaction = try wallet.send(
            [(Self.target, 12_000_000_000)],
            coins: CoinChoice(exactly: coins.prefix(3).map(\.outPoint)))
        #expect(
            Set(transaction.inputs.map(\.previousOutput)) == Set(coins.prefix(3).map(\.outPoint)))
        try wallet.expectFee(of: transaction, at: 2_500)
        try wallet.mine()
        #expect(wallet.test.wallet.transaction(transaction.id)?.status.confirmation != nil)
    }

    @Test("a payment has change to taproot, a lock at the tip's height, and signals replacement")
    func shape() throws {
        var wallet = try OnChainWallet.funded()
        let before = wallet.test.balance.total
        let transaction = try wallet.send([(Self.target, 100_000_000), (Self.target, 5_000)])
        #expect(transaction.version == 2)
        #expect(transaction.inputs.allSatisfy { $0.sequence == .replaceable })
        let tip = try #require(wallet.test.wallet.tip).height.value
        #expect(transaction.lockTime.value <= tip && transaction.lockTime.value + 100 > tip)
        #expect(transaction.outputs.count == 3)
        let known = try #require(wallet.test.wallet.transaction(transaction.id))
        let change = try #require(known.credits.first)
        #expect(change.path == WalletKeyPath(.taproot, .change, 0))
        let fee = try #require(known.fee)
        #expect(wallet.test.balance.total == before - Satoshi(100_005_000) - fee)
        #expect(wallet.test.balance.unconfirmed > .zero)
        #expect(try wallet.test.rebuilt() == wallet.test.wallet)
    }

    @Test(
        "the most that an output can get can be paid of the same coins, whatever the rate and the reserve",
        arguments: [
            FeeratePerKw(250), FeeratePerKw(251), FeeratePerKw(753), FeeratePerKw(2_500),
            FeeratePerKw(12_751), FeeratePerKw(50_000),
        ])
    func largestOutput(rate: FeeratePerKw) throws {
        let wallet = try OnChainWallet.funded().test
        let coins = wallet.wallet.coins(now: wallet.now).map(\.coin.outPoint)
        let script = Script.payToWitnessScriptHash(SHA256.hash([]))
        for count in [1, 2, 3, 5, coins.count] {
            for reserve in [0, 10_000, 200_000] {
                var request = SpendRequest(
                    outputs: [TransactionOutput(amount: .zero, scriptPubKey: script)],
                    feeRate: rate,
                    coins: CoinChoice(exactly: Array(coins.shuffled().prefix(count))),
                    reserve: Satoshi(Int64(reserve)))
                let entropy = SHA256.hash([UInt8(count)])
                let (amount, chosen) = try wallet.wallet.largestOutput(
                    to: script, request, entropy: entropy, now: wallet.now)
                request.outputs[0].amount = amount
                request.coins.exactly = chosen
                let plan = try wallet.wallet.plan(request, entropy: entropy, now: wallet.now)
                #expect(plan.fee == rate.relayFee(for: plan.weight))
                request.outputs[0].amount += Satoshi(1)
                #expect(throws: SpendError.self) {
                    try wallet.wallet.plan(request, entropy: entropy, now: wallet.now)
                }
            }
        }
    }

    @Test("the lock goes back at times, and never past the tip")
    func feeSniping() throws {
        let wallet = try OnChainWallet.funded()
        let tip = try #require(wallet.test.wallet.tip).height.value
        let request = SpendRequest(
            outputs: [TransactionOutput(amount: Satoshi(10_000), scriptPubKey: Self.target)],
            feeRate: FeeratePerKw(250))
        let locks = try (0..<100).map { seed in
            try wallet.test.wallet.plan(
                request, entropy: SHA256.hash([UInt8(seed)]), now: wallet.test.now
            ).transaction.lockTime.value
        }
        #expect(locks.allSatisfy { $0 <= tip })
        #expect(locks.contains { $0 < tip })
        #expect(locks.filter { $0 == tip }.count > 70)
    }

    @Test("a payment that cannot be made is refused and changes nothing")
    func refusals() throws {
        var wallet = try OnChainWallet.funded()
        let before = wallet.test.wallet
        #expect(throws: SpendError.noOutputs) { try wallet.send([]) }
        #expect(throws: SpendError.invalidReserve(Satoshi(.max))) {
            try wallet.send([(Self.target, 10_000)], reserve: .max)
        }
        #expect(
            throws: SpendError.dustOutput(output: 0, Satoshi(329), limit: Satoshi(330))
        ) { try wallet.send([(Self.target, 329)]) }
        #expect(throws: SpendError.invalidAmount(output: 0, Satoshi(-1))) {
            try wallet.send([(Self.target, -1)])
        }
        #expect(
            throws: SpendError.feeRateTooLow(FeeratePerKw(249), minimum: FeeratePerKw(250))
        ) { try wallet.send([(Self.target, 10_000)], rate: 249) }
        #expect(
            throws: SpendError.feeRateTooHigh(
                FeeratePerKw(2_500_001), maximum: FeeratePerKw(2_500_000))
        ) { try wallet.send([(Self.target, 10_000)], rate: 2_500_001) }
        #expect(throws: SpendError.self) { try wallet.send([(Self.target, 60_000_000_000)]) }
        let coin = try #require(wallet.test.wallet.coins(now: wallet.test.now).first).coin
        #expect(throws: SpendError.duplicateCoin(coin.outPoint)) {
            try wallet.send(
                [(Self.target, 10_000)],
                coins: CoinChoice(exactly: [coin.outPoint, coin.outPoint]))
        }
        #expect(throws: SpendError.unspendableCoin(.null, .unknown)) {
            try wallet.send([(Self.target, 10_000)], coins: CoinChoice(exactly: [.null]))
        }
        #expect(wallet.test.wallet == before)
        #expect(wallet.test.effects.isEmpty || wallet.test.takeBroadcasts().isEmpty)
    }

    @Test("an absurd fee is refused")
    func absurdFee() throws {
        let wallet = try OnChainWallet.funded()
        let request = SpendRequest(
            outputs: [TransactionOutput(amount: Satoshi(10_000), scriptPubKey: Self.target)],
            feeRate: FeeratePerKw(250_000), policy: FeePolicy(maximumFee: Satoshi(100_000)))
        #expect {
            try wallet.test.wallet.plan(request, entropy: .zero, now: wallet.test.now)
        } throws: { error in
            guard case SpendError.feeTooHigh(let fee, let maximum) = error else { return false }
            return fee > maximum && maximum == Satoshi(100_000)
        }
    }

    @Test("a miner's reward cannot be spent before 100 blocks bury it")
    func maturity() throws {
        var wallet = try OnChainWallet.funded()
        let address = try wallet.test.newAddress()
        try wallet.mine(to: address.script)
        let coin = try #require(
            wallet.test.wallet.coins(now: wallet.test.now).first {
                $0.coin.output.scriptPubKey == address.script
            })
        #expect(coin.isImmature && wallet.test.balance.immature == coin.coin.amount)
        let choice = CoinChoice(exactly: [coin.coin.outPoint])
        try wallet.mine(98)
        #expect(throws: SpendError.unspendableCoin(coin.coin.outPoint, .immature)) {
            try wallet.send([(Self.target, 10_000)], coins: choice)
        }
        _ = wallet.test.takeEffects()
        try wallet.mine(1)
        #expect(wallet.test.takeEffects().contains(.tell(.balanceChanged)))
        try wallet.send([(Self.target, 10_000)], coins: choice)
    }

    @Test("sending all leaves nothing, or the reserve alone")
    func sendAll() throws {
        for reserve in [Int64(0), 100_000] {
            var wallet = try OnChainWallet.funded()
            let request = SpendRequest(
                outputs: [], feeRate: FeeratePerKw(1_000), reserve: Satoshi(reserve))
            let (transaction, step) = try wallet.test.wallet.sendAll(
                to: Self.target, request, keys: TestWallet.keys, entropy: wallet.freshEntropy(),
                now: wallet.test.now)
            wallet.test.apply(step)
            try wallet.broadcast()
            try wallet.expectFee(of: transaction, at: 1_000)
            #expect(transaction.inputs.count == 12)
            #expect(wallet.test.balance.total == Satoshi(reserve))
        }
    }

    @Test("a payment that would leave less than the reserve is refused")
    func reserve() throws {
        var wallet = try OnChainWallet.funded()
        let total = wallet.test.balance.total.value
        #expect(throws: SpendError.self) {
            try wallet.send([(Self.target, total - 50_000)], reserve: 100_000)
        }
        try wallet.send([(Self.target, total - 200_000)], reserve: 100_000)
    }

    @Test("leased coins are spent by their lease alone, and two callers never get the same coin")
    func leases() throws {
        var wallet = try OnChainWallet.funded()
        let outputs = [
            TransactionOutput(amount: Satoshi(4_000_000_000), scriptPubKey: Self.target)
        ]
        let request = SpendRequest(outputs: outputs, feeRate: FeeratePerKw(1_000))
        var taken: Set<OutPoint> = []
        for caller in UInt8(1)...12 {
            let (plan, step) = try wallet.test.wallet.fund(
                request, leaseID: SHA256.hash([caller]), until: wallet.test.now + 600,
                entropy: wallet.freshEntropy(), now: wallet.test.now)
            wallet.test.apply(step)
            for coin in plan.coins { #expect(taken.insert(coin.outPoint).inserted) }
        }
        #expect(wallet.test.balance.locked == Satoshi(12 * 5_000_000_000))
        #expect(wallet.test.balance.confirmed == .zero)
        #expect(throws: SpendError.self) { try wallet.send([(Self.target, 10_000)]) }
        #expect(try wallet.test.rebuilt() == wallet.test.wallet)
        wallet.test.now += 600
        try wallet.test.receive(.timePassed)
        #expect(wallet.test.balance.locked == .zero)
        try wallet.send([(Self.target, 10_000)])
    }

    @Test("callers that use one lease name never get the same coin either, unless they name it")
    func sharedLeaseName() throws {
        var wallet = try OnChainWallet.funded()
        let outputs = [
            TransactionOutput(amount: Satoshi(4_000_000_000), scriptPubKey: Self.target)
        ]
        var request = SpendRequest(outputs: outputs, feeRate: FeeratePerKw(1_000))
        var taken: Set<OutPoint> = []
        for _ in 0..<3 {
            let (plan, step) = try wallet.test.wallet.fund(
                request, leaseID: .zero, until: wallet.test.now + 600,
                entropy: wallet.freshEntropy(), now: wallet.test.now)
            wallet.test.apply(step)
            for coin in plan.coins { #expect(taken.insert(coin.outPoint).inserted) }
        }
        let named = try #require(taken.first)
        request.coins = CoinChoice(exactly: [named])
        let (plan, _) = try wallet.test.wallet.fund(
            request, leaseID: .zero, until: wallet.test.now + 700,
            entropy: wallet.freshEntropy(), now: wallet.test.now)
        #expect(plan.coins.map(\.outPoint) == [named])
    }

    @Test("unconfirmed change is spent only when asked for")
    func unconfirmedChange() throws {
        var wallet = try OnChainWallet.funded()
        let coins = wallet.test.wallet.coins(now: wallet.test.now).map(\.coin.outPoint)
        try wallet.send([(Self.target, 59_000_000_000)], coins: CoinChoice(exactly: coins))
        #expect(throws: SpendError.self) { try wallet.send([(Self.target, 10_000)]) }
        try wallet.send([(Self.target, 10_000)], coins: CoinChoice(minimumConfirmations: 0))
    }

    @Test("what the network refuses at first frees its coins; what it took once keeps them")
    func refusedBroadcast() throws {
        var wallet = try OnChainWallet.funded()
        let request = SpendRequest(
            outputs: [TransactionOutput(amount: Satoshi(50_000), scriptPubKey: Self.target)],
            feeRate: FeeratePerKw(1_000))
        let before = wallet.test.balance
        let (first, step) = try wallet.test.wallet.send(
            request, keys: TestWallet.keys, entropy: wallet.freshEntropy(), now: wallet.test.now)
        wallet.test.apply(step)
        #expect(wallet.test.balance.confirmed < before.confirmed)
        try wallet.test.receive(.broadcastRejected(first.id))
        #expect(wallet.test.balance == before)
        let second = try wallet.send([(Self.target, 50_000)])
        try wallet.test.receive(.broadcastRejected(second.id))
        #expect(wallet.test.wallet.transaction(second.id)?.status == .unconfirmed)
    }

    @Test("after a restart the wallet offers what waits, parents first")
    func rebroadcast() throws {
        var wallet = try OnChainWallet.funded()
        let parent = try wallet.send([(Self.target, 4_000_000_000)])
        let change = CoinChoice(
            exactly: [
                try #require(
                    wallet.test.wallet.coins(now: wallet.test.now).first {
                        $0.coin.outPoint.transactionID == parent.id
                    }
                ).coin.outPoint
            ], minimumConfirmations: 0)
        let child = try wallet.send([(Self.target, 10_000)], coins: change)
        wallet.test.wallet = try wallet.test.rebuilt()
        _ = wallet.test.takeEffects()
        try wallet.test.receive(.rebroadcastDue)
        #expect(wallet.test.takeBroadcasts() == [parent, child])
    }
}
