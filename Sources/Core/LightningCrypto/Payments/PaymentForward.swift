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
    /// What is taken or given besides for the channel that the HTLC came in by.
    public var inboundFee: InboundFee

    /// The blocks that an HTLC may take at most. BOLT 4: "This `max_htlc_cltv` value is defined as 2016 blocks".
    public static let maxHTLCCltv: UInt32 = 2016

    /// Terms of these parts.
    public init(
        relay: PaymentRelay, htlcMinimum: MilliSatoshi, expiryMargin: UInt32,
        inboundFee: InboundFee = .none
    ) {
        self.relay = relay
        self.htlcMinimum = htlcMinimum
        self.expiryMargin = expiryMargin
        self.inboundFee = inboundFee
    }

    /// What the HTLC that came in has to hold for one of `amount` to go out; nil where it does not fit 64 bits.
    public func incoming(for amount: MilliSatoshi) -> MilliSatoshi? {
        guard let fee = relay.fee(for: amount), let sum = amount.adding(fee) else { return nil }
        return inboundFee.applied(to: sum, fee: fee).flatMap { amount.adding($0) }
    }
}

/// What a channel takes for HTLCs that come in by it, or where negative, gives (bLIP 18).
public struct InboundFee: Hashable, Sendable {
    /// In millisatoshi, for each HTLC.
    public var base: Int32
    /// In millionths of what comes in.
    public var proportionalMillionths: Int32

    /// Nothing.
    public static let none = InboundFee(base: 0, proportionalMillionths: 0)

    /// A fee, or where negative a discount.
    public init(base: Int32, proportionalMillionths: Int32) {
        self.base = base
        self.proportionalMillionths = proportionalMillionths
    }

    /// The whole fee where the outgoing channel takes `fee` of `sum`: never below zero. Nil where it does not fit 64 bits.
    func applied(to sum: MilliSatoshi, fee: MilliSatoshi) -> MilliSatoshi? {
        guard self != .none else { return fee }
        // Rounded towards zero, as the fee is towards the payer's favour and the discount towards the node's.
        let proportional = Int128(sum.value) * Int128(proportionalMillionths) / 1_000_000
        let total = Int128(fee.value) + Int128(base) + proportional
        return UInt64(exactly: max(0, total)).map { MilliSatoshi($0) }
    }
}

extension PaymentForward {
    /// Why the HTLC cannot go on under a channel's terms: the failure to report, or nil.
    ///
    /// BOLT 4: "SHOULD select the first error it encounters from the list above."
    public func problem(terms: ForwardingTerms, height: BlockHeight) -> Failure? {
        if amount < terms.htlcMinimum { return .amountBelowMinimum(amount: amount) }
        // What goes on inside a blinded path is rounded up, so that the fee may be short of a millisatoshi.
        let rounding = MilliSatoshi(pathKey == nil ? 0 : 1)
        guard let needed = terms.incoming(for: amount),
            let offered = incomingAmount.adding(rounding),
            offered >= needed || Mutation.isOn(.forwardForNothing)
        else { return .feeInsufficient(amount: incomingAmount) }
        if incomingCltvExpiry - cltvExpiry < Int64(terms.relay.cltvExpiryDelta),
            !Mutation.isOn(.forwardWithoutTime)
        {
            return .incorrectCltvExpiry(cltvExpiry)
        }
        if cltvExpiry - height <= Int64(terms.expiryMargin) { return .expiryTooSoon() }
        let longest = Int64(ForwardingTerms.maxHTLCCltv)
        if cltvExpiry - height > longest { return .expiryTooFar }
        // BOLT 2: "if an incoming HTLC's `cltv_expiry` is unreasonably far in the future: SHOULD fail that incoming HTLC"
        if incomingCltvExpiry - height > longest + Int64(terms.relay.cltvExpiryDelta) {
            return .expiryTooFar
        }
        return nil
    }
}
