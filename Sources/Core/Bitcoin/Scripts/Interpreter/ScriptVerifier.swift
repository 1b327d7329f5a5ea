/// Verifies that the inputs of one transaction may spend the outputs that they name.
///
/// What the signature hashes of all inputs share is computed once. A verifier is a value that never changes, so that
/// inputs may be verified on several threads at once.
public struct ScriptVerifier: Sendable {
    /// The transaction whose inputs are verified.
    public let transaction: Transaction
    /// The outputs that the inputs spend, in the order of the inputs.
    public let spending: [TransactionOutput]
    /// The rules in force.
    public let flags: ScriptFlags

    let cache: SignatureHashCache

    /// Prepares the verification of `transaction`.
    ///
    /// `spending` must hold one output for each input, in the same order. The transaction is not to be a coinbase, which
    /// spends nothing.
    public init(
        _ transaction: Transaction, spending: [TransactionOutput], flags: ScriptFlags = .standard
    ) {
        precondition(
            spending.count == transaction.inputs.count, "one spent output for each input")
        precondition(
            flags.isDisjoint(with: [.witness, .cleanStack]) || flags.contains(.p2sh),
            "witness and clean stack build on pay-to-script-hash")
        self.transaction = transaction
        self.spending = spending
        self.flags = flags
        cache = SignatureHashCache(transaction, spending: spending)
    }

    /// Verifies one input.
    ///
    /// Throws the ``ScriptError`` that Bitcoin Core reports.
    public func verify(input index: Int) throws(ScriptError) {
        let input = transaction.inputs[index]
        let checker = SignatureChecker(
            transaction: transaction, input: index, amount: spending[index].amount, cache: cache)
        let scriptPubKey = spending[index].scriptPubKey
        if flags.contains(.signaturePushOnly), !input.scriptSig.isPushOnly {
            throw .signaturePushOnly
        }
        var stack = ScriptStack()
        try execute(input.scriptSig, &stack, checker)
        let pushed = stack
        try execute(scriptPubKey, &stack, checker)
        try requireTrue(stack)

        var hadWitness = false
        if flags.contains(.witness), let program = scriptPubKey.witnessProgram {
            hadWitness = true
            guard input.scriptSig.isEmpty else { throw .witnessMalleated }
            try verifyWitness(program, input.witness, isNested: false, checker)
            stack = .clean
        }
        if flags.contains(.p2sh), scriptPubKey.isPayToScriptHash {
            stack = pushed
            guard input.scriptSig.isPushOnly else { throw .signaturePushOnly }
            let redeemScript = Script(try stack.pop())
            try execute(redeemScript, &stack, checker)
            try requireTrue(stack)
            if flags.contains(.witness), let program = redeemScript.witnessProgram {
                hadWitness = true
                var onlyPush = Script()
                onlyPush.appendDataPush(redeemScript.bytes)
                guard input.scriptSig == onlyPush else { throw .witnessMalleatedP2SH }
                try verifyWitness(program, input.witness, isNested: true, checker)
                stack = .clean
            }
        }
        if flags.contains(.cleanStack), stack.count != 1 { throw .cleanStack }
        if flags.contains(.witness), !hadWitness, !input.witness.isEmpty {
            throw .witnessUnexpected
        }
    }

    /// Verifies every input.
    ///
    /// Throws the first failure and its position.
    public func verify() throws(ScriptFailure) {
        for index in transaction.inputs.indices {
            do throws(ScriptError) {
                try verify(input: index)
            } catch {
                throw ScriptFailure(input: index, error: error)
            }
        }
    }

    private func execute(
        _ script: Script, _ stack: inout ScriptStack, _ checker: SignatureChecker
    ) throws(ScriptError) {
        guard !script.isEmpty else { return }
        var interpreter = ScriptInterpreter(
            script, .base, stack: stack, checker: checker, flags: flags)
        try interpreter.run()
        stack = interpreter.stack
    }

    private func requireTrue(_ stack: ScriptStack) throws(ScriptError) {
        guard let top = stack.items.last, ScriptStack.isTrue(top) else { throw .evaluatedFalse }
    }
}

/// An input whose script does not allow its spend.
public struct ScriptFailure: Error, Equatable, Sendable {
    /// The position of the input.
    public let input: Int
    /// Why.
    public let error: ScriptError
}

extension ScriptFailure: CustomStringConvertible {
    public var description: String { "input \(input): \(error)" }
}

extension ScriptStack {
    /// What a witness program leaves behind: it was found to leave nothing else.
    static let clean = ScriptStack([[1]])
}
