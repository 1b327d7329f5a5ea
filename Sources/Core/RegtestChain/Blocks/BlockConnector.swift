import Bitcoin

/// Moves the coins over one block, in either direction.
struct BlockConnector {
    /// The height of the block.
    let height: BlockHeight
    /// The median times of the blocks before it, by height.
    let medianTimes: [UInt32]

    /// Spends and makes the coins of a block, or throws and leaves `coins` as they were.
    func connect(
        _ stored: StoredBlock, coins: inout CoinSet, isVerified: (WitnessTransactionID) -> Bool
    ) throws(BlockRejection) -> BlockUndo {
        var undo = BlockUndo()
        do throws(BlockRejection) {
            try apply(stored, coins: &coins, undo: &undo, isVerified: isVerified)
        } catch {
            BlockConnector.disconnect(stored, undo: undo, coins: &coins)
            throw error
        }
        return undo
    }

    /// Takes back the transactions that `undo` covers, last first.
    static func disconnect(_ stored: StoredBlock, undo: BlockUndo, coins: inout CoinSet) {
        let block = stored.block
        for index in block.transactions.indices.reversed() where index <= undo.spent.count {
            let transaction = block.transactions[index]
            coins.removeOutputs(
                of: stored.transactionIDs[index], count: transaction.outputs.count)
            guard index > 0 else { continue }
            for (input, coin) in zip(transaction.inputs, undo.spent[index - 1]) {
                coins.restore(coin, at: input.previousOutput)
            }
        }
    }

    private func apply(
        _ stored: StoredBlock, coins: inout CoinSet, undo: inout BlockUndo,
        isVerified: (WitnessTransactionID) -> Bool
    ) throws(BlockRejection) {
        let transactions = stored.block.transactions
        try checkOverwrites(stored, coins)
        var fees = Satoshi.zero
        var sigOpsCost = transactions[0].legacySigOpCount * 4
        coins.add(
            transactions[0].outputs, of: stored.transactionIDs[0], height: height, isCoinbase: true)
        for index in transactions.indices.dropFirst() {
            let (transaction, id) = (transactions[index], stored.transactionIDs[index])
            let spent = try spentCoins(of: transaction, id, coins)
            fees = try check(transaction, id, spending: spent, fees: fees, isVerified: isVerified)
            sigOpsCost += transaction.sigOpsCost(spending: spent.map(\.output))
            guard sigOpsCost <= RegtestRules.maximumSigOpsCost else {
                throw .tooManySigOps(cost: sigOpsCost)
            }
            for input in transaction.inputs { _ = coins.spend(input.previousOutput) }
            undo.spent.append(spent)
            coins.add(transaction.outputs, of: id, height: height, isCoinbase: false)
        }
        let limit = RegtestRules.subsidy(at: height) + fees
        guard let paid = Satoshi.sum(transactions[0].outputs.map(\.amount)), paid <= limit else {
            let actual = transactions[0].outputs.reduce(Satoshi.zero) { $0 + $1.amount }
            throw .excessiveCoinbase(expected: limit, actual: actual)
        }
    }

    /// BIP 30: no transaction may hide unspent outputs of an earlier one with the same identifier.
    private func checkOverwrites(
        _ stored: StoredBlock, _ coins: CoinSet
    ) throws(BlockRejection) {
        for (transaction, id) in zip(stored.block.transactions, stored.transactionIDs) {
            for index in transaction.outputs.indices
            where coins[OutPoint(id, UInt32(index))] != nil {
                throw .overwritesTransaction(id)
            }
        }
    }

    private func spentCoins(
        of transaction: Transaction, _ id: TransactionID, _ coins: CoinSet
    ) throws(BlockRejection) -> [Coin] {
        var spent: [Coin] = []
        spent.reserveCapacity(transaction.inputs.count)
        for input in transaction.inputs {
            guard let coin = coins[input.previousOutput] else {
                throw .badTransaction(id, reason: TransactionRejection.missingInputs.reason)
            }
            spent.append(coin)
        }
        return spent
    }

    /// Judges one transaction against the coins that it spends; gives the fees so far.
    private func check(
        _ transaction: Transaction, _ id: TransactionID, spending spent: [Coin], fees: Satoshi,
        isVerified: (WitnessTransactionID) -> Bool
    ) throws(BlockRejection) -> Satoshi {
        var total = fees
        do throws(TransactionRejection) {
            total += try transaction.checkAmounts(spending: spent, height: height)
        } catch {
            throw .badTransaction(id, reason: error.reason)
        }
        guard total.isValidOutputAmount else { throw .feesOutOfRange }
        let locks = SequenceLocks(transaction, heights: spent.lazy.map(\.height)) {
            medianTimes[Int($0.value)]
        }
        guard locks.allow(height: height, previousMedianTime: medianTimes[Int(height.value) - 1])
        else { throw .nonFinal(id) }
        if !isVerified(transaction.witnessID) {
            try ScriptChecks.checkConsensus(transaction, id, spending: spent.map(\.output))
        }
        return total
    }
}
