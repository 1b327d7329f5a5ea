import Bitcoin
import LightningCommitment
import LightningWire

/// Something that happens to a channel. Whatever it is, the answer is a step: what a peer did wrong is in the step.
public enum ChannelInput: Sendable {
    /// The peer is connected, and `init` has been exchanged.
    case connected
    case disconnected
    /// A message of the peer that names the channel.
    case message(Message)
    /// The messages that `start_batch` announced.
    case commitmentBatch([CommitmentSigned])
    /// The funding transaction that ``ChannelEvent/fundingWanted(_:)`` asked for is made, not published; this is its output.
    case funded(OutPoint)
    /// The funding transaction is in the best chain.
    case fundingConfirmed(FundingConfirmation)
    /// The block with the funding transaction is no longer in the best chain.
    case fundingUnconfirmed
    /// Another transaction in the best chain spends what the funding transaction would, so that it can never be mined.
    case fundingDoubleSpent
    /// A transaction in the best chain spends the funding output.
    case fundingSpent
    /// The block that spent it is no longer in the best chain.
    case fundingUnspent
    /// The best chain has grown to the context's height.
    case blockConnected
    /// A batch of inputs is at its end: what waits is proposed and signed for.
    case flush
}

/// Something that a user or another channel asks of a channel. It is refused with an error, or done.
public enum ChannelCommand: Sendable {
    /// Offers an HTLC.
    case offer(HTLCOffer)
    /// Decides about HTLC `id` of the peer, durably, whatever the channel's state.
    case resolve(id: UInt64, HTLCResolution)
    /// Ends the channel in agreement with the peer.
    case close(CloseRequest)
    /// Ends the channel alone, by publishing this side's commitment.
    case forceClose
    /// Gives up a channel whose funding transaction is not in the chain. Whoever made that transaction must see to it that it
    /// never will be.
    case abandon
}

/// How a user wants a channel to be closed.
public struct CloseRequest: Hashable, Sendable {
    /// Where this side is paid; the upfront script where there is one.
    public var script: Script
    /// The fee rate of the closing transaction; nil for the present one.
    public var feerate: FeeratePerKw?

    /// A close that pays this side at `script`.
    public init(script: Script, feerate: FeeratePerKw? = nil) {
        self.script = script
        self.feerate = feerate
    }
}

/// Where in the best chain a funding transaction is.
public struct FundingConfirmation: Hashable, Sendable {
    public var height: BlockHeight
    /// The position of the transaction in its block.
    public var transactionIndex: UInt32
    /// What the output holds.
    public var output: TransactionOutput

    /// A funding transaction at that position of the block at `height`.
    public init(height: BlockHeight, transactionIndex: UInt32, output: TransactionOutput) {
        self.height = height
        self.transactionIndex = transactionIndex
        self.output = output
    }
}
