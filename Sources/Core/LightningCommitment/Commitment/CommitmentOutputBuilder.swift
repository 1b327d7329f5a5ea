import Bitcoin
import LightningWire

/// The outputs of a commitment transaction (BOLT 3, "Commitment Transaction Construction").
struct CommitmentOutputBuilder {
    let parameters: CommitmentParameters
    let keys: CommitmentKeys
    let state: CommitmentState
    private let fees: CommitmentFees

    init(_ parameters: CommitmentParameters, _ keys: CommitmentKeys, _ state: CommitmentState) {
        self.parameters = parameters
        self.keys = keys
        self.state = state
        fees = CommitmentFees(
            format: parameters.format, feerate: state.feerate, dustLimit: parameters.dustLimit)
    }

    func sortedOutputs() -> [CommitmentOutput] {
        var outputs = htlcOutputs()
        let hasHTLCs = !outputs.isEmpty
        let (owner, counterparty) = amounts(htlcOutputs: outputs.count)
        let toLocal = toLocalOutput(owner)
        let toRemote = toRemoteOutput(counterparty)
        outputs += [toLocal, toRemote].compactMap { $0 }
        switch parameters.format {
        case .staticRemoteKey: break
        case .anchors:
            if hasHTLCs || toLocal != nil {
                outputs.append(anchor(.localAnchor, parameters.ownerFundingKey))
            }
            if hasHTLCs || toRemote != nil {
                outputs.append(anchor(.remoteAnchor, parameters.counterpartyFundingKey))
            }
        }
        // Places are moved about while sorting, since outputs are large.
        let places = outputs.indices.sorted { CommitmentOutput.precedes(outputs[$0], outputs[$1]) }
        return places.map { outputs[$0] }
    }

    /// The amounts of `to_local` and `to_remote` before trimming: whole satoshis, less what the opener pays.
    private func amounts(htlcOutputs count: Int) -> (owner: Satoshi, counterparty: Satoshi) {
        let cost = fees.baseFee(htlcOutputs: count) + parameters.format.anchorsAmount
        let (owner, counterparty) = (
            state.ownerBalance.roundedDown, state.counterpartyBalance.roundedDown
        )
        return parameters.ownerIsOpener
            ? (max(.zero, owner - cost), counterparty) : (owner, max(.zero, counterparty - cost))
    }

    private func htlcOutputs() -> [CommitmentOutput] {
        guard !state.htlcs.isEmpty else { return [] }
        let scripts = HTLCScripts(keys, parameters.format)
        return state.htlcs.compactMap { htlc in
            guard !fees.isTrimmed(htlc.direction, htlc.amount) else { return nil }
            let script =
                switch htlc.direction {
                case .offered: scripts.offered(htlc.paymentHash)
                case .received: scripts.received(htlc.paymentHash, cltvExpiry: htlc.cltvExpiry)
                }
            return output(.htlc(htlc), htlc.amount.roundedDown, script)
        }
    }

    private func toLocalOutput(_ amount: Satoshi) -> CommitmentOutput? {
        guard amount >= parameters.dustLimit else { return nil }
        return output(
            .toLocal, amount,
            CommitmentScripts.toLocal(
                revocation: keys.revocation, delay: parameters.toSelfDelay,
                ownerDelayedPayment: keys.ownerDelayedPayment))
    }

    private func toRemoteOutput(_ amount: Satoshi) -> CommitmentOutput? {
        guard amount >= parameters.dustLimit else { return nil }
        let script: Script? =
            switch parameters.format {
            case .staticRemoteKey: nil
            case .anchors: CommitmentScripts.toRemoteWithAnchors(keys.counterpartyPayment)
            }
        return CommitmentOutput(
            purpose: .toRemote,
            output: TransactionOutput(
                amount: amount,
                scriptPubKey: CommitmentScripts.toRemoteOutput(
                    keys.counterpartyPayment, parameters.format)),
            witnessScript: script)
    }

    private func anchor(
        _ purpose: CommitmentOutput.Purpose, _ funding: PublicKey
    ) -> CommitmentOutput {
        output(purpose, CommitmentFormat.anchorAmount, CommitmentScripts.anchor(funding: funding))
    }

    private func output(
        _ purpose: CommitmentOutput.Purpose, _ amount: Satoshi, _ witnessScript: Script
    ) -> CommitmentOutput {
        CommitmentOutput(
            purpose: purpose,
            output: TransactionOutput(
                amount: amount, scriptPubKey: .payToWitnessScriptHash(of: witnessScript)),
            witnessScript: witnessScript)
    }
}

extension CommitmentOutput {
    /// The order of BIP 69, and by expiry where two HTLCs have equal outputs (BOLT 3, "Transaction Output Ordering").
    static func precedes(_ left: CommitmentOutput, _ right: CommitmentOutput) -> Bool {
        if left.output.amount != right.output.amount {
            return left.output.amount < right.output.amount
        }
        let (one, other) = (left.output.scriptPubKey.bytes, right.output.scriptPubKey.bytes)
        if one != other { return one.lexicographicallyPrecedes(other) }
        guard case .htlc(let first) = left.purpose, case .htlc(let second) = right.purpose else {
            return false
        }
        // Equal in everything that the specification orders by; the number makes the order total for both sides.
        return (first.cltvExpiry.value, first.id) < (second.cltvExpiry.value, second.id)
    }
}
