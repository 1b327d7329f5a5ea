import Bitcoin

/// The rules that a block can be held against without knowing the chain.
enum BlockChecks {
    /// Throws the first rule that `stored` breaks, in Bitcoin Core's order.
    static func check(_ stored: StoredBlock) throws(BlockRejection) {
        let block = stored.block
        try checkProofOfWork(block.header)
        let (root, isMutated) = MerkleRoot.compute(stored.transactionIDs.map(\.hash))
        guard root == block.header.merkleRoot else { throw .wrongMerkleRoot }
        guard !isMutated else { throw .duplicateTransactions }
        guard !block.transactions.isEmpty, block.baseSize * 4 <= Weight.maximumBlock.value else {
            throw .badLength
        }
        guard block.transactions[0].isCoinbase else { throw .missingCoinbase }
        guard !block.transactions.dropFirst().contains(where: \.isCoinbase) else {
            throw .multipleCoinbases
        }
        var legacySigOps = 0
        for (transaction, id) in zip(block.transactions, stored.transactionIDs) {
            do throws(TransactionRejection) {
                try transaction.checkContextFree()
            } catch {
                throw .badTransaction(id, reason: error.reason)
            }
            legacySigOps += transaction.legacySigOpCount
        }
        guard legacySigOps * 4 <= RegtestRules.maximumSigOpsCost else {
            throw .tooManySigOps(cost: legacySigOps * 4)
        }
    }

    /// Throws unless the header's hash meets the network's target.
    static func checkProofOfWork(_ header: BlockHeader) throws(BlockRejection) {
        guard header.bits == RegtestRules.bits else {
            throw .wrongBits(expected: RegtestRules.bits, actual: header.bits)
        }
        guard RegtestRules.meetsTarget(header.hash) else { throw .highHash }
    }

    /// Throws unless `header` may follow `parent` at the time `now`.
    static func check(
        _ header: BlockHeader, after parent: BlockNode, now: UInt32
    ) throws(BlockRejection) {
        guard header.time > parent.medianTime else {
            throw .timeTooOld(time: header.time, medianTime: parent.medianTime)
        }
        let limit = now.addingReportingOverflow(RegtestRules.maximumFutureTime)
        guard limit.overflow || header.time <= limit.partialValue else {
            throw .timeTooNew(time: header.time, limit: limit.partialValue)
        }
        guard header.version >= 4 else { throw .badVersion(header.version) }
    }

    /// Throws unless the transactions of `block` may stand in the block after `parent`.
    static func check(_ stored: StoredBlock, after parent: BlockNode) throws(BlockRejection) {
        let block = stored.block
        let height = parent.height + 1
        for (transaction, id) in zip(block.transactions, stored.transactionIDs) {
            // BIP 113: the time that counts is the median of the blocks before.
            guard transaction.isFinal(height: height, time: parent.medianTime) else {
                throw .nonFinal(id)
            }
        }
        let expected = coinbasePrefix(height)
        guard block.transactions[0].inputs[0].scriptSig.bytes.starts(with: expected) else {
            throw .wrongCoinbaseHeight(expected: height)
        }
        try WitnessCommitment.check(block)
        guard block.weight <= .maximumBlock else { throw .overweight(block.weight) }
    }

    /// BIP 34: how the script of the coinbase at `height` begins.
    static func coinbasePrefix(_ height: BlockHeight) -> [UInt8] {
        ScriptBuilder().push(Int64(height.value)).script.bytes
    }
}
