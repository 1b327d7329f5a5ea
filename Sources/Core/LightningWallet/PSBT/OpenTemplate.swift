import Bitcoin

/// A transaction that others began, with what its inputs bring and weigh.
struct OpenTemplate {
    /// The template in version 0.
    private let psbt: PSBT
    /// The version that it came in.
    private let version: PSBT.Version
    private let modifiable: PSBTModifiable?
    let transaction: Transaction
    /// The outputs that its inputs spend.
    let spent: [TransactionOutput]
    /// What its inputs weigh once they are signed.
    let inputWeight: Weight
    /// What its inputs bring.
    let available: Satoshi
    /// What its outputs pay.
    let paid: Satoshi
    /// Where change goes.
    let change: TemplateRequest.ChangePlace

    /// The output of the template that takes the change; nil where one is added.
    var existingChange: Int? {
        switch change {
        case .output(let index): index
        case .last, .anywhere: nil
        }
    }

    /// Reads a template in which the wallet's own inputs are described already.
    ///
    /// Throws where others' inputs are not described well enough to tell their amount and weight, and where there are
    /// signatures, which what is added would undo.
    init(_ psbt: PSBT, change: TemplateRequest.ChangePlace) throws(SpendError) {
        self.change = change
        version = psbt.version
        modifiable = psbt.modifiable
        do throws(PSBTError) {
            try Self.checkOpen(psbt)
            self.psbt = try psbt.converted(to: .v0)
            transaction = try psbt.unsignedTransaction()
            spent = try psbt.spentOutputs()
            var weight = Weight.zero
            for (index, input) in psbt.inputs.enumerated() {
                guard let signed = input.signedWeight(spending: spent[index]) else {
                    throw .unknownScriptForm(input: index)
                }
                weight += signed
            }
            inputWeight = weight
        } catch {
            throw .psbt(error)
        }
        var seen: Set<OutPoint> = []
        for input in transaction.inputs where !seen.insert(input.previousOutput).inserted {
            throw .duplicateCoin(input.previousOutput)
        }
        guard !transaction.outputs.isEmpty else { throw .noOutputs }
        if case .output(let index) = change, !transaction.outputs.indices.contains(index) {
            throw .noSuchOutput(index, count: transaction.outputs.count)
        }
        available = try Self.sum(spent)
        paid = try Self.sum(transaction.outputs)
    }

    private static func checkOpen(_ psbt: PSBT) throws(PSBTError) {
        for (index, input) in psbt.inputs.enumerated() {
            guard !input.isFinal, input.partialSignatures.isEmpty,
                input.taprootKeySignature == nil, input.taprootScriptSignatures.isEmpty
            else { throw .transactionIsSigned(input: index) }
        }
        // BIP 370: what is not said to be modifiable is not.
        guard psbt.version == .v2 else { return }
        guard psbt.modifiable?.isSuperset(of: [.inputs, .outputs]) == true else {
            throw .forbiddenField(.global, type: PSBTGlobalType.modifiable.rawValue)
        }
    }

    /// The sum of amounts that others wrote down.
    private static func sum(_ outputs: [TransactionOutput]) throws(SpendError) -> Satoshi {
        var total = Satoshi.zero
        for (index, output) in outputs.enumerated() {
            guard output.amount.isValidOutputAmount else {
                throw .invalidAmount(output: index, output.amount)
            }
            total += output.amount
            guard total.isValidOutputAmount else { throw .invalidAmount(output: index, total) }
        }
        return total
    }

    /// The template with what it lacks, and the index of the output for change.
    func filled(
        _ completion: TemplateCompletion, composer: inout SpendComposer
    ) throws(SpendError) -> (psbt: PSBT, transaction: Transaction, changeIndex: Int?) {
        var filled = transaction
        var changeIndex: Int?
        if let amount = completion.change {
            let count = filled.outputs.count
            let output = TransactionOutput(amount: amount, scriptPubKey: composer.changeScript)
            let index: Int
            switch change {
            case .output(let existing):
                index = existing
                filled.outputs[existing].amount += amount
            case .last:
                index = count
                filled.outputs.append(output)
            case .anywhere:
                index = Int.random(in: 0...count, using: &composer.generator)
                filled.outputs.insert(output, at: index)
            }
            changeIndex = index
        }
        filled.inputs += completion.coins.shuffled(using: &composer.generator).map {
            TransactionInput(previousOutput: $0.outPoint, sequence: .replaceable)
        }
        let added = completion.coins.reduce(Satoshi.zero) { $0 + $1.amount }
        let left = filled.outputs.reduce(available + added) { $0 - $1.amount }
        try composer.policy.check(fee: left)
        let result = try rebuilt(
            around: filled, newOutput: completion.addsOutput ? changeIndex : nil)
        return (psbt: result, transaction: filled, changeIndex: changeIndex)
    }

    /// The entries of the template around the transaction that it has become.
    private func rebuilt(
        around filled: Transaction, newOutput: Int?
    ) throws(SpendError) -> PSBT {
        var result = PSBT(filled)
        for (key, value) in psbt.global.entries where result.global[key] == nil {
            result.global[key] = value
        }
        for index in psbt.inputs.indices { result.inputs[index] = psbt.inputs[index] }
        var outputs = psbt.outputs
        if let newOutput { outputs.insert(PSBTOutput(), at: newOutput) }
        result.outputs = outputs
        do throws(PSBTError) {
            result = try result.converted(to: version)
        } catch {
            throw .psbt(error)
        }
        result.modifiable = modifiable
        return result
    }
}
