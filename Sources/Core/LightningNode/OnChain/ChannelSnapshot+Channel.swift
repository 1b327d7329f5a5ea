import Bitcoin
import LightningChannel
import LightningCommitment
import LightningOnChain
import LightningWire

extension ChannelSnapshot {
    /// The channel as its end on the chain sees it. `upstreamExpiry` tells when the HTLC expires that one of this side's
    /// forwards.
    ///
    /// Throws where a commitment has no keys, which has a chance of about 2^-127.
    init(
        _ channel: EstablishedChannel, upstreamExpiry: (HTLCOrigin) -> BlockHeight?
    ) throws(ChannelError) {
        let commitments = channel.commitments
        let funding = commitments.fundings[0]
        let remote = try commitments.remoteCommitments(funding)
        self.init(
            keys: commitments.parameters.keys,
            localBasepoints: commitments.parameters.local.basepoints.with(funding.localKey),
            remoteBasepoints: commitments.parameters.remote.basepoints.with(funding.remoteKey),
            local: try commitments.localCommitment(funding),
            localSignatures: funding.signatures, remote: remote[0],
            remoteNext: remote.count > 1 ? remote[1] : nil,
            revealedSecrets: commitments.revealedSecrets,
            htlcs: (commitments.offered + commitments.received).map {
                OpenHTLC($0, commitments, upstreamExpiry)
            },
            closings: Set(channel.closings.map(\.id)),
            closingScripts: ClosingScripts(
                local: commitments.shutdownScript(of: .local),
                remote: commitments.shutdownScript(of: .remote)),
            isOutdated: channel.isOutdated || channel.peerPoint != nil,
            pointOfReestablish: channel.peerPoint.flatMap { try? $0.publicKey() })
    }
}

extension OpenHTLC {
    init(
        _ htlc: ChannelHTLC, _ commitments: Commitments,
        _ upstreamExpiry: (HTLCOrigin) -> BlockHeight?
    ) {
        let direction: HTLCDirection =
            switch htlc.key.offerer {
            case .local: .offered
            case .remote: .received
            }
        self.init(
            direction: direction, id: htlc.key.id, amount: htlc.amount,
            paymentHash: htlc.paymentHash, cltvExpiry: htlc.cltvExpiry,
            preimage: commitments.preimage(htlc.key),
            upstreamExpiry: htlc.origin.flatMap(upstreamExpiry))
    }
}

extension ChannelBasepoints {
    fileprivate func with(_ funding: PublicKey) -> ChannelBasepoints {
        var basepoints = self
        basepoints.funding = funding
        return basepoints
    }
}
