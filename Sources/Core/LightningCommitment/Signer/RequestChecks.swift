import Bitcoin
import LightningWire

extension HTLCTransactionRequest {
    /// The HTLC transaction that `resolution` is about, after looking that ``transaction`` has its input and its output.
    public func htlcTransaction(
        _ resolution: Resolution
    ) throws(RequestFault) -> HTLCTransaction {
        guard commitment.outputs.indices.contains(resolution.output),
            let htlc = HTLCTransaction(commitment, output: resolution.output)
        else { throw .notAnHTLC(output: resolution.output) }
        let (index, expected) = (resolution.input, htlc.transaction)
        guard transaction.inputs.indices.contains(index),
            transaction.inputs[index].previousOutput == expected.inputs[0].previousOutput,
            transaction.inputs[index].sequence == expected.inputs[0].sequence
        else { throw .wrongInput(index) }
        guard transaction.outputs.indices.contains(index),
            transaction.outputs[index] == expected.outputs[0]
        else { throw .wrongOutput(index) }
        // The counterparty's signature covers these, whatever else is added; and where nothing may be added, everything.
        guard transaction.version == expected.version,
            transaction.lockTime == expected.lockTime
        else { throw .wrongLockTime(expected: expected.lockTime, transaction.lockTime) }
        switch htlc.format {
        case .anchors: break
        case .staticRemoteKey:
            guard transaction.inputs.count == 1, transaction.outputs.count == 1 else {
                throw .wrongInput(index)
            }
        }
        return htlc
    }
}

extension AnnouncementRequest {
    /// What the four signatures of the announcement cover.
    ///
    /// BOLT 7: "MUST compute the double-SHA256 hash `h` of the message, beginning at offset 256, up to the end of the
    /// message."
    public var signatureHash: Hash256 {
        // The offset does not count the two bytes of the message's type.
        SHA256.doubleHash(Array(announcement.encoded[(2 + 256)...]))
    }
}
