import Bitcoin

/// Two judges of whether a transaction may spend what it does: our own verifier, and Bitcoin Core's consensus library where
/// it is at hand. Every test that builds a transaction asks them.
public enum ScriptJudge {
    /// Whether the second judge is at hand; `scripts/bitcoinkernel` fetches it.
    public static var hasSecond: Bool { BitcoinKernel.shared != nil }

    /// Throws unless each input of `transaction` may spend its output, as every node would relay it.
    ///
    /// `spending` holds the spent outputs in the order of the inputs. Throws ``ScriptFailure`` with the first failure
    /// under `flags`, and ``Disagreement`` where the judges differ about consensus.
    public static func verify(
        _ transaction: Transaction, spending: [TransactionOutput],
        flags: ScriptFlags = .standard
    ) throws {
        _ = try verdicts(transaction, spending: spending)
        try ScriptVerifier(transaction, spending: spending, flags: flags).verify()
    }

    /// Whether each input may spend its output under the rules of consensus.
    ///
    /// Throws ``Disagreement`` where the judges differ.
    public static func verdicts(
        _ transaction: Transaction, spending: [TransactionOutput]
    ) throws(Disagreement) -> [Bool] {
        let verifier = ScriptVerifier(transaction, spending: spending, flags: .consensus)
        let errors = transaction.inputs.indices.map { index -> ScriptError? in
            do throws(ScriptError) {
                try verifier.verify(input: index)
                return nil
            } catch {
                return error
            }
        }
        let ours = errors.map { $0 == nil }
        guard let kernel = BitcoinKernel.shared else { return ours }
        let theirs = kernel.verdicts(transaction, spending: spending)
        guard let theirs, theirs == ours else {
            throw Disagreement(
                transaction: transaction, spending: spending, errors: errors, theirs: theirs)
        }
        return ours
    }

    /// Our verifier and Bitcoin Core's library come to different verdicts.
    public struct Disagreement: Error, CustomStringConvertible {
        /// The transaction.
        public let transaction: Transaction
        /// What it spends.
        public let spending: [TransactionOutput]
        /// Our errors, by input; nil where we find the input valid.
        public let errors: [ScriptError?]
        /// Bitcoin Core's verdicts, by input; nil where it does not take the transaction at all.
        public let theirs: [Bool]?

        /// All that is needed to repeat the case.
        public var description: String {
            let outputs = spending.map { "\($0.amount) to \($0.scriptPubKey.hex)" }
            let names = errors.map { $0?.name ?? "OK" }
            return "ours \(names), Bitcoin Core's \(theirs.map { "\($0)" } ?? "none"): "
                + "\(Hex.encode(transaction.encoded)) spending \(outputs)"
        }
    }
}
