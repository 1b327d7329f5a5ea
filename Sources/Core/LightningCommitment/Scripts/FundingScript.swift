import Bitcoin

/// The 2-of-2 output that holds a channel's money (BOLT 3, "Funding Transaction Output").
public struct FundingScript: Hashable, Sendable {
    /// The key whose compressed form is the lesser, so its signature stands first.
    public let firstKey: PublicKey
    public let secondKey: PublicKey
    /// The script that the witness shows.
    public let witnessScript: Script
    /// The script of the output.
    public let scriptPubKey: Script

    /// The output of two funding keys, in any order.
    public init(_ key: PublicKey, _ otherKey: PublicKey) {
        let (one, other) = (key.compressed, otherKey.compressed)
        let isOrdered = one.lexicographicallyPrecedes(other)
        (firstKey, secondKey) = isOrdered ? (key, otherKey) : (otherKey, key)
        witnessScript =
            ScriptBuilder().op(.push2).push(isOrdered ? one : other)
            .push(isOrdered ? other : one).op(.push2, .checkMultiSig).script
        scriptPubKey = .payToWitnessScriptHash(of: witnessScript)
    }

    /// The witness that spends the output with a signature for each key over everything.
    ///
    /// BOLT 3: "`0 <signature_for_pubkey1> <signature_for_pubkey2>`"
    public func witness(
        _ signature: ECDSASignature, by key: PublicKey, _ otherSignature: ECDSASignature
    ) -> [[UInt8]] {
        let (mine, other) = (signature.witnessItem(), otherSignature.witnessItem())
        return [
            [], key == firstKey ? mine : other, key == firstKey ? other : mine,
            witnessScript.bytes,
        ]
    }

    /// What both sides sign when `transaction` spends the output, which holds `amount`, as its only input.
    public func signatureHash(_ transaction: Transaction, amount: Satoshi) -> Hash256 {
        SignatureHash.segwitV0(
            transaction, input: 0, scriptCode: witnessScript, amount: amount, type: .all)
    }

    /// The most weight of a witness that spends the output: signatures of 73 bytes.
    public static let witnessWeight = Weight(222)
}

extension ECDSASignature {
    /// The signature as an item of a witness: DER and a byte for what it covers.
    public func witnessItem(_ type: SighashType = .all) -> [UInt8] {
        der + [type.byte]
    }
}
