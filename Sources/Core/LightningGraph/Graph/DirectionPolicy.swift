import LightningWire

/// On what terms a node forwards in one direction of a channel, as its latest `channel_update` tells (BOLT 7).
public struct DirectionPolicy: Hashable, Sendable, BitwiseCopyable {
    // The wide fields first: 32 bytes without padding.
    public var htlcMinimum: MilliSatoshi
    public var htlcMaximum: MilliSatoshi
    /// Seconds since 1970; never 0.
    public var timestamp: UInt32
    /// In millisatoshi.
    public var feeBase: UInt32
    /// In millionths of the amount.
    public var feeProportionalMillionths: UInt32
    /// In blocks.
    public var cltvExpiryDelta: UInt16
    public var isDisabled: Bool

    /// A policy of these terms.
    public init(
        timestamp: UInt32, feeBase: UInt32, feeProportionalMillionths: UInt32,
        htlcMinimum: MilliSatoshi, htlcMaximum: MilliSatoshi, cltvExpiryDelta: UInt16,
        isDisabled: Bool = false
    ) {
        self.timestamp = timestamp
        self.feeBase = feeBase
        self.feeProportionalMillionths = feeProportionalMillionths
        self.htlcMinimum = htlcMinimum
        self.htlcMaximum = htlcMaximum
        self.cltvExpiryDelta = cltvExpiryDelta
        self.isDisabled = isDisabled
    }

    /// The terms that `update` tells.
    public init(_ update: ChannelUpdate) {
        self.init(
            timestamp: update.timestamp, feeBase: update.feeBase,
            feeProportionalMillionths: update.feeProportionalMillionths,
            htlcMinimum: update.htlcMinimum, htlcMaximum: update.htlcMaximum,
            cltvExpiryDelta: update.cltvExpiryDelta, isDisabled: update.channelFlags & 2 != 0)
    }

    /// What the node charges for sending `amount` on through this direction, rounded down; nil past 2^64.
    ///
    /// BOLT 7: "fee_base_msat + ( amount_to_forward * fee_proportional_millionths / 1000000 )".
    public func fee(for amount: MilliSatoshi) -> MilliSatoshi? {
        let proportional = amount.value.multipliedFullWidth(
            by: UInt64(feeProportionalMillionths))
        guard proportional.high < 1_000_000 else { return nil }
        let (quotient, _) = UInt64(1_000_000).dividingFullWidth(proportional)
        return MilliSatoshi(quotient).adding(MilliSatoshi(UInt64(feeBase)))
    }
}

/// What a node charges, or gives back, for what comes in through a channel, on top of what it charges for sending on.
///
/// Told in an odd record behind the fields of `channel_update`; the sum of both fees is never below zero.
public struct InboundFee: Hashable, Sendable, BitwiseCopyable {
    /// In millisatoshi; negative is a discount.
    public var base: Int32
    /// In millionths of the amount; negative is a discount.
    public var proportionalMillionths: Int32

    /// The type of its record.
    static let recordType: UInt64 = 55555

    /// A fee of these parts.
    public init(base: Int32, proportionalMillionths: Int32) {
        self.base = base
        self.proportionalMillionths = proportionalMillionths
    }

    /// What is charged in addition on `amount`, where forwarding it already costs `outbound`: not less than its negative.
    /// Nil past 2^63.
    public func surcharge(on amount: MilliSatoshi, outbound: MilliSatoshi) -> Int64? {
        guard let amount = Int64(exactly: amount.value),
            let outbound = Int64(exactly: outbound.value)
        else { return nil }
        let (high, low) = amount.multipliedFullWidth(by: Int64(proportionalMillionths))
        // Within 2^95 in magnitude, so the quotient fits where the high word is small.
        guard high.magnitude < 499_999 else { return nil }
        let (quotient, _) = Int64(1_000_000).dividingFullWidth((high, low))
        let (sum, isOver) = quotient.addingReportingOverflow(Int64(base))
        return isOver ? nil : max(sum, -outbound)
    }
}
