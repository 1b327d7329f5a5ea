import Bitcoin
import LightningChannel
import LightningCrypto
import LightningPayment
import LightningWire

/// Something that happened in the node, for those who have asked to be told. It is told once what it tells of is durable.
///
/// What matters is in the records too: news that a crash took along are not told again.
public enum NodeNews: Sendable {
    /// A peer has said `init`, or its connection is over.
    case peer(PublicKey, isOnline: Bool)
    case channel(ChannelNews)
    /// An invoice was added, or something became of it.
    case invoice(InvoiceEntry)
    /// A payment was begun, or a part of it was sent or came back.
    case payment(PaymentProgress)
    case paymentEnded(PastPayment)
    /// An HTLC of a peer went on, or its end is known.
    case forward(ForwardNews)
}

/// A turn in the life of a channel, with the channel as it is after it.
public enum ChannelNews: Sendable {
    /// A peer wants to open a channel: ``ChannelRequest/answerOffer(_:of:_:)`` is awaited.
    case offered(ChannelOffer)
    /// Nothing more can be said about such a wish: it was answered, nobody answered in time, or the peer has gone.
    case offerEnded(ChannelOffer)
    /// Both sides have signed: the funding transaction may be published and has to be mined.
    case pendingOpen(ChannelReport)
    /// Both sides are ready: the channel is open.
    case open(ChannelReport)
    /// The channel can be used: it is open and the peer is there.
    case active(ChannelReport)
    /// The channel cannot be used any more, or for a while.
    case inactive(ChannelReport)
    /// That transaction closes the channel once it is mined: both sides have signed it, or this side publishes its
    /// commitment.
    case closing(ChannelReport, TransactionID)
    /// That transaction in the block at `height` has closed the channel.
    case closed(ChannelReport, ClosedChannel.Kind, TransactionID, height: BlockHeight)
    /// Everything that was the channel's has found its end on the chain, for good.
    case resolved(ClosedChannel)
    /// The channel with that peer is gone without ever having held money; nil where its funding was not known yet.
    case forgotten(PublicKey, funding: OutPoint?, ForgottenReason)
}

/// An HTLC of a peer that goes on over another channel, at one of its turns.
public struct ForwardNews: Hashable, Sendable {
    /// What happened to it.
    public enum Turn: Hashable, Sendable {
        /// It was offered to the next node.
        case offered
        /// The next node has shown the preimage.
        case settled(PaymentPreimage)
        /// It was given back, by the next node or one behind it.
        case failed
        /// This node has not forwarded it.
        case refused(FailureCode)
    }

    /// The HTLC that came in.
    public let incoming: HTLCName
    /// By what name its channel is known.
    public let incomingChannel: ShortChannelID?
    /// The HTLC that went out; nil while there is none.
    public let outgoing: HTLCName?
    /// By what name the sender asked for the channel that it goes out over.
    public let outgoingChannel: ShortChannelID?
    public let incomingAmount: MilliSatoshi
    public let outgoingAmount: MilliSatoshi
    public let turn: Turn
    /// In seconds since 1970.
    public let time: UInt64

    /// A turn of an HTLC.
    public init(
        incoming: HTLCName, incomingChannel: ShortChannelID?, outgoing: HTLCName?,
        outgoingChannel: ShortChannelID?, incomingAmount: MilliSatoshi,
        outgoingAmount: MilliSatoshi, turn: Turn, time: UInt64
    ) {
        self.incoming = incoming
        self.incomingChannel = incomingChannel
        self.outgoing = outgoing
        self.outgoingChannel = outgoingChannel
        self.incomingAmount = incomingAmount
        self.outgoingAmount = outgoingAmount
        self.turn = turn
        self.time = time
    }
}
