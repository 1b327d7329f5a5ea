import Bitcoin
import LightningCommitment
import LightningWire

/// What this side demands of a channel: its part of `open_channel` or `accept_channel` (BOLT 2).
public struct ChannelTerms: Hashable, Sendable {
    /// Below it, this side's commitment has no outputs; at least ``ChannelTerms/leastDustLimit``.
    public var dustLimit = leastDustLimit
    /// The most that may be on its way to this side; nil for all of the channel.
    public var maximumInFlight: MilliSatoshi?
    /// What the peer must keep as a stake; nil for a hundredth of the channel. Raised to both dust limits.
    public var reserve: Satoshi?
    /// The least HTLC that this side takes.
    public var htlcMinimum = MilliSatoshi(1)
    /// The blocks for which the peer must wait for its own money; nil for 144 to 2016, by the channel's size.
    public var delayOfPeer: UInt16?
    /// The most HTLCs that may be offered to this side, at most 483.
    public var maximumAcceptedHTLCs = PartyParameters.mostAcceptedHTLCs
    /// The most that this side lets both have in HTLCs too small for an output.
    public var maximumDustExposure = MilliSatoshi(50_000_000)
    /// The only script to which a mutual close may pay this side; nil to choose when closing.
    public var upfrontShutdownScript: Script?

    /// The usual terms.
    public init() {}

    /// BOLT 2: "`dust_limit_satoshis` is smaller than `354 satoshis`"
    public static let leastDustLimit = Satoshi(354)
    /// The amount from which on channels are large (BOLT 2).
    public static let largeChannel = Satoshi(1 << 24)

    /// The part of this side in a channel of `amount` with a peer whose dust limit is `peerDustLimit`.
    func parameters(
        _ amount: Satoshi, peerDustLimit: Satoshi, _ basepoints: ChannelBasepoints
    ) -> PartyParameters {
        let scaled = Int64(2016) * min(amount, Self.largeChannel).value / Self.largeChannel.value
        return PartyParameters(
            dustLimit: dustLimit,
            maximumInFlight: min(maximumInFlight ?? MilliSatoshi(amount), MilliSatoshi(amount)),
            // BOLT 2: "MUST set `channel_reserve_satoshis` greater than or equal to `dust_limit_satoshis`."
            reserveOfOther: max(reserve ?? Satoshi(amount.value / 100), dustLimit, peerDustLimit),
            htlcMinimum: htlcMinimum, delayOfOther: delayOfPeer ?? UInt16(max(144, scaled)),
            maximumAcceptedHTLCs: maximumAcceptedHTLCs, basepoints: basepoints,
            upfrontShutdownScript: upfrontShutdownScript)
    }
}

/// What a peer may demand of a channel before this side refuses it.
public struct PeerLimits: Hashable, Sendable {
    /// The most blocks for which this side would wait for its own money.
    public var maximumDelay: UInt16 = 2016
    /// The highest dust limit: what is below it in the peer's commitment goes to miners.
    public var maximumDustLimit = Satoshi(1062)
    /// The most of the channel, in hundredths, that this side would keep as a stake.
    public var maximumReservePercent = 20
    /// The highest `htlc_minimum_msat`.
    public var maximumHTLCMinimum = MilliSatoshi(10_000_000)
    /// The lowest `max_htlc_value_in_flight_msat`.
    public var minimumInFlight = MilliSatoshi(1_000_000)
    /// The lowest `max_accepted_htlcs`.
    public var minimumAcceptedHTLCs: UInt16 = 5
    /// The most confirmations that an accepter may wait for.
    public var maximumMinimumDepth: UInt32 = 144

    /// The usual limits.
    public init() {}
}
