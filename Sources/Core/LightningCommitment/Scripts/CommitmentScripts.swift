import Bitcoin

/// The witness scripts of a commitment transaction's outputs other than HTLCs (BOLT 3).
public enum CommitmentScripts {
    /// The owner's output, which HTLC transactions have as well: the owner's after `delay` blocks, the counterparty's at
    /// once with the revocation key.
    public static func toLocal(
        revocation: PublicKey, delay: UInt16, ownerDelayedPayment: PublicKey
    ) -> Script {
        ScriptBuilder().op(.if).push(revocation)
            .op(.else).push(Int64(delay)).op(.checkSequenceVerify, .drop)
            .push(ownerDelayedPayment)
            .op(.endIf, .checkSig).script
    }

    /// The counterparty's output with anchors: its own one block after confirmation.
    public static func toRemoteWithAnchors(_ counterpartyPayment: PublicKey) -> Script {
        ScriptBuilder().push(counterpartyPayment)
            .op(.checkSigVerify, .push1, .checkSequenceVerify).script
    }

    /// An anchor: the side's own by its funding key, anybody's after 16 blocks.
    public static func anchor(funding: PublicKey) -> Script {
        ScriptBuilder().push(funding).op(.checkSig, .ifDup)
            .op(.notIf, .push16, .checkSequenceVerify, .endIf).script
    }

    /// The script of the output that pays the counterparty.
    public static func toRemoteOutput(
        _ counterpartyPayment: PublicKey, _ format: CommitmentFormat
    ) -> Script {
        switch format {
        case .staticRemoteKey: .payToWitnessPublicKeyHash(of: counterpartyPayment)
        case .anchors:
            .payToWitnessScriptHash(of: toRemoteWithAnchors(counterpartyPayment))
        }
    }
}
