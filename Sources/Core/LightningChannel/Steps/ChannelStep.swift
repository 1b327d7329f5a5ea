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

    /// Puts what a later step led to after this one.
    mutating func append(_ later: ChannelStep) {
        writes += later.writes
        messages += later.messages
        events += later.events
    }
}

/// What happened in a channel that concerns payments.
public enum ChannelEvent: Hashable, Sendable {
    /// The peer's HTLC is irrevocably committed: from now on it may be forwarded, fulfilled or failed. Where
    /// `exceedsDustExposure` it is to be failed.
    case receivedCommitted(UpdateAddHTLC, exceedsDustExposure: Bool)
    /// The peer has told the preimage of this side's HTLC. What was forwarded can be fulfilled at once, since a preimage
    /// cannot be taken back. Comes again where the peer says it again after reconnecting.
    case offeredFulfilled(
        id: UInt64, preimage: PaymentPreimage, UpdateFulfillHTLC, origin: HTLCOrigin?)
    /// The removal of this side's HTLC is irrevocably committed, and its record goes with this step: what follows from
    /// that has to be durable in the same batch. After a failure, and not before, the HTLC that it forwarded may be failed.
    case offeredRemoved(id: UInt64, CommitmentUpdate, origin: HTLCOrigin?)
    /// The connection was lost before this side's HTLC was signed: it is in no commitment, and its id is used again.
    case offeredDropped(id: UInt64, origin: HTLCOrigin?)
    /// The removal of the peer's HTLC is irrevocably committed.
    case receivedRemoved(id: UInt64)
}
