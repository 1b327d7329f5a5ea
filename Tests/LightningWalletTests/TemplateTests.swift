import Bitcoin
import LightningWallet
import LightningWire
import TestSupport
import Testing

@Suite("Paying for PSBTs that others began") struct TemplateTests {
    static let fingerprint = TestWallet.keys.masterFingerprint
    static let lease = SHA256.hash([1])
    static let rate = FeeratePerKw(1_000)

    /// Someone else with a coin of each kind that a template may spend.
    struct Stranger {
        let key: PrivateKey
        let output: TransactionOutput

        init() throws {
            key = try PrivateKey([UInt8](repeating: 9, count: 32))
            output = TransactionOutput(
                amount: Satoshi(3_000_000),
                scriptPubKey: .payToWitnessPublicKeyHash(of: key.publicKey))
        }
    }

    static func payment(_ amount: Int64) -> TransactionOutput {
        TransactionOutput(amount: Satoshi(amount), scriptPubKey: OnChainWallet.foreignScript)
    }

    static func fund(
        _ wallet: inout OnChainWallet, _ request: TemplateRequest
    ) throws -> FundedTransaction {
        let (funded, step) = try wallet.test.wallet.fund(
            request, fingerprint: fingerprint, leaseID: lease, until: wallet.test.now + 600,
            entropy: wallet.freshEntropy(), now: wallet.test.now)
        wallet.test.apply(step)
        return funded
    }

    /// Signs, publishes and offers what was funded; the fee has to be at the rate.
    @discardableResult
    static func finish(
        _ wallet: inout OnChainWallet, _ funded: FundedTransaction
    ) throws -> Transaction {
        var psbt = funded.psbt
        _ = try wallet.test.wallet.sign(&psbt, keys: TestWallet.keys)
        let (transaction, step) = try wallet.test.wallet.publish(psbt, now: wallet.test.now)
        wallet.test.apply(step)
        try wallet.broadcast()
        try wallet.expectFee(of: transaction, at: rate.value)
        return transaction
    }

    @Test(
        "coins and change are added to a template of outputs, whose lock time and extra entries stay",
        arguments: [PSBT.Version.v0, .v2])
    func outputsAlone(_ version: PSBT.Version) throws {
        var wallet = try OnChainWallet.funded()
        var template = PSBT(
            Transaction(
                inputs: [], outputs: [Self.payment(700_000), Self.payment(20_000)],
                lockTime: LockTime(5)))
        let mark = PSBTKey(type: 0xfc, data: [1, 0x61, 7])
        template.global[mark] = [42]
        template = try template.converted(to: version)
        if version == .v2 { template.modifiable = [.inputs, .outputs] }
        let request = TemplateRequest(
            template: template, feeRate: Self.rate, funding: .added, change: .last)
        let funded = try Self.fund(&wallet, request)
        #expect(funded.psbt.version == version)
        #expect(funded.psbt.global[mark] == [42])
        #expect(funded.changeIndex == 2)
        let leased = wallet.test.wallet.leasedCoins(now: wallet.test.now).map(\.coin.outPoint)
        #expect(Set(leased) == Set(funded.leased.map(\.outPoint)))
        let transaction = try Self.finish(&wallet, funded)
        #expect(transaction.lockTime == LockTime(5))
        #expect(transaction.outputs.prefix(2) == [Self.payment(700_000), Self.payment(20_000)])
        #expect(try wallet.test.rebuilt() == wallet.test.wallet)
    }

    @Test("inputs of the template pay alone where no coins are added, and are leased")
    func ownInputs() throws {
        var wallet = try OnChainWallet.funded()
        let coins = wallet.test.wallet.coins(now: wallet.test.now).map(\.coin)
        let chosen = AccountKind.allCases.compactMap { kind in
            coins.first { $0.path.account == kind }
        }
        let template = PSBT(
            Transaction(
                inputs: chosen.map { TransactionInput(previousOutput: $0.outPoint) },
                outputs: [Self.payment(14_000_000_000)]))
        let request = TemplateRequest(
            template: template, feeRate: Self.rate, funding: .template)
        let funded = try Self.fund(&wallet, request)
        #expect(Set(funded.leased) == Set(chosen))
        #expect(try Self.finish(&wallet, funded).inputs.count == chosen.count)

        let much = PSBT(
            Transaction(
                inputs: coins.suffix(1).map { TransactionInput(previousOutput: $0.outPoint) },
                outputs: [Self.payment(5_000_000_000)]))
        #expect(throws: SpendError.self) {
            try Self.fund(
                &wallet, TemplateRequest(template: much, feeRate: Self.rate, funding: .template))
        }
    }

    @Test(
        "others' inputs count with what they bring and weigh, and an output of theirs takes the change"
    )
    func foreignInput() throws {
        var wallet = try OnChainWallet.funded()
        let stranger = try Stranger()
        // The stranger's coin comes from the wallet, so that the network has it.
        let payment = try wallet.send([(stranger.output.scriptPubKey, 3_000_000)])
        try wallet.mine()
        let index = try #require(payment.outputs.firstIndex { $0 == stranger.output })
        var template = PSBT(
            Transaction(
                inputs: [
                    TransactionInput(previousOutput: OutPoint(payment.id, UInt32(index)))
                ], outputs: [Self.payment(10_000_000), Self.payment(1_000)]))
        template.inputs[0].witnessOutput = stranger.output
        let origin = KeyOrigin(KeyFingerprint(stranger.key.publicKey), DerivationPath())
        template.inputs[0].derivations[stranger.key.publicKey.compressed] = origin
        let request = TemplateRequest(
            template: template, feeRate: Self.rate, funding: .added, change: .output(1))
        var funded = try Self.fund(&wallet, request)
        #expect(funded.changeIndex == 1)
        let transaction = try funded.psbt.unsignedTransaction()
        #expect(transaction.outputs.count == 2)
        #expect(transaction.outputs[0] == Self.payment(10_000_000))
        #expect(transaction.outputs[1].amount > Satoshi(4_000_000_000))
        #expect(transaction.inputs[0].previousOutput == OutPoint(payment.id, UInt32(index)))
        #expect(funded.leased.count == 1)
        var psbt = funded.psbt
        #expect(try psbt.sign(with: OneKey(key: stranger.key)) == 1)
        funded = FundedTransaction(psbt: psbt, changeIndex: 1, leased: funded.leased)
        try Self.finish(&wallet, funded)
    }

    @Test("an own input beside which coins are added must be leased")
    func unleased() throws {
        var wallet = try OnChainWallet.funded()
        let coin = try #require(wallet.test.wallet.coins(now: wallet.test.now).first).coin
        let template = PSBT(
            Transaction(
                inputs: [TransactionInput(previousOutput: coin.outPoint)],
                outputs: [Self.payment(6_000_000_000)]))
        let request = TemplateRequest(
            template: template, feeRate: Self.rate, funding: .added, change: .last)
        #expect(throws: SpendError.unspendableCoin(coin.outPoint, .notLeased)) {
            try Self.fund(&wallet, request)
        }
        let other = SHA256.hash([2])
        wallet.test.apply(
            try wallet.test.wallet.lease(
                [coin.outPoint], id: other, until: wallet.test.now + 600, now: wallet.test.now))
        let funded = try Self.fund(&wallet, request)
        #expect(!funded.leased.contains(coin))
        #expect(try Self.finish(&wallet, funded).inputs.count == 2)
    }

    @Test("what cannot be paid for is refused, and nothing is leased", arguments: Refusal.allCases)
    func refused(_ refusal: Refusal) throws {
        var wallet = try OnChainWallet.funded()
        let before = wallet.test.wallet
        let request = try refusal.request(wallet)
        #expect(throws: refusal.error(request)) { try Self.fund(&wallet, request) }
        #expect(wallet.test.wallet == before)
    }

    enum Refusal: CaseIterable, Sendable {
        case signed, closed, unknownInput, noOutputs, dust, noSuchOutput, twice, absurdAmount

        func request(_ wallet: OnChainWallet) throws -> TemplateRequest {
            let stranger = try Stranger()
            let foreign = TransactionInput(previousOutput: OutPoint(TransactionID(.zero), 3))
            var transaction = Transaction(inputs: [foreign], outputs: [payment(50_000)])
            switch self {
            case .noOutputs: transaction.outputs = []
            case .dust: transaction.outputs = [payment(100)]
            case .twice: transaction.inputs = [foreign, foreign]
            case .signed, .closed, .unknownInput, .noSuchOutput, .absurdAmount: break
            }
            var template = PSBT(transaction)
            for index in template.inputs.indices where self != .unknownInput {
                template.inputs[index].witnessOutput = stranger.output
            }
            switch self {
            case .signed:
                template.inputs[0].partialSignatures[stranger.key.publicKey.compressed] = [1]
            case .closed: template = try template.converted(to: .v2)
            case .absurdAmount:
                template.inputs[0].witnessOutput?.amount = Satoshi(.max)
            case .unknownInput, .noOutputs, .dust, .noSuchOutput, .twice: break
            }
            return TemplateRequest(
                template: template, feeRate: rate, funding: .added,
                change: self == .noSuchOutput ? .output(1) : .last)
        }

        func error(_ request: TemplateRequest) -> SpendError {
            switch self {
            case .signed: .psbt(.transactionIsSigned(input: 0))
            case .closed:
                .psbt(.forbiddenField(.global, type: PSBTGlobalType.modifiable.rawValue))
            case .unknownInput: .psbt(.missingSpentOutput(input: 0))
            case .noOutputs: .noOutputs
            case .dust: .dustOutput(output: 0, Satoshi(100), limit: Satoshi(330))
            case .noSuchOutput: .noSuchOutput(1, count: 1)
            case .twice: .duplicateCoin(OutPoint(TransactionID(.zero), 3))
            case .absurdAmount: .invalidAmount(output: 0, Satoshi(.max))
            }
        }
    }
}

/// A signer with one key.
private struct OneKey: PSBTKeySource {
    let key: PrivateKey

    func privateKey(for publicKey: PublicKey, origin: KeyOrigin) -> PrivateKey? {
        publicKey == key.publicKey ? key : nil
    }
}
