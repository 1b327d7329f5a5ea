import Bitcoin

/// Runs the scripts of whole transactions.
enum ScriptChecks {
    /// Throws unless every input may spend its output under the rules of consensus.
    static func checkConsensus(
        _ transaction: Transaction, _ id: TransactionID, spending: [TransactionOutput]
    ) throws(BlockRejection) {
        do throws(ScriptFailure) {
            try ScriptVerifier(transaction, spending: spending, flags: .consensus).verify()
        } catch {
            throw .badScript(id, input: error.input, error: error.error.message)
        }
    }

    /// Throws unless every input may spend its output under the rules of relay, and says whether consensus would mind.
    static func checkPolicy(
        _ transaction: Transaction, name: TransactionName, spending: [TransactionOutput]
    ) throws(TransactionRejection) {
        do throws(ScriptFailure) {
            try ScriptVerifier(transaction, spending: spending, flags: .standard).verify()
        } catch {
            let outPoint = transaction.inputs[error.input].previousOutput
            let place =
                "input \(error.input) of \(name.id) (wtxid \(name.witnessID)), spending \(outPoint)"
            let consensus = ScriptVerifier(transaction, spending: spending, flags: .consensus)
            do throws(ScriptError) {
                try consensus.verify(input: error.input)
            } catch let mandatory {
                throw .mandatoryScript(error: mandatory.message, place: place)
            }
            throw .policyScript(error: error.error.message, place: place)
        }
    }
}
