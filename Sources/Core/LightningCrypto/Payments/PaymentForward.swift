import Bitcoin
import LightningWire

/// How the next node on a way is named.
public enum NextPeer: Hashable, Sendable {
    /// By a channel with it; another one with the same node does as well (BOLT 4, "Non-strict Forwarding").
    case channel(ShortChannelID)
    case node(NodeID)
}

/// An HTLC that is to go on (BOLT 4, "Accepting and Forwarding a Payment").
public struct PaymentForward: Hashable, Sendable {
    public let incomingAmount: MilliSatoshi
    public let incomingCltvExpiry: BlockHeight
    public let paymentHash: PaymentHash
    public let next: NextPeer
    /// What the outgoing HTLC has to have.
    public let amount: MilliSatoshi
    /// What the outgoing HTLC has to have.
    public let cltvExpiry: BlockHeight
    /// The packet for the next node.
    public let packet: OnionPacket
    /// The key to send beside the packet; nil outside of blinded paths.
    public let pathKey: Point?
    /// How to tell the origin if it fails, here or further on.
    public let reporter: FailureReporter
}

/// What this node asks of those whose HTLCs it forwards over a channel.
public struct ForwardingTerms: Hashable, Sendable {
    /// Fees and blocks, as the channel's `channel_update` announces them.
    public var relay: PaymentRelay
    /// The least amount of an outgoing HTLC.
    public var htlcMinimum: MilliSatoshi
    /// How many blocks must be left before the outgoing HTLC expires.
    public var expiryMargin: UInt32

    /// The blocks that an HTLC may take at most. BOLT 4: "This `max_htlc_cltv` value is defined as 2016 blocks".
    public static let maxHTLCCltv: UInt32 = 2016

    /// Terms of these parts.
    public init(relay: PaymentRelay, htlcMinimum: MilliSatoshi, expiryMargin: UInt32) {
        self.relay = relay
        self.htlcMinimum = htlcMinimum
        self.expiryMargin = expiryMargin
    }
}

extension PaymentForward {
    /// Why the HTLC cannot go on under a channel's terms: the failure to report, or nil.
    ///
    /// BOLT 4: "SHOULD select the first error it encounters from the list above."
    public func problem(terms: ForwardingTerms, height: BlockHeight) -> Failure? {
        if amount < terms.htlcMinimum { return .amountBelowMinimum(amount: amount) }
        guard let fee = terms.relay.fee(for: amount), let needed = amount.adding(fee),
            incomingAmount >= needed
        else { return .feeInsufficient(amount: incomingAmount) }
        if incomingCltvExpiry - cltvExpiry < Int64(terms.relay.cltvExpiryDelta) {
            return .incorrectCltvExpiry(cltvExpiry)
        }
        if cltvExpiry - height <= Int64(terms.expiryMargin) { return .expiryTooSoon() }
        if cltvExpiry - height > Int64(ForwardingTerms.maxHTLCCltv) { return .expiryTooFar }
        return nil
    }
}
