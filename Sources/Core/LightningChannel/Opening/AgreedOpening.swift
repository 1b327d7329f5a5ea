import Bitcoin
import LightningCommitment
import LightningWire

/// What `open_channel` and `accept_channel` have fixed, from which both sides build the first commitments.
struct AgreedOpening: Hashable, Sendable {
    let keys: ChannelKeyNumber
    let temporaryID: ChannelID
    let channelType: Features
    let format: CommitmentFormat
    let opener: Party
    let isAnnounced: Bool
    let amount: Satoshi
    let pushed: MilliSatoshi
    let feerate: FeeratePerKw
    let local: PartyParameters
    let remote: PartyParameters
    let localPoint: PublicKey
    let remotePoint: PublicKey
    /// The confirmations that this side waits for.
    let minimumDepth: UInt32
    let maximumDustExposure: MilliSatoshi

    /// The script that holds the channel's money.
    var fundingScript: FundingScript {
        FundingScript(local.basepoints.funding, remote.basepoints.funding)
    }

    /// The funding output at `outPoint`.
    func funding(_ outPoint: OutPoint) -> ChannelFunding {
        ChannelFunding(outPoint: outPoint, amount: amount, script: fundingScript)
    }

    private subscript(party: Party) -> PartyParameters { party == .local ? local : remote }

    private var balances: Balances {
        var balances = Balances(local: pushed, remote: pushed)
        balances[opener] = MilliSatoshi(amount) - pushed
        return balances
    }

    /// The first commitment of `owner`.
    func commitment(
        of owner: Party, _ funding: ChannelFunding
    ) throws(OpeningError) -> CommitmentTransaction {
        let (mine, theirs) = (self[owner], self[owner.other])
        let keys: CommitmentKeys
        do {
            keys = try CommitmentKeys(
                perCommitmentPoint: owner == .local ? localPoint : remotePoint,
                owner: mine.basepoints, counterparty: theirs.basepoints)
        } catch {
            throw .unusablePoint(error)
        }
        return CommitmentTransaction(
            CommitmentParameters(
                format: format, funding: funding, ownerFundingKey: mine.basepoints.funding,
                counterpartyFundingKey: theirs.basepoints.funding,
                ownerIsOpener: owner == opener, dustLimit: mine.dustLimit,
                toSelfDelay: theirs.delayOfOther,
                obscurer: CommitmentNumberObscurer(
                    openerPaymentBasepoint: self[opener].basepoints.payment,
                    accepterPaymentBasepoint: self[opener.other].basepoints.payment)),
            keys: keys, number: 0,
            state: CommitmentState(
                feerate: feerate, ownerBalance: balances[owner],
                counterpartyBalance: balances[owner.other], htlcs: []))
    }

    /// This side's signature of the peer's first commitment.
    func signature(
        _ funding: ChannelFunding, _ signer: some ChannelSigner
    ) throws(OpeningError) -> WireSignature {
        let request = CounterpartyCommitmentRequest(
            counterparty: remote.basepoints, commitment: try commitment(of: .remote, funding))
        do {
            return WireSignature(try signer.sign(request).commitment)
        } catch {
            throw .signer(error)
        }
    }

    /// The commitments after the peer has signed this side's first one with `signature`. Throws where it has not.
    func commitments(
        _ funding: ChannelFunding, signed signature: WireSignature, _ signer: some ChannelSigner
    ) throws(OpeningError) -> Commitments {
        let commitment = try commitment(of: .local, funding)
        // BOLT 2: "if `signature` is incorrect OR non-compliant with LOW-S-standard rule"
        guard let valid = try? signature.ecdsa(), commitment.isSigned(byCounterparty: valid)
        else { throw .invalidSignature }
        let signatures = CommitmentSignatures(commitment: valid, htlcs: [])
        guard
            let parameters = ChannelParameters(
                keys: keys, channelID: ChannelID(funding: funding.outPoint),
                channelType: channelType, opener: opener, local: local, remote: remote,
                maximumDustExposure: maximumDustExposure)
        else { throw .unsuitableChannelType(channelType) }
        let second: PublicKey
        do {
            try signer.validate(
                ReceivedCommitment(
                    counterparty: remote.basepoints, commitment: commitment,
                    signatures: signatures))
            second = try signer.perCommitmentPoint(1)
        } catch {
            throw .signer(error)
        }
        let active = ActiveFunding(
            funding: funding, localKey: local.basepoints.funding,
            remoteKey: remote.basepoints.funding, settled: balances, signatures: signatures)
        return Commitments(
            parameters: parameters, fundings: [active], feerate: feerate,
            localPoints: (localPoint, second), remotePoint: remotePoint)
    }
}
