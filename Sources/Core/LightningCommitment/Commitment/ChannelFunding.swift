import Bitcoin

/// A funding output: where a channel's money is.
public struct ChannelFunding: Hashable, Sendable {
    public let outPoint: OutPoint
    public let amount: Satoshi
    public let script: FundingScript
    /// How many fundings of the channel came before, replaced or spliced: each has a funding key of its own.
    public let number: UInt32

    /// The output at `outPoint` with `amount` that `script` locks.
    public init(
        outPoint: OutPoint, amount: Satoshi, script: FundingScript, number: UInt32 = 0
    ) {
        self.outPoint = outPoint
        self.amount = amount
        self.script = script
        self.number = number
    }

    /// The output as a transaction has it.
    public var output: TransactionOutput {
        TransactionOutput(amount: amount, scriptPubKey: script.scriptPubKey)
    }
}
