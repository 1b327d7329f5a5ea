import Bitcoin
import LightningCommitment
import LightningWire

/// What a step of a channel led to: changes of durable state, messages for the peer and news for the node.
///
/// The messages may leave only once the writes are durable.
public struct ChannelStep: Equatable, Sendable {
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
        writes.extend(by: later.writes)
        messages.extend(by: later.messages)
        events.extend(by: later.events)
    }
}

/// The output that a channel needs.
public struct FundingWanted: Hashable, Sendable {
    /// What locks the output: version 0, a script hash.
    public var script: Script
    public var amount: Satoshi
    /// The fee rate that the user wants for the transaction.
    public var feerate: FeeratePerKw?
}

/// What happened in a channel that concerns the node: its payments, its coins and its chain.
public enum ChannelEvent: Equatable, Sendable {
    // The channel's life
    /// The peer agrees to the channel: a transaction that funds it is to be made, and not published.
    case fundingWanted(FundingWanted)
    /// Both sides have signed the first commitments: the funding output is to be watched.
    case established(ChannelFunding)
    /// The opener may publish the funding transaction.
    case fundingSigned(ChannelFunding)
    /// Both sides are ready: payments may go through the channel.
    case ready
    /// The names by which payments may speak of the channel have changed.
    case renamed
    /// Nothing more can be added to the channel: it is about to close.
    case shuttingDown
    /// The peer wants to close the channel: ``ChannelCommand/close(_:)`` is to say where this side is paid.
    case closingScriptWanted
    /// Both sides have signed a transaction that closes the channel: it is to be published.
    case closing(Transaction)
    /// Something went wrong; where the disposition is ``Disposition/forceClose``, this side's commitment is to be published,
    /// where it is ``Disposition/disconnect`` the connection is to be closed.
    case failed(ChannelFailure, Disposition)
    /// The channel is gone without ever having held money, and its records with it.
    case forgotten(ForgottenReason)

    // Payments
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
