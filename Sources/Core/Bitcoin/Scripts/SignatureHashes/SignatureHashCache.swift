/// What the signature hashes of all inputs of one transaction have in common.
///
/// Made once for each transaction, it makes the cost of hashing for all inputs of segwit and taproot grow with the size
/// of the transaction, not with its square (BIP 143).
public struct SignatureHashCache: Sendable {
    /// Single hashes, as BIP 341 takes them; BIP 143 hashes them once more.
    let previousOutputs: Hash256
    let sequences: Hash256
    let outputs: Hash256
    let doublePreviousOutputs: Hash256
    let doubleSequences: Hash256
    let doubleOutputs: Hash256
    /// What only taproot needs; nil where the spent outputs are not known.
    let spent: Spent?

    struct Spent: Sendable {
        let outputs: [TransactionOutput]
        let amounts: Hash256
        let scripts: Hash256
    }

    /// Hashes the parts of `transaction`.
    ///
    /// `spending` holds the outputs that the inputs spend, in the order of the inputs, which taproot signatures cover;
    /// without them no input can be hashed for taproot.
    public init(_ transaction: Transaction, spending: [TransactionOutput]? = nil) {
        var writer = ByteWriter(capacity: transaction.inputs.count * 36)
        for input in transaction.inputs { input.previousOutput.write(to: &writer) }
        previousOutputs = SHA256.hash(writer.bytes)

        writer.bytes.removeAll(keepingCapacity: true)
        for input in transaction.inputs { writer.writeLittleEndian(input.sequence.value) }
        sequences = SHA256.hash(writer.bytes)

        writer.bytes.removeAll(keepingCapacity: true)
        for output in transaction.outputs { output.write(to: &writer) }
        outputs = SHA256.hash(writer.bytes)

        doublePreviousOutputs = SHA256.hash(of: previousOutputs)
        doubleSequences = SHA256.hash(of: sequences)
        doubleOutputs = SHA256.hash(of: outputs)
        spent = spending.map { spending in
            precondition(spending.count == transaction.inputs.count, "one output for each input")
            return Spent(spending, writer: &writer)
        }
    }
}

extension SignatureHashCache.Spent {
    init(_ outputs: [TransactionOutput], writer: inout ByteWriter) {
        self.outputs = outputs
        writer.bytes.removeAll(keepingCapacity: true)
        for output in outputs { writer.writeLittleEndian(output.amount.value) }
        amounts = SHA256.hash(writer.bytes)
        writer.bytes.removeAll(keepingCapacity: true)
        for output in outputs { output.scriptPubKey.write(to: &writer) }
        scripts = SHA256.hash(writer.bytes)
    }
}
