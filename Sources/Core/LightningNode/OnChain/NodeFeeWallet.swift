import Bitcoin
import LightningOnChain
import LightningWallet

/// The node's wallet as the publisher sees it; what its changes lead to gathers in ``step``.
struct NodeFeeWallet: FeeWallet {
    var wallet: Wallet
    let keys: WalletKeys
    let now: UInt64
    var step = Step()

    init(_ wallet: Wallet, keys: WalletKeys, now: UInt64) {
        self.wallet = wallet
        self.keys = keys
        self.now = now
    }

    func feeCoins(beside claimed: Set<OutPoint>) -> [FeeCoin] {
        wallet.feeCoins(beside: claimed, now: now).map { coin, isInUse in
            FeeCoin(
                outPoint: coin.outPoint, output: coin.output,
                inputWeight: coin.path.account.inputWeight, isInUse: isInUse)
        }
    }

    mutating func newScript() -> Script? {
        do {
            let (address, _, result) = try wallet.newAddress(.taproot, .change)
            step.append(Step(result))
            return address.script
        } catch {
            return nil
        }
    }

    func sign(
        _ transaction: Transaction, coins: [Int: FeeCoin], spent: [TransactionOutput]
    ) -> Transaction? {
        try? wallet.sign(
            transaction, coins: coins.mapValues(\.outPoint), spent: spent, keys: keys)
    }

    mutating func adopt(_ transaction: Transaction) {
        step.append(Step(wallet.adopt(transaction, now: now)))
    }

    mutating func release(_ claimed: Set<OutPoint>) {
        step.append(Step(wallet.abandonSpenders(of: claimed)))
    }

    mutating func handOver(_ claimed: Set<OutPoint>) {
        step.append(Step(wallet.offerSpenders(of: claimed)))
    }
}
