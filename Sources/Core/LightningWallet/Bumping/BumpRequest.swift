import Bitcoin

/// How a transaction that waits to be mined should be replaced.
public struct BumpRequest: Hashable, Sendable {
    /// What becomes of the outputs of the transaction that is replaced.
    public enum Outputs: Hashable, Sendable {
        /// All stay, and change pays for the fee, or coins that are added.
        case keep
        /// The output of that index pays for the fee; no coin is added.
        case reduce(Int)
        /// None stays: everything goes back to the wallet.
        case cancel
    }

    /// The rate of the replacement.
    public var feeRate: FeeratePerKw
    /// What becomes of the outputs.
    public var outputs: Outputs
    /// The account of a change address, where the transaction has none yet.
    public var changeAccount: AccountKind
    /// The bounds on fees.
    public var policy: FeePolicy

    /// Replaces at `feeRate` and keeps the outputs, unless told otherwise.
    public init(
        feeRate: FeeratePerKw, outputs: Outputs = .keep, changeAccount: AccountKind = .taproot,
        policy: FeePolicy = FeePolicy()
    ) {
        self.feeRate = feeRate
        self.outputs = outputs
        self.changeAccount = changeAccount
        self.policy = policy
    }
}
