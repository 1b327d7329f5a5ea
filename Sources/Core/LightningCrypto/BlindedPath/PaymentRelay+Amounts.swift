import Bitcoin
import LightningWire

extension PaymentRelay {
    /// What the node sends on of an HTLC that came in; nil where nothing would be left (BOLT 4).
    public func forwarded(
        amount: MilliSatoshi, cltvExpiry: BlockHeight
    ) -> (amount: MilliSatoshi, cltvExpiry: BlockHeight)? {
        guard let rest = amount.subtracting(MilliSatoshi(UInt64(feeBase))),
            cltvExpiry.value > UInt32(cltvExpiryDelta)
        else { return nil }
        // BOLT 4: "amt_to_forward = ((amount_msat - fee_base_msat) * 1000000 + 1000000 + fee_proportional_millionths -
        // 1) / (1000000 + fee_proportional_millionths)"
        let divisor = Self.million + UInt128(feeProportionalMillionths)
        let forwarded = (UInt128(rest.value) * Self.million + divisor - 1) / divisor
        guard forwarded > 0, let value = UInt64(exactly: forwarded) else { return nil }
        return (
            MilliSatoshi(value), cltvExpiry.saturatingSubtract(UInt32(cltvExpiryDelta))
        )
    }

    /// The fee for sending `amount` on (BOLT 7, "HTLC Fees"); nil where it does not fit 64 bits.
    public func fee(for amount: MilliSatoshi) -> MilliSatoshi? {
        let proportional =
            UInt128(amount.value) * UInt128(feeProportionalMillionths) / Self.million
        return UInt64(exactly: proportional + UInt128(feeBase)).map { MilliSatoshi($0) }
    }

    /// What a whole blinded path takes, from what its nodes take, first node first (BOLT 4).
    ///
    /// The receiver's own `minFinalCltvExpiryDelta` is part of the result. Nil where a sum does not fit its field.
    public static func total(
        of relays: [PaymentRelay], minFinalCltvExpiryDelta: UInt16
    ) -> PaymentRelay? {
        var base: UInt128 = 0
        var proportional: UInt128 = 0
        var delta = Int(minFinalCltvExpiryDelta)
        // From the receiver backwards: a node takes its fee also on the fees of those behind it.
        for relay in relays.reversed() {
            let (nodeBase, nodeProportional) = (
                UInt128(relay.feeBase), UInt128(relay.feeProportionalMillionths)
            )
            base = roundedUp(nodeBase * million + base * (million + nodeProportional))
            proportional = roundedUp(
                (proportional + nodeProportional) * million + proportional * nodeProportional)
            guard base <= UInt32.max, proportional <= UInt32.max else { return nil }
            delta += Int(relay.cltvExpiryDelta)
        }
        guard let cltvExpiryDelta = UInt16(exactly: delta) else { return nil }
        return PaymentRelay(
            cltvExpiryDelta: cltvExpiryDelta, feeProportionalMillionths: UInt32(proportional),
            feeBase: UInt32(base))
    }

    private static let million: UInt128 = 1_000_000

    private static func roundedUp(_ millionths: UInt128) -> UInt128 {
        (millionths + million - 1) / million
    }
}
