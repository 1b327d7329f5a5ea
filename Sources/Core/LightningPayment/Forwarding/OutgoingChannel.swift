import Bitcoin
import LightningCrypto
import LightningWire

/// What forwarding over one channel costs and may carry: set by the operator, announced in `channel_update`.
public struct ForwardingPolicy: Hashable, Sendable {
    /// What is taken for sending on over the channel, and the blocks between the expiries.
    public var relay: PaymentRelay
    /// What is taken, or given as a discount, for what comes in over the channel.
    public var inboundFee: InboundFee
    /// The least amount of an outgoing HTLC.
    public var htlcMinimum: MilliSatoshi
    /// The greatest amount of an outgoing HTLC; nil where the channel alone sets the limit.
    public var htlcMaximum: MilliSatoshi?
    public var isEnabled: Bool

    /// A policy of these parts.
    public init(
        relay: PaymentRelay, inboundFee: InboundFee = .none, htlcMinimum: MilliSatoshi,
        htlcMaximum: MilliSatoshi? = nil, isEnabled: Bool = true
    ) {
        self.relay = relay
        self.inboundFee = inboundFee
        self.htlcMinimum = htlcMinimum
        self.htlcMaximum = htlcMaximum
        self.isEnabled = isEnabled
    }
}

/// A channel over which an HTLC may be sent on.
public struct OutgoingChannel: Hashable, Sendable {
    /// The number of the channel's keys.
    public var number: UInt32
    public var policy: ForwardingPolicy
    /// What held before the policy was changed, while it is still taken.
    public var formerPolicy: ForwardingPolicy?
    /// What this side can send now: the balance above the reserve and the fees. Zero while the peer is not connected.
    public var available: MilliSatoshi

    /// A channel and its present state.
    public init(
        number: UInt32, policy: ForwardingPolicy, formerPolicy: ForwardingPolicy? = nil,
        available: MilliSatoshi
    ) {
        self.number = number
        self.policy = policy
        self.formerPolicy = formerPolicy
        self.available = available
    }
}

/// An HTLC that this node is to offer for another that came in.
public struct ForwardedHTLC: Hashable, Sendable {
    /// The HTLC that came in, which names this one's origin.
    public let incoming: HTLCName
    /// The channels that may carry it, the best first; each takes it under its own terms. Never empty.
    public let channels: [UInt32]
    public let amount: MilliSatoshi
    public let paymentHash: PaymentHash
    public let cltvExpiry: BlockHeight
    /// The packet for the next node.
    public let onion: [UInt8]
    /// The key to send beside the packet; nil outside of blinded paths.
    public let pathKey: Point?
}

/// What was earned with one HTLC.
public struct ForwardedPayment: Hashable, Sendable {
    public let incoming: HTLCName
    public let incomingAmount: MilliSatoshi
    public let outgoingAmount: MilliSatoshi

    /// What HTLC `incoming` holds, and what of it goes on.
    public init(
        incoming: HTLCName, incomingAmount: MilliSatoshi, outgoingAmount: MilliSatoshi
    ) {
        self.incoming = incoming
        self.incomingAmount = incomingAmount
        self.outgoingAmount = outgoingAmount
    }

    /// The difference, which this node keeps.
    public var fee: MilliSatoshi { incomingAmount - outgoingAmount }
}

/// What is to become of an HTLC that came in.
public enum ForwardingDecision: Hashable, Sendable {
    /// Offer another one. Where no channel takes it, tell ``Forwarding/fail(_:with:at:)``.
    case forward(ForwardedHTLC)
    /// It ends here: ``Invoices`` decide.
    case receive(ReceivedPart)
    /// Answer it: it is given back for that reason.
    case answer(AnsweredHTLC, because: FailureCode)
    /// It is given back for that reason, but answered later, by ``Forwarding/advance(to:)``.
    case wait(because: FailureCode)
}
