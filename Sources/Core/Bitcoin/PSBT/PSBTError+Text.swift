/// What users are told of PSBTs that cannot be used.
extension PSBTError: CustomStringConvertible {
    public var description: String { formText ?? contentText }

    private var formText: String? {
        switch self {
        case .notAPSBT: "it does not begin as a PSBT does"
        case .malformed(let error): "\(error)"
        case .unsupportedVersion(let version): "version \(version) is not known (0 and 2 are)"
        case .duplicateKey(let scope, let key):
            "\(scope): the key \(Hex.encode(key)) is there twice"
        case .invalidKey(let scope, let type): "\(scope): a key of type \(type) is malformed"
        case .invalidValue(let scope, let type): "\(scope): the value of type \(type) is malformed"
        case .missingField(let scope, let type): "\(scope): the field of type \(type) is missing"
        case .forbiddenField(let scope, let type):
            "\(scope): this version does not have the field of type \(type)"
        default: nil
        }
    }

    private var contentText: String {
        switch self {
        case .transactionIsSigned(let input): "input \(input) is signed already"
        case .incompatibleLockTimes: "two inputs want lock times of different kinds"
        case .noSuchInput(let input): "there is no input \(input)"
        case .differentTransactions: "the PSBTs are of different transactions"
        case .missingSpentOutput(let input): "input \(input): the output that it spends is missing"
        case .wrongPreviousTransaction(let input):
            "input \(input): the previous transaction is another one"
        case .conflictingSpentOutputs(let input):
            "input \(input): the spent output is given twice, and differs"
        case .missingPreviousTransaction(let input):
            "input \(input): its whole previous transaction is needed"
        case .wrongRedeemScript(let input): "input \(input): the redeem script is another one"
        case .wrongWitnessScript(let input): "input \(input): the witness script is another one"
        case .missingScript(let input): "input \(input): the script is missing"
        case .invalidSighashType(let input, _):
            "input \(input): this type of signature is not allowed"
        case .sighashTypeMismatch(let input, _, _):
            "input \(input): a signature is of another type than asked for"
        case .missingSignatures(let input, let needed, let available):
            "input \(input): \(needed) signatures are needed, \(available) are there"
        case .unknownScriptForm(let input): "input \(input): its script is of no known form"
        case .notFinal(let input): "input \(input) is not finalised"
        case .scriptFailure(let failure): "\(failure)"
        default: "it cannot be used"
        }
    }
}

extension PSBTScope: CustomStringConvertible {
    public var description: String {
        switch self {
        case .global: "transaction"
        case .input(let index): "input \(index)"
        case .output(let index): "output \(index)"
        }
    }
}
