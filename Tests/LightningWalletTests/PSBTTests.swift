import Bitcoin
import LightningWallet
import TestSupport
import Testing

@Suite("PSBTs of the wallet") struct PSBTTests {
    static let fingerprint = TestWallet.keys.masterFingerprint

    @Test("a funded PSBT is exported, read, signed, completed and taken by the network")
    func roundTrip() throws {
        var wallet = try OnChainWallet.funded()
        let coins = wallet.test.wallet.coins(now: wallet.test.now).map(\.coin)
        let oneOfEach = AccountKind.allCases.compactMap { account in
            coins.first { $0.path.account == account }?.outPoint
        }
        let request = SpendRequest(
            outputs: [
                TransactionOutput(
                    amount: Satoshi(14_000_000_000), scriptPubKey: OnChainWallet.foreignScript)
            ], feeRate: FeeratePerKw(1_000), coins: CoinChoice(exactly: oneOfEach))
        let (plan, step) = try wallet.test.wallet.fund(
            request, leaseID: SHA256.hash([1]), until: wallet.test.now + 600,
            entropy: wallet.freshEntropy(), now: wallet.test.now)
        wallet.test.apply(step)
        let exported = try wallet.test.wallet.psbt(of: plan, fingerprint: Self.fingerprint)
        var psbt = try PSBT(base64: exported.base64)
        #expect(try wallet.test.wallet.sign(&psbt, keys: TestWallet.keys) == 3)
        let (transaction, published) = try wallet.test.wallet.publish(psbt, now: wallet.test.now)
        wallet.test.apply(published)
        try wallet.broadcast()
        #expect(transaction.weight <= plan.weight)
        #expect(wallet.test.balance.locked == .zero)
        let change = try #require(plan.change)
        #expect(psbt.outputs[change.index].taprootInternalKey != nil)
    }

    @Test("inputs of others are left alone, and an unfinished PSBT is not published")
    func foreignInput() throws {
        var wallet = try OnChainWallet.funded()
        let coin = try #require(wallet.test.wallet.coins(now: wallet.test.now).first).coin
        let transaction = Transaction(
            inputs: [
                TransactionInput(previousOutput: coin.outPoint),
                TransactionInput(previousOutput: OutPoint(TransactionID(.zero), 3)),
            ],
            outputs: [
                TransactionOutput(
                    amount: Satoshi(10_000), scriptPubKey: OnChainWallet.foreignScript)
            ])
        var psbt = PSBT(transaction)
        psbt.inputs[1].witnessOutput = TransactionOutput(
            amount: Satoshi(5_000), scriptPubKey: OnChainWallet.foreignScript)
        #expect(try wallet.test.wallet.sign(&psbt, keys: TestWallet.keys) == 1)
        #expect(psbt.inputs[1].partialSignatures.isEmpty)
        #expect(throws: SpendError.self) {
            try wallet.test.wallet.publish(psbt, now: wallet.test.now)
        }
    }

    @Test("a PSBT that lies about the wallet's coin is refused")
    func lie() throws {
        let wallet = try OnChainWallet.funded()
        let coin = try #require(wallet.test.wallet.coins(now: wallet.test.now).first).coin
        var psbt = PSBT(
            Transaction(
                inputs: [TransactionInput(previousOutput: coin.outPoint)],
                outputs: [
                    TransactionOutput(
                        amount: Satoshi(10_000), scriptPubKey: OnChainWallet.foreignScript)
                ]))
        psbt.inputs[0].witnessOutput = TransactionOutput(
            amount: coin.amount - Satoshi(1), scriptPubKey: coin.output.scriptPubKey)
        #expect(throws: SpendError.psbt(.conflictingSpentOutputs(input: 0))) {
            try wallet.test.wallet.sign(&psbt, keys: TestWallet.keys)
        }
    }

    @Test("accounts are exported as descriptors")
    func descriptors() throws {
        let wallet = try OnChainWallet.funded().test.wallet
        for (account, form) in [
            (AccountKind.witness, "wpkh([73c5da0a/84h/1h/0h]tpub"),
            (.nestedWitness, "sh(wpkh([73c5da0a/49h/1h/0h]tpub"),
            (.taproot, "tr([73c5da0a/86h/1h/0h]tpub"),
        ] {
            let text = try wallet.descriptor(account, fingerprint: Self.fingerprint)
                .text(network: .regtest)
            #expect(text.hasPrefix(form), "\(text)")
        }
    }
}
