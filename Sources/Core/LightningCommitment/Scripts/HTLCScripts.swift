import Bitcoin
import LightningWire

/// The witness scripts of HTLC outputs (BOLT 3).
public enum HTLCScripts {
    /// An HTLC that the owner offered: back to the owner through an HTLC-timeout transaction, or to the counterparty with
    /// the preimage.
    public static func offered(
        _ keys: CommitmentKeys, paymentHash: PaymentHash, _ format: CommitmentFormat
    ) -> Script {
        var builder = start(keys)
            .op(.notIf)
            .op(.drop, .push2, .swap).push(keys.ownerHTLC).op(.push2, .checkMultiSig)
            .op(.else)
            .op(.hash160).push(RIPEMD160.hash(paymentHash.hash.bytes)).op(.equalVerify, .checkSig)
            .op(.endIf)
        builder = end(builder, format)
        return builder.script
    }

    /// An HTLC that the counterparty offered: to the owner with the preimage through an HTLC-success transaction, or back
    /// to the counterparty from `cltvExpiry` on.
    public static func received(
        _ keys: CommitmentKeys, paymentHash: PaymentHash, cltvExpiry: BlockHeight,
        _ format: CommitmentFormat
    ) -> Script {
        var builder = start(keys)
            .op(.if)
            .op(.hash160).push(RIPEMD160.hash(paymentHash.hash.bytes)).op(.equalVerify)
            .op(.push2, .swap).push(keys.ownerHTLC).op(.push2, .checkMultiSig)
            .op(.else)
            .op(.drop).push(Int64(cltvExpiry.value)).op(.checkLockTimeVerify, .drop, .checkSig)
            .op(.endIf)
        builder = end(builder, format)
        return builder.script
    }

    /// The revocation path and the question whether the witness has a preimage, with which both scripts begin.
    private static func start(_ keys: CommitmentKeys) -> ScriptBuilder {
        ScriptBuilder()
            .op(.dup, .hash160).push(Hash160(hashing: keys.revocation.compressed)).op(.equal)
            .op(.if).op(.checkSig)
            .op(.else)
            .push(keys.counterpartyHTLC).op(.swap, .size).push(32).op(.equal)
    }

    private static func end(
        _ builder: ScriptBuilder, _ format: CommitmentFormat
    ) -> ScriptBuilder {
        switch format {
        case .staticRemoteKey: builder.op(.endIf)
        case .anchors: builder.op(.push1, .checkSequenceVerify, .drop, .endIf)
        }
    }
}
