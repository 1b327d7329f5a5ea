import Bitcoin

extension Transaction {
    /// Throws the first rule that the amounts break, and gives the fee.
    ///
    /// `height` is that of the block that would hold the transaction.
    func checkAmounts(
        spending spent: [Coin], height: BlockHeight
    ) throws(TransactionRejection) -> Satoshi {
        var total = Satoshi.zero
        for coin in spent {
            let depth = height - coin.height
            guard !coin.isCoinbase || depth >= Int64(RegtestRules.coinbaseMaturity) else {
                throw .prematureCoinbaseSpend(depth: depth)
            }
            guard let sum = Satoshi.sum([total, coin.output.amount]) else {
                throw .inputsOutOfRange
            }
            total = sum
        }
        guard let paid = Satoshi.sum(outputs.map(\.amount)) else { throw .outputTotalTooLarge }
        guard total >= paid else { throw .outputsExceedInputs(inputs: total, outputs: paid) }
        return total - paid
    }
}
