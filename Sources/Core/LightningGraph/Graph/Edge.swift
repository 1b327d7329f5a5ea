import Bitcoin
import LightningWire

/// A direction through which payments can go, in the form in which searches read it: half a cache line.
///
/// Limits are rounded to the safe side (``CompactAmount``); what a search finds is priced exactly before it is used.
struct Edge: Sendable, BitwiseCopyable {
    /// The node at the other end: where an incoming edge comes from, or an outgoing one leads.
    var peer: UInt32
    /// The ``DirectionIndex``.
    let direction: UInt32
    let feeBase: UInt32
    let feeProportionalMillionths: UInt32
    private let least: CompactAmount
    private let most: CompactAmount
    private let reciprocal: CompactAmount
    let cltvExpiryDelta: UInt16
    let flags: Flags

    /// What needs more than the plain arithmetic.
    struct Flags: OptionSet, Sendable, BitwiseCopyable {
        let rawValue: UInt16
        /// The node that is reached charges, or gives back, for what comes in here.
        static let inboundFee = Flags(rawValue: 1)
    }

    /// Twice the amount, in millionths: who asks that much is not asked.
    static let feeLimit: UInt32 = 2_000_000

    /// The edge of a direction; nil where nothing is to be sent through it.
    ///
    /// BOLT 7: "if `htlc_maximum_msat` < `htlc_minimum_msat`: SHOULD ignore this channel during route considerations."
    /// "if `htlc_maximum_msat` is greater than channel capacity: [...] SHOULD ignore this channel during route
    /// considerations."
    init?(
        to peer: UInt32, direction: DirectionIndex, policy: DirectionPolicy, capacity: Satoshi,
        flags: Flags
    ) {
        guard !policy.isDisabled, policy.htlcMaximum >= policy.htlcMinimum,
            policy.htlcMaximum > .zero, capacity > .zero,
            policy.htlcMaximum <= MilliSatoshi(capacity),
            policy.feeProportionalMillionths < Self.feeLimit
        else { return nil }
        self.peer = peer
        self.direction = direction.value
        feeBase = policy.feeBase
        feeProportionalMillionths = policy.feeProportionalMillionths
        least = CompactAmount(roundingUp: policy.htlcMinimum.value)
        most = CompactAmount(roundingDown: policy.htlcMaximum.value)
        reciprocal = CompactAmount(roundingDown: UInt64.max / MilliSatoshi(capacity).value)
        cltvExpiryDelta = policy.cltvExpiryDelta
        self.flags = flags
    }

    /// The least amount of an HTLC, in millisatoshi.
    @inline(__always) var minimum: UInt64 { least.value }

    /// The greatest amount of an HTLC, in millisatoshi; at most the capacity.
    @inline(__always) var maximum: UInt64 { most.value }

    /// The part of the capacity that `amount`, at most ``maximum``, is: as a fraction of 2^64.
    @inline(__always) func share(of amount: UInt64) -> UInt64 { amount &* reciprocal.value }

    /// What is charged for sending `amount` on, which is below 2^64 / ``feeLimit`` in every search.
    @inline(__always) func fee(for amount: UInt64) -> UInt64 {
        UInt64(feeBase) &+ amount &* UInt64(feeProportionalMillionths) / 1_000_000
    }
}
