import Bitcoin
import JSON
import Synchronization

/// Outputs and the mempool.
extension BitcoindBackend {
    public func unspentOutput(
        _ outPoint: OutPoint, includingMempool: Bool
    ) throws(ChainError) -> UnspentOutput? {
        // The index is a 32-bit signed number there.
        guard outPoint.index <= Int32.max else { return nil }
        let answer = BitcoindAnswer(
            try call(
                "gettxout", .string("\(outPoint.transactionID)"), .integer(outPoint.index),
                .bool(includingMempool)),
            to: "gettxout")
        if answer.value.isNull { return nil }

        let confirmations: UInt32 = try answer.integer("confirmations")
        var height: BlockHeight?
        if confirmations > 0 {
            let tip = try self.height(of: answer.identifier("bestblock"))
            guard tip.value >= confirmations - 1 else {
                throw answer.invalid("more confirmations than blocks")
            }
            height = tip.saturatingSubtract(confirmations - 1)
        }
        return UnspentOutput(
            output: TransactionOutput(
                amount: try answer.amount("value"),
                scriptPubKey: try answer.field("scriptPubKey").script("hex")),
            height: height, isCoinbase: try answer.bool("coinbase"))
    }

    /// The height of a block that was the tip a moment ago.
    private func height(of tip: BlockHash) throws(ChainError) -> BlockHeight {
        if let known = lastTip.withLock({ $0 }), known.hash == tip { return known.height }
        guard let header = try header(of: tip) else { throw .unknownBlock(tip) }
        lastTip.withLock { $0 = ChainPoint(height: header.height, hash: tip) }
        return header.height
    }

    public func mempoolTransaction(_ id: TransactionID) throws(ChainError) -> Transaction? {
        // With a transaction index the second call alone would find mined transactions too.
        let answers = try batch([
            .init("getmempoolentry", .string("\(id)")),
            .init("getrawtransaction", .string("\(id)")),
        ])
        let transaction: Transaction
        do throws(ChainError) {
            _ = try answers[0].get()
            transaction = try BitcoindAnswer(
                answers[1].get(), to: "getrawtransaction"
            ).transaction()
        } catch .refused(_, code: RPCCode.invalidAddressOrKey, _) {
            return nil
        }
        guard transaction.id == id else {
            throw .invalidAnswer(method: "getrawtransaction", detail: "not transaction \(id)")
        }
        return transaction
    }

    public func mempool() throws(ChainError) -> [TransactionID] {
        let answer = BitcoindAnswer(
            try call("getrawmempool", bounds: .large), to: "getrawmempool")
        var identifiers: [TransactionID] = []
        for element in try answer.elements() { identifiers.append(try element.identifier()) }
        return identifiers
    }

    /// Those of the transactions that are still in the mempool, or that bitcoind knows otherwise.
    func transactions(_ identifiers: some Sequence<TransactionID>) throws(ChainError)
        -> [Transaction]
    {
        let answers = try batch(
            identifiers.map { .init("getrawtransaction", .string("\($0)")) }, bounds: .large)
        var transactions: [Transaction] = []
        for answer in answers {
            do throws(ChainError) {
                transactions.append(
                    try BitcoindAnswer(answer.get(), to: "getrawtransaction").transaction())
            } catch .refused(_, code: RPCCode.invalidAddressOrKey, _) {
                continue
            }
        }
        return transactions
    }
}
