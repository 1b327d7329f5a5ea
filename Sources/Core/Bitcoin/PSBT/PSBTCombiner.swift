/// The role that puts together what several signers added (BIP 174, "Combiner").
extension PSBT {
    /// All entries of this PSBT and of `other`, which is about the same transaction; where both have one, this one's.
    ///
    /// Throws ``PSBTError/differentTransactions`` also where the versions differ.
    public func combined(with other: PSBT) throws(PSBTError) -> PSBT {
        guard version == other.version, try identity() == other.identity(),
            inputs.count == other.inputs.count, outputs.count == other.outputs.count
        else { throw .differentTransactions }
        var result = self
        result.global.add(other.global)
        for index in inputs.indices { result.inputs[index].map.add(other.inputs[index].map) }
        for index in outputs.indices { result.outputs[index].map.add(other.outputs[index].map) }
        if let mine = modifiable, let theirs = other.modifiable {
            // What a signer of either has closed stays closed.
            let closing: PSBTModifiable = [.inputs, .outputs]
            result.modifiable = mine.union(theirs).subtracting(closing)
                .union(mine.intersection(theirs).intersection(closing))
        }
        return result
    }

    /// What tells PSBTs of different transactions apart: the identifier, in version 2 with all sequences zero (BIP 370).
    public func identity() throws(PSBTError) -> TransactionID {
        var transaction = try unsignedTransaction()
        if version == .v2 {
            for index in transaction.inputs.indices {
                transaction.inputs[index].sequence = InputSequence(0)
            }
        }
        return transaction.id
    }
}

extension PSBTMap {
    fileprivate mutating func add(_ other: PSBTMap) {
        entries.merge(other.entries) { mine, _ in mine }
    }
}
