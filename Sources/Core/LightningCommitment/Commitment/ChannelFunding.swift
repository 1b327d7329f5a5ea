import Bitcoin

/// A funding output: where a channel's money is.
public struct ChannelFunding: Hashable, Sendable {
    public let outPoint: OutPoint
    public let amount: Satoshi
    public let script: FundingScript

    /// The output at `outPoint` with `amount` that `script` locks.
    public init(outPoint: OutPoint, amount: Satoshi, script: FundingScript) {
        self.outPoint = outPoint
        self.amount = amount
        self.script = script
    }

    /// The output as a transaction has it.
    public var output: TransactionOutput {
        TransactionOutput(amount: amount, scriptPubKey: script.scriptPubKey)
    }
}
