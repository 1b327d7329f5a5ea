import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningWire
import TestSupport
import Testing

/// Every way in which the outputs of one published commitment are spent.
struct ChannelWalk {
    let published: PublishedCommitment
    let isRevoked: Bool
    let chain: WalkChain

    private var commitment: CommitmentTransaction { published.commitment }
    private var delay: UInt32 { UInt32(commitment.parameters.toSelfDelay) }
    /// Several claims go into one transaction for one of the owners, and each into its own for the other.
    private var isTogether: Bool { published.owner == .accepter }
    /// With anchors nothing but the anchors can be spent before the commitment is confirmed.
    private var unconfirmed: Refusal? {
        published.channel.format == .anchors ? .tooYoung : nil
    }

    /// Broadcasts the commitment; with anchors as a package with a child that one side's anchor pays for.
    func publish() throws {
        let transaction = try published.transaction()
        guard published.channel.format == .anchors else { return try chain.accept(transaction) }
        let (anchor, signer) =
            isRevoked
            ? (
                commitment.counterpartyClaim(try published.output(.remoteAnchor)),
                published.counterpartySigner
            )
            : (
                commitment.ownerClaim(try published.output(.localAnchor)), published.ownerSigner
            )
        let claim = try #require(anchor)
        var child = Transaction(
            inputs: [TransactionInput(previousOutput: claim.outPoint, sequence: claim.sequence)],
            outputs: [])
        try chain.addFee(5_000, to: &child)
        let request = ClaimRequest(
            transaction: child, inputs: [ClaimRequest.Input(index: 0, claim: claim)])
        child.inputs[0].witness = claim.witness(try signer.sign(request).first)
        PublishedCommitment.expectWeight(child.inputs[0].witness, of: claim)
        try chain.accept(package: [transaction, child])
    }

    /// The steps after the commitment was confirmed at `height`.
    func steps(confirmedAt height: UInt32) throws -> [WalkStep] {
        var steps = try abandonedAnchors(height) + resolutions(height)
        let toRemote = commitment.counterpartyClaim(try published.output(.toRemote))
        if isRevoked {
            let secret = try published.secret()
            let ids = [
                PublishedCommitment.Way.counterpartyPreimage,
                PublishedCommitment.Way.counterpartyTimeout,
            ]
            let outputs =
                try ids.map { try published.output(htlc: $0) } + [published.output(.toLocal)]
            let penalties = outputs.map { commitment.penalty($0, secret: secret) }
            return steps + claims(penalties + [toRemote], readyAt: height + 1, unconfirmed)
        }
        let preimage = commitment.counterpartyClaim(
            try published.output(htlc: PublishedCommitment.Way.counterpartyPreimage),
            preimage: TestChannel.preimage(PublishedCommitment.Way.counterpartyPreimage))
        let timeout = commitment.counterpartyClaim(
            try published.output(htlc: PublishedCommitment.Way.counterpartyTimeout))
        let toLocal = commitment.ownerClaim(try published.output(.toLocal))
        steps += claims([preimage, toRemote], readyAt: height + 1, unconfirmed)
        steps += claims([timeout], readyAt: published.expiry + 1, .nonFinal)
        steps += claims(
            [toLocal], by: published.ownerSigner, readyAt: height + delay, .tooYoung)
        return steps
    }

    /// Claims by one side, the counterparty if nothing else is said.
    private func claims(
        _ claims: [ClaimableOutput?], by signer: InProcessSigner? = nil, readyAt: UInt32,
        _ early: Refusal?
    ) -> [WalkStep] {
        let signer = signer ?? published.counterpartySigner
        let groups = isTogether ? [claims] : claims.map { [$0] }
        // A penalty needs no confirmation, so that only a group that is not one is refused before.
        return groups.map { group in
            let isPenalty = group.contains { $0?.path.isPenalty ?? false } && group.count == 1
            return WalkStep(readyAt: readyAt, early: isPenalty ? nil : early) { tip in
                let claim = try published.claim(group, at: tip)
                let transaction = try claim.signed(by: signer)
                let weight = ClaimTransaction.weight(
                    of: claim.claims, destination: claim.transaction.outputs[0].scriptPubKey)
                #expect(transaction.weight <= weight)
                #expect(transaction.weight.value + 4 * UInt64(group.count) >= weight.value)
                return transaction
            }
        }
    }

    /// The anchor that no child spent is anybody's after 16 blocks.
    private func abandonedAnchors(_ height: UInt32) throws -> [WalkStep] {
        guard published.channel.format == .anchors else { return [] }
        let anchor = try published.output(isRevoked ? .localAnchor : .remoteAnchor)
        let claim = try #require(commitment.abandonedAnchor(anchor))
        return [
            WalkStep(
                readyAt: height + UInt32(ClaimableOutput.anchorDelay), early: .tooYoung
            ) { _ in
                var transaction = Transaction(
                    inputs: [
                        TransactionInput(previousOutput: claim.outPoint, sequence: claim.sequence)
                    ], outputs: [])
                try chain.addFee(1_000, to: &transaction)
                transaction.inputs[0].witness = claim.witness(nil)
                PublishedCommitment.expectWeight(claim.witness(nil), of: claim)
                return transaction
            }
        ]
    }

    // MARK: HTLC transactions

    /// The owner's HTLC transactions, and what becomes of their outputs.
    private func resolutions(_ height: UInt32) throws -> [WalkStep] {
        let ways: [(ids: [Int], isSuccess: Bool)] = [
            (PublishedCommitment.Way.ownerSuccess, true),
            (PublishedCommitment.Way.ownerTimeout, false),
        ]
        return ways.flatMap { ids, isSuccess in
            let groups = published.channel.format == .anchors ? [ids] : ids.map { [$0] }
            return groups.map { group in
                WalkStep(
                    readyAt: isSuccess ? height + 1 : published.expiry + 1,
                    early: isSuccess ? unconfirmed : Refusal.nonFinal,
                    make: { _ in try resolve(group, isSuccess).transaction },
                    then: { transaction, height in
                        let htlcs = try resolve(group, isSuccess).htlcs
                        return try secondStage(htlcs, of: transaction, confirmedAt: height)
                    })
            }
        }
    }

    private func resolve(
        _ group: [Int], _ isSuccess: Bool
    ) throws -> (transaction: Transaction, htlcs: [HTLCTransaction]) {
        let resolved = try published.resolve(group, preimage: isSuccess) {
            try chain.addFee(3_000, to: &$0)
        }
        return try #require(resolved.first)
    }

    /// The outputs of an HTLC transaction: the owner's after the delay, or the penalty's at once.
    private func secondStage(
        _ htlcs: [HTLCTransaction], of transaction: Transaction, confirmedAt height: UInt32
    ) throws -> [WalkStep] {
        let outPoints = htlcs.indices.map { OutPoint(transaction.id, UInt32($0)) }
        if isRevoked {
            let secret = try published.secret()
            let penalties = zip(htlcs, outPoints).map { $0.penalty(at: $1, secret: secret) }
            return claims(penalties, readyAt: height + 1, nil)
        }
        let sweeps = zip(htlcs, outPoints).map { $0.ownerClaim(at: $1) }
        return claims(
            sweeps, by: published.ownerSigner, readyAt: height + delay, .tooYoung)
    }
}

extension ClaimableOutput.Path {
    /// Whether the path needs a revoked commitment.
    var isPenalty: Bool {
        switch self {
        case .revokedDelayed, .revokedHTLC: true
        case .delayed, .toRemote, .preimage, .timeout, .anchor, .abandonedAnchor: false
        }
    }
}
