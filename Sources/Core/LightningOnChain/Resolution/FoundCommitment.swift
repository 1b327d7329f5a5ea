import Bitcoin
import LightningCommitment
import LightningWire

/// A commitment transaction of the peer as it stands on the chain, with what could be found out about each output.
///
/// Where the commitment is known, this is what it was built as. Of a revoked one no record remembers balances and fees: its
/// outputs are recognised by building the script of each output that it can have, so that nothing is taken for granted.
struct FoundCommitment: Hashable, Sendable {
    /// An output with its meaning to the peer, who owns the commitment, and the script behind it.
    struct Output: Hashable, Sendable {
        let output: TransactionOutput
        /// Nil where no script fits: an HTLC of which nothing is known yet.
        let purpose: CommitmentOutput.Purpose?
        let script: Script?
    }

    let id: TransactionID
    let keys: CommitmentKeys
    /// The secret that revoked it; nil where it is not revoked.
    let secret: PerCommitmentSecret?
    let parameters: CommitmentParameters
    /// In the order of the transaction.
    let outputs: [Output]

    /// A commitment of the peer that is not revoked.
    init(_ commitment: CommitmentTransaction) {
        id = commitment.id
        keys = commitment.keys
        secret = nil
        parameters = commitment.parameters
        outputs = commitment.outputs.map {
            Output(output: $0.output, purpose: $0.purpose, script: $0.witnessScript)
        }
    }

    /// The commitment of the peer that `transaction` is, whose keys are `keys` and which may hold `htlcs`, seen from the
    /// peer.
    init(
        _ transaction: Transaction, id: TransactionID, keys: CommitmentKeys,
        secret: PerCommitmentSecret?, parameters: CommitmentParameters, htlcs: [CommitmentHTLC]
    ) {
        self.id = id
        self.keys = keys
        self.secret = secret
        self.parameters = parameters
        var shapes = OutputShapes(keys, parameters, htlcs)
        outputs = transaction.outputs.map { shapes.identify($0) }
    }

    /// Output `index` as this side takes it; nil where it cannot, or not without a preimage.
    func claim(_ index: Int, preimage: PaymentPreimage?) -> ClaimableOutput? {
        guard let purpose = outputs[index].purpose else { return nil }
        let script = outputs[index].script
        switch (purpose, script) {
        case (.toRemote, _):
            return claim(
                index, .toRemote(parameters.format, key: keys.counterpartyPayment), .payment)
        case (.remoteAnchor, let script?):
            return claim(index, .anchor(script: script), .funding(parameters.funding.number))
        case (.localAnchor, let script?):
            return claim(index, .abandonedAnchor(script: script), nil)
        case (.toLocal, let script?):
            return secret.flatMap {
                claim(index, .revokedDelayed(script: script), .revocation($0))
            }
        case (.htlc(let htlc), let script?):
            return htlcClaim(index, htlc, script, preimage)
        case (.toLocal, nil), (.remoteAnchor, nil), (.localAnchor, nil), (.htlc, nil): return nil
        }
    }

    private func htlcClaim(
        _ index: Int, _ htlc: CommitmentHTLC, _ script: Script, _ preimage: PaymentPreimage?
    ) -> ClaimableOutput? {
        if let secret {
            return claim(
                index, .revokedHTLC(script: script, revocationKey: keys.revocation),
                .revocation(secret))
        }
        let key = ClaimKey.htlc(perCommitmentPoint: keys.perCommitmentPoint)
        switch htlc.direction {
        case .offered:
            return preimage.flatMap {
                claim(index, .preimage(script: script, $0, parameters.format), key)
            }
        case .received:
            return claim(
                index, .timeout(script: script, expiry: htlc.cltvExpiry, parameters.format), key)
        }
    }

    private func claim(
        _ index: Int, _ path: ClaimableOutput.Path, _ key: ClaimKey?
    ) -> ClaimableOutput {
        ClaimableOutput(
            outPoint: OutPoint(id, UInt32(index)), output: outputs[index].output, path: path,
            key: key)
    }

    /// What an HTLC transaction of the peer made, as this side takes it; nil where the commitment is not revoked or the
    /// output is another one.
    func secondStagePenalty(
        at outPoint: OutPoint, _ output: TransactionOutput
    ) -> ClaimableOutput? {
        guard let secret else { return nil }
        let script = CommitmentScripts.toLocal(
            revocation: keys.revocation, delay: parameters.toSelfDelay,
            ownerDelayedPayment: keys.ownerDelayedPayment)
        guard output.scriptPubKey == .payToWitnessScriptHash(of: script) else { return nil }
        return ClaimableOutput(
            outPoint: outPoint, output: output, path: .revokedDelayed(script: script),
            key: .revocation(secret))
    }
}

/// The scripts of all outputs that a commitment with these keys can have.
private struct OutputShapes {
    private struct Shape {
        let purpose: CommitmentOutput.Purpose
        let script: Script?
    }

    /// By the script of the output. HTLCs with the same hash, expiry and direction have the same.
    private var shapes: [Script: [Shape]] = [:]

    init(_ keys: CommitmentKeys, _ parameters: CommitmentParameters, _ htlcs: [CommitmentHTLC]) {
        add(
            .toLocal,
            CommitmentScripts.toLocal(
                revocation: keys.revocation, delay: parameters.toSelfDelay,
                ownerDelayedPayment: keys.ownerDelayedPayment))
        let payment = keys.counterpartyPayment
        switch parameters.format {
        case .staticRemoteKey:
            shapes[CommitmentScripts.toRemoteOutput(payment, parameters.format)] = [
                Shape(purpose: .toRemote, script: nil)
            ]
        case .anchors:
            add(.toRemote, CommitmentScripts.toRemoteWithAnchors(payment))
            add(.localAnchor, CommitmentScripts.anchor(funding: parameters.ownerFundingKey))
            add(.remoteAnchor, CommitmentScripts.anchor(funding: parameters.counterpartyFundingKey))
        }
        let scripts = HTLCScripts(keys, parameters.format)
        for htlc in htlcs {
            switch htlc.direction {
            case .offered: add(.htlc(htlc), scripts.offered(htlc.paymentHash))
            case .received:
                add(
                    .htlc(htlc),
                    scripts.received(htlc.paymentHash, cltvExpiry: htlc.cltvExpiry))
            }
        }
    }

    private mutating func add(_ purpose: CommitmentOutput.Purpose, _ script: Script) {
        shapes[.payToWitnessScriptHash(of: script), default: []].append(
            Shape(purpose: purpose, script: script))
    }

    /// What `output` is. Of HTLCs with one script each is found once: the one with the output's amount first, then those
    /// whose amount is not known any more, which count as zero.
    mutating func identify(_ output: TransactionOutput) -> FoundCommitment.Output {
        guard let candidates = shapes[output.scriptPubKey] else {
            return FoundCommitment.Output(output: output, purpose: nil, script: nil)
        }
        let position =
            candidates.firstIndex { $0.purpose.amount?.roundedDown == output.amount }
            ?? candidates.firstIndex { $0.purpose.amount == .zero } ?? 0
        let shape = candidates[position]
        if candidates.count > 1 { shapes[output.scriptPubKey]?.remove(at: position) }
        return FoundCommitment.Output(
            output: output, purpose: shape.purpose, script: shape.script)
    }
}

extension CommitmentOutput.Purpose {
    fileprivate var amount: MilliSatoshi? {
        if case .htlc(let htlc) = self { htlc.amount } else { nil }
    }
}
