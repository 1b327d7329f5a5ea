import Bitcoin

/// The wallet as the publisher sees it: coins that pay fees, scripts to be paid at, and signatures for coins.
///
/// What pays a fee belongs to the transactions that the publisher has made with it: the claimed outputs that they spend
/// beside name the use, so that a replacement finds the coins again.
public protocol FeeWallet {
    /// The confirmed coins that nothing else uses, and those that unconfirmed transactions of the publisher's use which
    /// spend one of `claimed`. In a fixed order.
    func feeCoins(beside claimed: Set<OutPoint>) -> [FeeCoin]

    /// A script of the wallet's that was not used before; nil where there is none.
    mutating func newScript() -> Script?

    /// `transaction` with signatures for the coins at some of its inputs; `spent` is what its inputs spend, in their order.
    /// Nil where it does not sign.
    func sign(
        _ transaction: Transaction, coins: [Int: FeeCoin], spent: [TransactionOutput]
    ) -> Transaction?

    /// Takes note that the publisher offers `transaction` in the place of all of its that spend the same outputs. The coins
    /// belong to it from now on, and its change comes to the wallet. The wallet does not offer it to the network itself.
    mutating func adopt(_ transaction: Transaction)

    /// Frees the coins of unconfirmed transactions of the publisher's that spend one of `claimed`: they are not expected
    /// to be mined any more.
    mutating func release(_ claimed: Set<OutPoint>)

    /// Leaves unconfirmed transactions of the publisher's that spend one of `claimed` to the wallet: they are as good as
    /// any other of its transactions, and nobody but the wallet cares for them now.
    mutating func handOver(_ claimed: Set<OutPoint>)
}

/// A coin of the wallet's that can pay a fee.
public struct FeeCoin: Hashable, Sendable {
    /// Which output it is.
    public let outPoint: OutPoint
    /// Its amount and script.
    public let output: TransactionOutput
    /// The most that an input which spends it weighs, signed.
    public let inputWeight: Weight
    /// Whether a transaction of the publisher's uses it already.
    public let isInUse: Bool

    /// A coin of these parts.
    public init(
        outPoint: OutPoint, output: TransactionOutput, inputWeight: Weight, isInUse: Bool
    ) {
        self.outPoint = outPoint
        self.output = output
        self.inputWeight = inputWeight
        self.isInUse = isInUse
    }
}
