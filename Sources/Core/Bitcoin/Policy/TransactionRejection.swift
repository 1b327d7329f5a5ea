/// Why a transaction is not taken into a mempool.
///
/// ``reason`` and ``detail`` are Bitcoin Core's words, which programs match on.
public enum TransactionRejection: Error, Hashable, Sendable {
    // Rules that need no context.
    case noInputs
    case noOutputs
    case oversize(bytes: Int)
    case negativeOutput(Satoshi)
    case outputTooLarge(Satoshi)
    case outputTotalTooLarge
    case duplicateInputs(OutPoint)
    case coinbaseScriptLength(Int)
    case nullInput
    case coinbase

    // Rules of the coins that it spends.
    case missingInputs
    case prematureCoinbaseSpend(depth: Int64)
    case inputsOutOfRange
    case outputsExceedInputs(inputs: Satoshi, outputs: Satoshi)
    case feeOutOfRange
    case nonFinal
    case nonFinalSequence
    case mandatoryScript(error: String, place: String)
    case policyScript(error: String, place: String)

    // Standardness.
    case version(Int32)
    case tooHeavy(Weight)
    case tooSmall(bytes: Int)
    case scriptSigSize(Int)
    case scriptSigNotPushOnly
    case scriptPubKey
    case bareMultisig
    case dustOutputs(Int)
    case dustWithFee
    case multipleNullData
    case nonstandardInputs
    case nonstandardWitness
    case tooManySigOps(cost: Int)

    // The mempool.
    case alreadyInMempool
    case sameWithoutWitness
    case alreadyKnown
    case conflict(TransactionID)
    case replacementDisallowed
    case belowMempoolMinimum(fee: Satoshi, needed: Satoshi)
    /// A child may pay for a topologically restricted transaction alone: others could lose that child again.
    case belowMinimumRelay(fee: Satoshi, needed: Satoshi, childMayPay: Bool)
    case chainTooLong(String)
    case spendsConflicting(TransactionID, conflict: TransactionID)
    case mempoolFull
    case feerateTooHigh

    // Replacement (BIP 125).
    case insufficientFee(String, siblingEviction: Bool)
    case tooManyReplacements(String, siblingEviction: Bool)
    case replacementAddsUnconfirmed(String, siblingEviction: Bool)

    // Topologically restricted transactions (BIP 431) and ephemeral dust.
    case topology(String)
    case missingEphemeralSpends(String)
}

extension TransactionRejection {
    /// Bitcoin Core's word for the reason.
    public var reason: String {
        switch self {
        case .noInputs: "bad-txns-vin-empty"
        case .noOutputs: "bad-txns-vout-empty"
        case .oversize: "bad-txns-oversize"
        case .negativeOutput: "bad-txns-vout-negative"
        case .outputTooLarge: "bad-txns-vout-toolarge"
        case .outputTotalTooLarge: "bad-txns-txouttotal-toolarge"
        case .duplicateInputs: "bad-txns-inputs-duplicate"
        case .coinbaseScriptLength: "bad-cb-length"
        case .nullInput: "bad-txns-prevout-null"
        case .coinbase: "coinbase"
        case .missingInputs: "bad-txns-inputs-missingorspent"
        case .prematureCoinbaseSpend: "bad-txns-premature-spend-of-coinbase"
        case .inputsOutOfRange: "bad-txns-inputvalues-outofrange"
        case .outputsExceedInputs: "bad-txns-in-belowout"
        case .feeOutOfRange: "bad-txns-fee-outofrange"
        case .nonFinal: "non-final"
        case .nonFinalSequence: "non-BIP68-final"
        case .mandatoryScript(let error, _): "mandatory-script-verify-flag-failed (\(error))"
        case .policyScript(let error, _): "non-mandatory-script-verify-flag (\(error))"
        case .version: "version"
        case .tooHeavy: "tx-size"
        case .tooSmall: "tx-size-small"
        case .scriptSigSize: "scriptsig-size"
        case .scriptSigNotPushOnly: "scriptsig-not-pushonly"
        case .scriptPubKey: "scriptpubkey"
        case .bareMultisig: "bare-multisig"
        case .dustOutputs, .dustWithFee: "dust"
        case .multipleNullData: "multi-op-return"
        case .nonstandardInputs: "bad-txns-nonstandard-inputs"
        case .nonstandardWitness: "bad-witness-nonstandard"
        case .tooManySigOps: "bad-txns-too-many-sigops"
        case .alreadyInMempool: "txn-already-in-mempool"
        case .sameWithoutWitness: "txn-same-nonwitness-data-in-mempool"
        case .alreadyKnown: "txn-already-known"
        case .conflict: "txn-mempool-conflict"
        case .replacementDisallowed: "bip125-replacement-disallowed"
        case .belowMempoolMinimum: "mempool min fee not met"
        case .belowMinimumRelay: "min relay fee not met"
        case .chainTooLong: "too-long-mempool-chain"
        case .spendsConflicting: "bad-txns-spends-conflicting-tx"
        case .mempoolFull: "mempool full"
        case .feerateTooHigh: "max feerate exceeded"
        case .insufficientFee(_, let sibling): "insufficient fee" + Self.suffix(sibling)
        case .tooManyReplacements(_, let sibling):
            "too many potential replacements" + Self.suffix(sibling)
        case .replacementAddsUnconfirmed(_, let sibling):
            "replacement-adds-unconfirmed" + Self.suffix(sibling)
        case .topology: "TRUC-violation"
        case .missingEphemeralSpends: "missing-ephemeral-spends"
        }
    }

    /// What Bitcoin Core adds to the reason; empty where it adds nothing.
    public var detail: String {
        switch self {
        case .prematureCoinbaseSpend(let depth):
            "tried to spend coinbase at depth \(depth)"
        case .outputsExceedInputs(let inputs, let outputs):
            "value in (\(inputs.shortBitcoinText)) < value out (\(outputs.shortBitcoinText))"
        case .mandatoryScript(_, let place), .policyScript(_, let place): place
        case .dustWithFee: "tx with dust output must be 0-fee"
        case .tooManySigOps(let cost): "\(cost)"
        case .belowMempoolMinimum(let fee, let needed),
            .belowMinimumRelay(let fee, let needed, _):
            "\(fee.value) < \(needed.value)"
        case .spendsConflicting(let id, let conflict):
            "\(id) spends conflicting transaction \(conflict)"
        case .chainTooLong(let text), .insufficientFee(let text, _),
            .tooManyReplacements(let text, _), .replacementAddsUnconfirmed(let text, _),
            .topology(let text), .missingEphemeralSpends(let text):
            text
        case .noInputs, .noOutputs, .oversize, .negativeOutput, .outputTooLarge,
            .outputTotalTooLarge, .duplicateInputs, .coinbaseScriptLength, .nullInput, .coinbase,
            .missingInputs, .inputsOutOfRange, .feeOutOfRange, .nonFinal, .nonFinalSequence,
            .version, .tooHeavy, .tooSmall, .scriptSigSize, .scriptSigNotPushOnly, .scriptPubKey,
            .bareMultisig, .dustOutputs, .multipleNullData, .nonstandardInputs,
            .nonstandardWitness, .alreadyInMempool, .sameWithoutWitness, .alreadyKnown, .conflict,
            .replacementDisallowed, .mempoolFull, .feerateTooHigh:
            ""
        }
    }

    /// Whether the transaction may be taken all the same as part of a package that pays for it.
    public var isReconsiderable: Bool {
        switch self {
        case .belowMempoolMinimum, .insufficientFee: true
        case .belowMinimumRelay(_, _, let childMayPay): childMayPay
        default: false
        }
    }

    private static func suffix(_ siblingEviction: Bool) -> String {
        siblingEviction ? " (including sibling eviction)" : ""
    }
}

extension TransactionRejection: CustomStringConvertible {
    /// The reason and, after a comma, the detail.
    public var description: String { detail.isEmpty ? reason : "\(reason), \(detail)" }
}
