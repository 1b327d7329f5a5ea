import Bitcoin
import LightningWallet
import TestSupport
import Testing

@Suite("Coin selection") struct CoinSelectionTests {
    static let target = OnChainWallet.foreignScript

    /// A wallet with confirmed coins of these amounts, accounts in turn.
    static func wallet(_ amounts: [Int64]) throws -> TestWallet {
        var test = try TestWallet()
        var random = SeededGenerator(seed: 5)
        var chain = SimulatedChain()
        var outputs: [TransactionOutput] = []
        let scripts = try AccountKind.allCases.map { try test.newAddress($0).script }
        for (index, amount) in amounts.enumerated() {
            outputs.append(
                TransactionOutput(
                    amount: Satoshi(amount), scriptPubKey: scripts[index % scripts.count]))
        }
        let payment = Transaction(
            inputs: [TransactionInput(previousOutput: chain.makeForeignOutPoint())],
            outputs: outputs)
        chain.mine(reward: target, candidates: [payment], shuffledBy: &random)
        var scanner = test.wallet.scanner()
        try test.receive(.blocksConnected([scanner.scan(chain.blocks[0], at: BlockHeight(1))]))
        return test
    }

    static func plan(
        _ test: TestWallet, amount: Int64, rate: UInt32, seed: UInt8 = 1
    ) throws -> SpendPlan {
        try test.wallet.plan(
            SpendRequest(
                outputs: [TransactionOutput(amount: Satoshi(amount), scriptPubKey: target)],
                feeRate: FeeratePerKw(rate)), entropy: SHA256.hash([seed]), now: test.now)
    }

    @Test("coins that match exactly are found, and leave no change")
    func exactMatch() throws {
        let test = try Self.wallet([
            1_000_000, 31_337_000, 5_000_000, 77_700, 2_345_678, 60_000_000, 400_000,
        ])
        // The second and fourth coin (BIP 49 has 363 units, BIP 84 has 272): frame and inputs at 1 sat/vB.
        let chosen = test.wallet.coins(now: test.now).filter {
            [31_337_000, 77_700].contains($0.coin.amount.value)
        }
        let inputWeight = chosen.reduce(Weight.zero) { $0 + $1.coin.path.account.inputWeight }
        let frame: UInt64 = (4 + 4 + 1 + 1 + 8 + 1 + 34) * 4 + 2 + 3
        let fee =
            chosen.reduce(FeeratePerKw(1_000).feeRoundedUp(for: Weight(frame))) {
                $0 + FeeratePerKw(1_000).feeRoundedUp(for: $1.coin.path.account.inputWeight)
            }
        #expect(inputWeight > .zero)
        let plan = try Self.plan(test, amount: 31_337_000 + 77_700 - fee.value, rate: 1_000)
        #expect(plan.change == nil)
        #expect(Set(plan.coins) == Set(chosen.map(\.coin)))
        #expect(plan.fee == fee)
    }

    @Test("the largest coins are taken where that is wanted, and any where chance is to decide")
    func strategies() throws {
        let test = try Self.wallet([400_000, 100_000, 300_000, 200_000, 350_000])
        func amounts(_ strategy: CoinStrategy, _ seed: UInt8 = 1) throws -> [Int64] {
            var request = SpendRequest(
                outputs: [TransactionOutput(amount: Satoshi(90_000), scriptPubKey: Self.target)],
                feeRate: FeeratePerKw(250))
            request.coins.strategy = strategy
            let plan = try test.wallet.plan(request, entropy: SHA256.hash([seed]), now: test.now)
            return plan.coins.map(\.amount.value)
        }
        #expect(try amounts(.leastWaste) == [100_000])
        #expect(try amounts(.largest) == [400_000])
        let drawn = try Set((0..<40).map { try amounts(.random, $0) })
        #expect(drawn.count > 3, "\(drawn)")
        // What chance cannot pay for, nothing can.
        var all = SpendRequest(
            outputs: [TransactionOutput(amount: Satoshi(1_340_000), scriptPubKey: Self.target)],
            feeRate: FeeratePerKw(250))
        all.coins.strategy = .random
        let plan = try test.wallet.plan(all, entropy: SHA256.hash([1]), now: test.now)
        #expect(plan.coins.count == 5)
    }

    @Test("a sum that leaves dust gives it to the miner")
    func dustToFee() throws {
        let test = try Self.wallet([100_000])
        let plan = try Self.plan(test, amount: 99_500, rate: 250)
        #expect(plan.change == nil && plan.fee == Satoshi(500))
    }

    @Test("coins that cost more than they hold are left")
    func uneconomicCoins() throws {
        let test = try Self.wallet([700, 800, 900, 10_000_000])
        let plan = try Self.plan(test, amount: 50_000, rate: 25_000)
        #expect(plan.coins.map(\.amount) == [Satoshi(10_000_000)])
    }

    @Test("change is worth its output, and stands at any place")
    func changePlace() throws {
        let test = try Self.wallet([10_000_000, 20_000_000])
        let places = try (UInt8(0)..<40).map {
            try #require(Self.plan(test, amount: 3_000_000, rate: 500, seed: $0).change).index
        }
        #expect(Set(places) == [0, 1])
    }

    @Test("the same entropy makes the same choice")
    func deterministic() throws {
        let test = try Self.wallet((1...40).map { $0 * 77_777 })
        let first = try Self.plan(test, amount: 5_555_555, rate: 2_500, seed: 9)
        let second = try Self.plan(test, amount: 5_555_555, rate: 2_500, seed: 9)
        #expect(first == second)
    }

    @Test(
        "for random coins and amounts the fee is right and nothing is lost",
        arguments: UInt64(0)..<20)
    func properties(part: UInt64) throws {
        var random = SeededGenerator(seed: part)
        let count = Int.random(in: 1...60, using: &random)
        let amounts = (0..<count).map { _ in
            Int64.random(
                in: 500...Int64(1) << Int64.random(in: 10...32, using: &random), using: &random)
        }
        let test = try Self.wallet(amounts)
        let total = amounts.reduce(0, +)
        for _ in 0..<10 {
            let amount = Int64.random(in: 1_000...max(2_000, total), using: &random)
            let rate = UInt32.random(in: 250...20_000, using: &random)
            let seed = UInt8.random(in: 0...255, using: &random)
            do throws(SpendError) {
                let plan = try Self.checked(test, amount: amount, rate: rate, seed: seed)
                Self.expectSound(plan, amount: amount, rate: rate)
            } catch {
                guard case .insufficientFunds(let available, let needed) = error else {
                    Issue.record("amount \(amount), rate \(rate): \(error)")
                    continue
                }
                #expect(available < needed)
            }
        }
    }

    static func checked(
        _ test: TestWallet, amount: Int64, rate: UInt32, seed: UInt8
    ) throws(SpendError) -> SpendPlan {
        try test.wallet.plan(
            SpendRequest(
                outputs: [TransactionOutput(amount: Satoshi(amount), scriptPubKey: target)],
                feeRate: FeeratePerKw(rate)), entropy: SHA256.hash([seed]), now: test.now)
    }

    static func expectSound(_ plan: SpendPlan, amount: Int64, rate: UInt32) {
        let spent = plan.coins.reduce(Satoshi.zero) { $0 + $1.amount }
        let paid = plan.transaction.outputs.reduce(Satoshi.zero) { $0 + $1.amount }
        #expect(spent == paid + plan.fee)
        #expect(plan.transaction.outputs.contains { $0.amount == Satoshi(amount) })
        let least = FeeratePerKw(rate).feeRoundedUp(
            for: Weight(virtualBytes: plan.weight.virtualSize))
        #expect(plan.fee >= least)
        // What is given up: roundings, and without change what change would cost now and later, or dust.
        let roundings =
            Satoshi(Int64(plan.coins.count) + 2) + FeeratePerKw(rate).feeRoundedUp(for: Weight(20))
        let changeCost =
            FeeratePerKw(rate).feeRoundedUp(for: AccountKind.taproot.outputWeight)
            + max(
                Satoshi(330),
                FeeratePerKw(2_500).feeRoundedUp(for: AccountKind.taproot.inputWeight))
        #expect(plan.fee <= least + roundings + (plan.change == nil ? changeCost : .zero))
        #expect(Set(plan.coins.map(\.outPoint)).count == plan.coins.count)
        #expect(plan.transaction.inputs.map(\.previousOutput) == plan.coins.map(\.outPoint))
    }
}
