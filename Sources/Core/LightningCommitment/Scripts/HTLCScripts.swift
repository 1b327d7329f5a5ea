import Bitcoin
import LightningWire

/// The witness scripts of one commitment's HTLC outputs (BOLT 3), which have all but the HTLC's own numbers in common.
public struct HTLCScripts: Sendable {
    private let format: CommitmentFormat
    private let ownerHTLC: [UInt8]
    /// The revocation path and the question whether the witness has a preimage, with which all scripts begin.
    private let start: ScriptBuilder

    /// The scripts of a commitment with these keys.
    public init(_ keys: CommitmentKeys, _ format: CommitmentFormat) {
        self.format = format
        ownerHTLC = keys.ownerHTLC.compressed
        start = ScriptBuilder()
            .op(.dup, .hash160).push(Hash160(hashing: keys.revocation.compressed)).op(.equal)
            .op(.if).op(.checkSig)
            .op(.else)
            .push(keys.counterpartyHTLC).op(.swap, .size).push(32).op(.equal)
    }

    /// An HTLC that the owner offered: back to the owner through an HTLC-timeout transaction, or to the counterparty with
    /// the preimage.
    public func offered(_ paymentHash: PaymentHash) -> Script {
        end(
            start
                .op(.notIf)
                .op(.drop, .push2, .swap).push(ownerHTLC).op(.push2, .checkMultiSig)
                .op(.else)
                .op(.hash160).push(RIPEMD160.hash(paymentHash.hash.bytes))
                .op(.equalVerify, .checkSig)
                .op(.endIf))
    }

    /// An HTLC that the counterparty offered: to the owner with the preimage through an HTLC-success transaction, or back
    /// to the counterparty from `cltvExpiry` on.
    public func received(_ paymentHash: PaymentHash, cltvExpiry: BlockHeight) -> Script {
        end(
            start
                .op(.if)
                .op(.hash160).push(RIPEMD160.hash(paymentHash.hash.bytes)).op(.equalVerify)
                .op(.push2, .swap).push(ownerHTLC).op(.push2, .checkMultiSig)
                .op(.else)
                .op(.drop).push(Int64(cltvExpiry.value)).op(.checkLockTimeVerify, .drop, .checkSig)
                .op(.endIf))
    }

    private func end(_ builder: consuming ScriptBuilder) -> Script {
        switch format {
        case .staticRemoteKey: builder.op(.endIf).script
        case .anchors: builder.op(.push1, .checkSequenceVerify, .drop, .endIf).script
        }
    }
}
