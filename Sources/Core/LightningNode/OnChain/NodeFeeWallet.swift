import Bitcoin
import LightningOnChain
import LightningWallet

/// The node's wallet, which the publisher sees in this form. It is where the node keeps it, so that lending it copies
/// nothing; what its changes lead to gathers until it is taken.
struct NodeFeeWallet: FeeWallet {
    var wallet: Wallet
    let keys: WalletKeys
    /// The time of what is done with it, in seconds since 1970.
    var now: UInt64 = 0
    private var step = Step()

    init(_ wallet: Wallet, keys: WalletKeys) {
        self.wallet = wallet
        self.keys = keys
    }

    /// What its changes since the last time lead to.
    mutating func takeStep() -> Step {
        defer { step = Step() }
        return step
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
