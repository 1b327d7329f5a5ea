extension Transaction {
    /// Throws the first rule of consensus that the transaction breaks in itself, whatever it spends.
    public func checkContextFree() throws(TransactionRejection) {
        guard !inputs.isEmpty else { throw .noInputs }
        guard !outputs.isEmpty else { throw .noOutputs }
        guard baseSize * 4 <= Weight.maximumBlock.value else { throw .oversize(bytes: baseSize) }
        var total = Satoshi.zero
        for output in outputs {
            guard output.amount >= .zero else { throw .negativeOutput(output.amount) }
            guard output.amount <= .maximumMoney else { throw .outputTooLarge(output.amount) }
            total += output.amount
            guard total <= .maximumMoney else { throw .outputTotalTooLarge }
        }
        var seen: Set<OutPoint> = []
        for input in inputs {
            guard seen.insert(input.previousOutput).inserted else {
                throw .duplicateInputs(input.previousOutput)
            }
        }
        if isCoinbase {
            let length = inputs[0].scriptSig.bytes.count
            guard (2...100).contains(length) else { throw .coinbaseScriptLength(length) }
        } else if inputs.contains(where: { $0.previousOutput == .null }) {
            throw .nullInput
        }
    }
}
