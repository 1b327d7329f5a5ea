import Bitcoin
import LightningCommitment
import LightningWire

/// The opener has sent `open_channel`.
struct WaitForAccept: Hashable, Sendable {
    let request: OpenRequest
    let message: OpenChannel
    let local: PartyParameters
    let localPoint: PublicKey

    /// Checks `request` and makes `open_channel` of it.
    static func open(
        _ request: OpenRequest, _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(OpeningError) -> (WaitForAccept, OpenChannel) {
        let features = context.features
        try OpeningChecks.channelType(
            request.channelType, isAnnounced: request.isAnnounced, features)
        try OpeningChecks.amounts(request.amount, pushed: request.pushed, features)
        try OpeningChecks.upfrontScript(request.terms.upfrontShutdownScript, features)
        let (basepoints, point): (ChannelBasepoints, PublicKey)
        do {
            basepoints = try signer.basepoints(funding: 0)
            point = try signer.perCommitmentPoint(0)
        } catch {
            throw .signer(error)
        }
        let local = request.terms.parameters(request.amount, peerDustLimit: .zero, basepoints)
        try OpeningChecks.demands(local, amount: request.amount, .ofOwnTerms)
        let feerate = request.feerate ?? context.feerates.target(request.format)
        try OpeningChecks.feerate(feerate, in: .minimumRelay...FeeratePerKw(.max))
        try OpeningChecks.firstCommitment(
            request.format, feerate, amount: request.amount, pushed: request.pushed,
            reserve: local.reserveOfOther)
        let message = OpenChannel(
            request, temporaryID: temporaryID(basepoints, point), feerate: feerate, local,
            firstPoint: point)
        let state = WaitForAccept(
            request: request, message: message, local: local, localPoint: point)
        return (state, message)
    }

    /// BOLT 2: "MUST ensure `temporary_channel_id` is unique from any other channel ID with the same peer." The keys are the
    /// channel's alone.
    private static func temporaryID(
        _ basepoints: ChannelBasepoints, _ point: PublicKey
    ) -> ChannelID {
        ChannelID(SHA256.hash(basepoints.funding.compressed + point.compressed))
    }

    /// Takes the accepter's part.
    func receive(
        _ answer: AcceptChannel, _ context: ChannelContext
    ) throws(OpeningError) -> WaitForFunding {
        guard answer.temporaryChannelID == message.temporaryChannelID else {
            throw .wrongTemporaryID(
                expected: message.temporaryChannelID, actual: answer.temporaryChannelID)
        }
        let type = request.channelType
        guard let actual = answer.tlvs.channelType else { throw .noChannelType }
        guard actual.isSameSet(as: type) else {
            throw .channelTypeChanged(expected: type, actual: actual)
        }
        let remote = try answer.party(context.features)
        try check(answer, remote)
        try OpeningChecks.upfrontScript(remote.upfrontShutdownScript, context.features)
        let isZeroConfirmation = type.supports(.zeroConfirmation)
        return WaitForFunding(
            agreed: AgreedOpening(
                keys: request.keys, temporaryID: message.temporaryChannelID, channelType: type,
                format: request.format, opener: .local, isAnnounced: request.isAnnounced,
                amount: request.amount, pushed: request.pushed, feerate: message.feerate,
                local: local, remote: remote, localPoint: localPoint,
                remotePoint: try answer.keys.firstPoint(),
                minimumDepth: isZeroConfirmation ? 0 : max(1, answer.minimumDepth),
                maximumDustExposure: request.terms.maximumDustExposure),
            fundingFeerate: request.fundingFeerate)
    }

    private func check(
        _ answer: AcceptChannel, _ remote: PartyParameters
    ) throws(OpeningError) {
        // BOLT 2: "if `channel_type` includes `option_zeroconf`: MUST set `minimum_depth` to zero."
        let maximum =
            request.isZeroConfirmation ? 0 : request.limits.maximumMinimumDepth
        try OpeningChecks.atMost(.minimumDepth, UInt64(maximum), UInt64(answer.minimumDepth))
        try OpeningChecks.demands(remote, amount: request.amount, request.limits)
        // BOLT 2: "if `channel_reserve_satoshis` is less than `dust_limit_satoshis` within the `open_channel` message: MUST
        // fail the channel." "if `channel_reserve_satoshis` from the `open_channel` message is less than
        // `dust_limit_satoshis`: MUST fail the channel."
        try OpeningChecks.reserve(remote.reserveOfOther, covers: local.dustLimit)
        try OpeningChecks.reserve(local.reserveOfOther, covers: remote.dustLimit)
        try OpeningChecks.firstCommitment(
            request.format, message.feerate, amount: request.amount, pushed: request.pushed,
            reserve: remote.reserveOfOther)
    }
}

extension PeerLimits {
    /// What may be demanded at all, where the user chooses the terms.
    static let ofOwnTerms: PeerLimits = {
        var limits = PeerLimits()
        limits.maximumDelay = .max
        limits.maximumDustLimit = .maximumMoney
        limits.maximumReservePercent = 100
        limits.maximumHTLCMinimum = .maximumMoney
        limits.minimumInFlight = .zero
        limits.minimumAcceptedHTLCs = 0
        return limits
    }()
}

extension ChannelFeerates {
    /// 1,000 sat/vB.
    private static let highestWithAnchors = FeeratePerKw(250_000)

    /// What the opener's commitments should pay.
    func target(_ format: CommitmentFormat) -> FeeratePerKw {
        switch format {
        case .staticRemoteKey: commitment
        case .anchors: anchorCommitment
        }
    }

    /// What an opener's commitments may pay in this side's judgement.
    ///
    /// With anchors either side can add fees, and what is too much is the opener's loss alone: such channels do not fail for
    /// a disagreement about fees.
    func acceptable(_ format: CommitmentFormat) -> ClosedRange<FeeratePerKw> {
        switch format {
        case .anchors: return .minimumRelay...Self.highestWithAnchors
        case .staticRemoteKey:
            let (highest, overflow) = max(commitment, .minimumRelay).value
                .multipliedReportingOverflow(by: 10)
            let lowest = max(FeeratePerKw.minimumRelay, FeeratePerKw(commitment.value / 4))
            return lowest...max(FeeratePerKw(overflow ? .max : highest), FeeratePerKw(25_000))
        }
    }
}
