import Bitcoin
import LightningCommitment
import LightningWire

/// The rules of BOLT 2 for `open_channel` and `accept_channel`.
enum OpeningChecks {
    /// Throws where `type` is no type for a channel between two nodes that have negotiated `features`.
    static func channelType(
        _ type: Features, isAnnounced: Bool, _ features: Features
    ) throws(OpeningError) {
        guard type.isDefinedChannelType else { throw .unsuitableChannelType(type) }
        // BOLT 2: "SHOULD NOT set it to a type containing a feature which was not negotiated."
        for feature in [Feature.anchors, .shortChannelIDAlias, .zeroConfirmation]
        where type.supports(feature) && !features.supports(feature) {
            throw .notNegotiated(feature)
        }
        // BOLT 2: "if `announce_channel` is `true` (not `0`): MUST NOT send `channel_type` with the `option_scid_alias` bit
        // set."
        if isAnnounced, type.supports(.shortChannelIDAlias) { throw .announcedAlias }
    }

    /// Throws where a channel of `amount`, of which `pushed` is the accepter's, breaks the rules of amounts.
    static func amounts(
        _ amount: Satoshi, pushed: MilliSatoshi, _ features: Features
    ) throws(OpeningError) {
        // BOLT 2: "if both nodes advertised `option_support_large_channel`: MAY set `funding_satoshis` greater than or equal
        // to 2^24 satoshi." "otherwise: MUST set `funding_satoshis` to less than 2^24 satoshi."
        let largest =
            features.supports(.largeChannels)
            ? Satoshi.maximumMoney : ChannelTerms.largeChannel - Satoshi(1)
        try atMost(.fundingAmount, UInt64(largest.value), UInt64(amount.value))
        // BOLT 2: "MUST set `push_msat` to equal or less than 1000 * `funding_satoshis`."
        try atMost(.pushAmount, MilliSatoshi(amount).value, pushed.value)
    }

    /// Throws where the demands of a side are not acceptable to the other, which has `limits`.
    static func demands(
        _ side: PartyParameters, amount: Satoshi, _ limits: PeerLimits
    ) throws(OpeningError) {
        // BOLT 2: "`to_self_delay` is unreasonably large." "`max_accepted_htlcs` is greater than 483."
        try atMost(.toSelfDelay, UInt64(limits.maximumDelay), UInt64(side.delayOfOther))
        try atMost(
            .maximumAcceptedHTLCs, UInt64(PartyParameters.mostAcceptedHTLCs),
            UInt64(side.maximumAcceptedHTLCs))
        try atLeast(
            .maximumAcceptedHTLCs, UInt64(limits.minimumAcceptedHTLCs),
            UInt64(side.maximumAcceptedHTLCs))
        // BOLT 2: "`dust_limit_satoshis` is greater than `channel_reserve_satoshis`." "`dust_limit_satoshis` is smaller than
        // `354 satoshis`"
        try reserve(side.reserveOfOther, covers: side.dustLimit)
        try atLeast(
            .dustLimit, UInt64(ChannelTerms.leastDustLimit.value), UInt64(side.dustLimit.value))
        try atMost(
            .dustLimit, UInt64(limits.maximumDustLimit.value), UInt64(side.dustLimit.value))
        let stake = max(
            amount.value / 100 * Int64(limits.maximumReservePercent),
            limits.maximumDustLimit.value)
        try atMost(.reserve, UInt64(stake), UInt64(side.reserveOfOther.value))
        try atMost(.htlcMinimum, limits.maximumHTLCMinimum.value, side.htlcMinimum.value)
        try atLeast(
            .maximumInFlight, min(limits.minimumInFlight, MilliSatoshi(amount)).value,
            side.maximumInFlight.value)
    }

    /// Throws unless a side's dust limit is within a reserve.
    static func reserve(
        _ reserve: Satoshi, covers dustLimit: Satoshi
    ) throws(OpeningError) {
        guard reserve >= dustLimit else {
            throw .reserveBelowDustLimit(dustLimit: dustLimit, reserve: reserve)
        }
    }

    /// Throws where the first commitment does not leave the opener its fee, or neither side anything to pay with.
    ///
    /// `reserve` is that of the message looked at.
    static func firstCommitment(
        _ format: CommitmentFormat, _ feerate: FeeratePerKw, amount: Satoshi,
        pushed: MilliSatoshi, reserve: Satoshi
    ) throws(OpeningError) {
        let accepter = pushed.roundedDown
        let opener = (MilliSatoshi(amount) - pushed).roundedDown
        // BOLT 2: "the funder's amount for the initial commitment transaction is not sufficient for full [...]"
        let cost = feerate.fee(for: format.baseWeight) + format.anchorsAmount
        guard opener >= cost else {
            throw .cannotPayInitialFee(needed: cost, available: opener)
        }
        // BOLT 2: "both `to_local` and `to_remote` amounts for the initial commitment transaction are less than or equal to
        // `channel_reserve_satoshis`"
        guard opener - cost > reserve || accepter > reserve else {
            throw .bothWithinReserve(
                reserve: reserve, opener: opener - cost, accepter: accepter)
        }
    }

    /// Throws where a script that a side commits itself to is not one for `shutdown`.
    static func upfrontScript(_ script: Script?, _ features: Features) throws(OpeningError) {
        guard let script else { return }
        guard ClosingScripts(features).allow(script) else {
            throw .upfrontScriptNotAllowed(script)
        }
    }

    static func feerate(
        _ feerate: FeeratePerKw, in acceptable: ClosedRange<FeeratePerKw>
    ) throws(OpeningError) {
        try atLeast(.feerate, UInt64(acceptable.lowerBound.value), UInt64(feerate.value))
        try atMost(.feerate, UInt64(acceptable.upperBound.value), UInt64(feerate.value))
    }

    static func atMost(
        _ field: OpeningField, _ maximum: UInt64, _ actual: UInt64
    ) throws(OpeningError) {
        guard actual <= maximum else {
            throw .above(field, maximum: maximum, actual: actual)
        }
    }

    static func atLeast(
        _ field: OpeningField, _ minimum: UInt64, _ actual: UInt64
    ) throws(OpeningError) {
        guard actual >= minimum else {
            throw .below(field, minimum: minimum, actual: actual)
        }
    }
}

extension ClosingScripts {
    /// The scripts that the negotiated `features` allow.
    public init(_ features: Features) {
        self.init(
            anySegwit: features.supports(.shutdownAnySegwit),
            simpleClose: features.supports(.simpleClose))
    }
}
