import Bitcoin
import LightningWire

/// What can be taken of a commitment on the chain, by whom and how (BOLT 5).
extension CommitmentTransaction {
    /// Output `index` as its owner takes it: `to_local` after the delay, or the owner's anchor.
    ///
    /// Nil for the other side's outputs, and for HTLCs, for which there is ``HTLCTransaction``.
    public func ownerClaim(_ index: Int) -> ClaimableOutput? {
        guard let script = outputs[index].witnessScript else { return nil }
        switch outputs[index].purpose {
        case .toLocal:
            return claim(
                index, .delayed(script: script, delay: parameters.toSelfDelay),
                .delayedPayment(perCommitmentPoint: keys.perCommitmentPoint))
        case .localAnchor:
            return claim(index, .anchor(script: script), .funding(parameters.funding.number))
        case .toRemote, .remoteAnchor, .htlc: return nil
        }
    }

    /// Output `index` as the counterparty takes it from a commitment that is not revoked.
    ///
    /// An HTLC that the owner offered needs `preimage`, and is nil without the right one; an HTLC that the owner received is
    /// claimed by its expiry. Nil for the owner's outputs.
    public func counterpartyClaim(
        _ index: Int, preimage: PaymentPreimage? = nil
    ) -> ClaimableOutput? {
        let output = outputs[index]
        let htlcKey = ClaimKey.htlc(perCommitmentPoint: keys.perCommitmentPoint)
        switch (output.purpose, output.witnessScript) {
        case (.toRemote, _):
            return claim(
                index, .toRemote(parameters.format, key: keys.counterpartyPayment), .payment)
        case (.remoteAnchor, let script?):
            return claim(index, .anchor(script: script), .funding(parameters.funding.number))
        case (.htlc(let htlc), let script?):
            switch htlc.direction {
            case .offered:
                guard let preimage, preimage.paymentHash == htlc.paymentHash else { return nil }
                return claim(
                    index, .preimage(script: script, preimage, parameters.format), htlcKey)
            case .received:
                return claim(
                    index, .timeout(script: script, expiry: htlc.cltvExpiry, parameters.format),
                    htlcKey)
            }
        case (.toLocal, _), (.localAnchor, _), (.remoteAnchor, nil), (.htlc, nil): return nil
        }
    }

    /// Output `index` as the counterparty takes it from a revoked commitment, whose `secret` the owner gave away.
    ///
    /// Nil for what is not the owner's to lose: `to_remote` and the anchors.
    public func penalty(_ index: Int, secret: PerCommitmentSecret) -> ClaimableOutput? {
        guard let script = outputs[index].witnessScript else { return nil }
        switch outputs[index].purpose {
        case .toLocal:
            return claim(index, .revokedDelayed(script: script), .revocation(secret))
        case .htlc:
            return claim(
                index, .revokedHTLC(script: script, revocationKey: keys.revocation),
                .revocation(secret))
        case .toRemote, .localAnchor, .remoteAnchor: return nil
        }
    }

    /// Output `index` as anybody takes it, where it is an anchor that was left alone.
    public func abandonedAnchor(_ index: Int) -> ClaimableOutput? {
        guard let script = outputs[index].witnessScript else { return nil }
        switch outputs[index].purpose {
        case .localAnchor, .remoteAnchor: return claim(index, .abandonedAnchor(script: script), nil)
        case .toLocal, .toRemote, .htlc: return nil
        }
    }

    private func claim(
        _ index: Int, _ path: ClaimableOutput.Path, _ key: ClaimKey?
    ) -> ClaimableOutput {
        ClaimableOutput(
            outPoint: outPoint(index), output: outputs[index].output, path: path, key: key)
    }
}

/// What can be taken of an HTLC transaction on the chain, which with anchors may stand there with other inputs and outputs.
extension HTLCTransaction {
    /// The output at `outPoint` that resolves the HTLC, as the commitment's owner takes it after the delay.
    public func ownerClaim(at outPoint: OutPoint) -> ClaimableOutput {
        ClaimableOutput(
            outPoint: outPoint, output: transaction.outputs[0],
            path: .delayed(script: outputScript, delay: toSelfDelay),
            key: .delayedPayment(perCommitmentPoint: perCommitmentPoint))
    }

    /// The output at `outPoint`, as the other side takes it where the commitment is revoked.
    public func penalty(at outPoint: OutPoint, secret: PerCommitmentSecret) -> ClaimableOutput {
        ClaimableOutput(
            outPoint: outPoint, output: transaction.outputs[0],
            path: .revokedDelayed(script: outputScript), key: .revocation(secret))
    }
}
