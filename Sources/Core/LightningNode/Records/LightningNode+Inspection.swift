import LightningChannel
import LightningCommitment

/// Looking at a node from outside without asking it: for tests and the simulator.
extension LightningNode {
    /// All channels that are not closed for good, in the order of their beginnings.
    public var allChannels: [Channel] { channels.numbers.compactMap { channels[$0] } }

    /// How many channels there are.
    public var channelCount: Int { channels.channels.count }

    /// The channels that end on the chain.
    public var closingChannels: [ChannelKeyNumber] { closings.keys.sorted() }

    /// How many payments of this node have not ended.
    public var openPaymentCount: Int { payments.openCount }
}
