import Bitcoin
import LightningCommitment
import LightningWire

/// The closing transactions of a channel and their signatures.
extension Commitments {
    func checkMayClose(_ channelID: ChannelID) throws(ChannelError) {
        try checkChannel(channelID)
        guard canNegotiateClose else { throw .notNegotiatingClose }
    }

    /// The funding that a closing transaction spends; there is one, since no splice is pending.
    private var closedFunding: ActiveFunding { fundings[0] }

    /// What `party` gets before fees.
    func closingOutput(of party: Party) -> ClosingOutput {
        ClosingOutput(
            script: shutdown[party] ?? Script(), amount: closedFunding.settled[party])
    }

    /// The transaction that terms lead to.
    func closing(_ terms: ClosingTerms) throws(ChannelError) -> ClosingTransaction {
        do {
            return try ClosingTransaction(closedFunding.funding, terms)
        } catch {
            throw .noClosingTransaction(error)
        }
    }

    func sign(
        _ closing: ClosingTransaction, _ signer: some ChannelSigner
    ) throws(ChannelError) -> ECDSASignature {
        do {
            return try signer.sign(
                ClosingRequest(
                    counterparty: basepoints(of: .remote, closedFunding), closing: closing))
        } catch {
            throw .signer(error)
        }
    }

    /// The peer's signature in the form that is checked, if it holds for `closing`. Only a low s does.
    func verified(
        _ signature: WireSignature, _ closing: ClosingTransaction
    ) -> ECDSASignature? {
        guard let signature = try? signature.ecdsa(),
            closing.isSigned(signature, by: closedFunding.remoteKey)
        else { return nil }
        return signature
    }

    /// The transaction with both signatures.
    func signed(
        _ closing: ClosingTransaction, _ mine: ECDSASignature, _ theirs: ECDSASignature
    ) -> Transaction {
        closing.signed(mine, by: closedFunding.localKey, theirs)
    }
}

extension Script {
    /// The least amount that an output with this script may have so that nodes relay it (BOLT 3, "Dust Limits").
    var closingDustLimit: Satoshi {
        let exact = RelayPolicy().dustThreshold(for: self)
        // BOLT 3: "unknown segwit versions: 354 satoshis", whatever their length; "pay to anchor (p2a): 240 satoshis"
        guard let (version, program) = witnessProgram, version > 0, program != [0x4e, 0x73]
        else { return exact }
        return Satoshi(354)
    }
}
