import LightningWire

/// What a step of a channel led to: changes of durable state, messages for the peer and news for the node.
///
/// The messages may leave only once the writes are durable.
public struct ChannelStep: Hashable, Sendable {
    public var writes: [RecordWrite]
    /// The messages for the peer, in order.
    public var messages: [Message]
    public var events: [ChannelEvent]

    /// A step of these parts.
    public init(
        writes: [RecordWrite] = [], messages: [Message] = [], events: [ChannelEvent] = []
    ) {
        self.writes = writes
        self.messages = messages
        self.events = events
    }
}

/// What happened in a channel that concerns payments.
public enum ChannelEvent: Hashable, Sendable {
    /// The peer's HTLC is irrevocably committed: from now on it may be forwarded, fulfilled or failed. Where
    /// `exceedsDustExposure` it is to be failed.
    case receivedCommitted(UpdateAddHTLC, exceedsDustExposure: Bool)
    /// The peer has told the preimage of this side's HTLC. What was forwarded can be fulfilled at once, since a preimage
    /// cannot be taken back.
    case offeredFulfilled(id: UInt64, preimage: PaymentPreimage, UpdateFulfillHTLC)
    /// The removal of this side's HTLC is irrevocably committed. After a failure, and not before, the HTLC that it
    /// forwarded may be failed.
    case offeredRemoved(id: UInt64, CommitmentUpdate)
    /// The removal of the peer's HTLC is irrevocably committed.
    case receivedRemoved(id: UInt64)
}
