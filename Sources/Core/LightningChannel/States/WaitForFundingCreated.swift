import Bitcoin
import LightningCommitment
import LightningWire

/// The accepter has sent `accept_channel`.
struct WaitForFundingCreated: Hashable, Sendable {
    let agreed: AgreedOpening

    /// Checks `open_channel` and makes `accept_channel`.
    static func accept(
        _ message: OpenChannel, _ keys: ChannelKeyNumber, _ policy: AcceptPolicy,
        _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(OpeningError) -> (WaitForFundingCreated, AcceptChannel) {
        let (type, format) = try kind(of: message, policy, context.features)
        let remote = try check(message, policy, format, context)
        let (basepoints, point): (ChannelBasepoints, PublicKey)
        do {
            basepoints = try signer.basepoints(funding: 0)
            point = try signer.perCommitmentPoint(0)
        } catch {
            throw .signer(error)
        }
        let local = policy.terms.parameters(
            message.fundingAmount, peerDustLimit: remote.dustLimit, basepoints)
        // BOLT 2: "MUST set `dust_limit_satoshis` less than or equal to `channel_reserve_satoshis` from the `open_channel`
        // message."
        try OpeningChecks.reserve(remote.reserveOfOther, covers: local.dustLimit)
        try OpeningChecks.firstCommitment(
            format, message.feerate, amount: message.fundingAmount, pushed: message.pushAmount,
            reserve: local.reserveOfOther)
        let depth =
            type.supports(.zeroConfirmation) ? 0 : max(1, policy.depth(for: message.fundingAmount))
        let agreed = AgreedOpening(
            keys: keys, temporaryID: message.temporaryChannelID, channelType: type,
            format: format, opener: .remote,
            isAnnounced: message.channelFlags.contains(.announceChannel),
            amount: message.fundingAmount, pushed: message.pushAmount,
            feerate: message.feerate, local: local, remote: remote, localPoint: point,
            remotePoint: try message.keys.firstPoint(),
            minimumDepth: depth, maximumDustExposure: policy.terms.maximumDustExposure)
        let answer = AcceptChannel(
            temporaryID: message.temporaryChannelID, local, minimumDepth: depth,
            firstPoint: point, channelType: type)
        return (WaitForFundingCreated(agreed: agreed), answer)
    }

    /// The type of the channel, if this node takes such channels of the peer.
    private static func kind(
        of message: OpenChannel, _ policy: AcceptPolicy, _ features: Features
    ) throws(OpeningError) -> (Features, CommitmentFormat) {
        guard message.chainHash == policy.chain else {
            throw .wrongChain(expected: policy.chain, actual: message.chainHash)
        }
        // BOLT 2: "if `option_dual_fund` has been negotiated: fail the channel."
        guard !features.supports(.dualFunding) else { throw .dualFundingNegotiated }
        // BOLT 2: "if the message doesn't include a `channel_type`: fail the channel."
        guard let type = message.tlvs.channelType else { throw .noChannelType }
        let isAnnounced = message.channelFlags.contains(.announceChannel)
        try OpeningChecks.channelType(type, isAnnounced: isAnnounced, features)
        guard let format = CommitmentFormat(channelType: type), policy.formats.contains(format)
        else { throw .unsuitableChannelType(type) }
        // BOLT 2: "the `channel_type` includes `option_zeroconf` and it does not trust the sender to open an unconfirmed
        // channel."
        guard policy.trustsZeroConfirmation || !type.supports(.zeroConfirmation) else {
            throw .zeroConfirmationNotTrusted
        }
        guard isAnnounced ? policy.takesAnnounced : policy.takesUnannounced else {
            throw isAnnounced ? .announcedNotTaken : .unannouncedNotTaken
        }
        return (type.trimmed, format)
    }

    /// The opener's part, if it is acceptable.
    private static func check(
        _ message: OpenChannel, _ policy: AcceptPolicy, _ format: CommitmentFormat,
        _ context: ChannelContext
    ) throws(OpeningError) -> PartyParameters {
        let amount = message.fundingAmount
        try OpeningChecks.amounts(amount, pushed: message.pushAmount, context.features)
        try OpeningChecks.atLeast(
            .fundingAmount, UInt64(policy.minimumAmount.value), UInt64(amount.value))
        if let maximum = policy.maximumAmount {
            try OpeningChecks.atMost(
                .fundingAmount, UInt64(maximum.value), UInt64(amount.value))
        }
        try OpeningChecks.feerate(
            message.feerate, in: context.feerates.acceptable(format))
        let remote = try message.party(context.features)
        try OpeningChecks.demands(remote, amount: amount, policy.limits)
        try OpeningChecks.firstCommitment(
            format, message.feerate, amount: amount, pushed: message.pushAmount,
            reserve: message.channelReserve)
        try OpeningChecks.upfrontScript(remote.upfrontShutdownScript, context.features)
        return remote
    }

    /// Takes the funding output and the opener's signature, and signs the opener's first commitment.
    func receive(
        _ message: FundingCreated, _ context: ChannelContext, _ peer: PublicKey,
        _ signer: some ChannelSigner
    ) throws(OpeningError) -> (EstablishedChannel, FundingSigned) {
        guard message.temporaryChannelID == agreed.temporaryID else {
            throw .wrongTemporaryID(
                expected: agreed.temporaryID, actual: message.temporaryChannelID)
        }
        let funding = agreed.funding(
            OutPoint(message.fundingTransactionID, UInt32(message.fundingOutputIndex)))
        let commitments = try agreed.commitments(funding, signed: message.signature, signer)
        let answer = FundingSigned(
            channelID: commitments.parameters.channelID,
            signature: try agreed.signature(funding, signer))
        return (EstablishedChannel(agreed, commitments, peer, context), answer)
    }
}
