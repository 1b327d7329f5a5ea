/// Why a script does not allow a spend, one to one with Bitcoin Core's errors.
///
/// ``name`` gives Core's word for it. `numberTooLong` and `numberNotMinimal` are both what Core calls `SCRIPTNUM`.
public enum ScriptError: Error, Equatable, Sendable, CaseIterable {
    // What the script says.
    case evaluatedFalse
    case opReturn
    case verify
    case equalVerify
    case checkMultiSigVerify
    case checkSigVerify
    case numEqualVerify

    // Sizes and counts.
    case scriptSize
    case pushSize
    case opCount
    case stackSize
    case signatureCount
    case publicKeyCount

    // The form of the script.
    case badOpcode
    case disabledOpcode
    case invalidStackOperation
    case invalidAltStackOperation
    case unbalancedConditional
    case numberTooLong
    case numberNotMinimal

    // Locks (BIP 65, BIP 112).
    case negativeLockTime
    case unsatisfiedLockTime

    // Malleability (BIP 62, BIP 66, BIP 146, BIP 147).
    case signatureHashType
    case signatureDER
    case signatureHighS
    case signatureNullDummy
    case signatureNullFail
    case signaturePushOnly
    case publicKeyType
    case minimalData
    case minimalIf
    case cleanStack
    case opCodeSeparator
    case signatureFindAndDelete

    // What a later soft fork may give a meaning.
    case discourageUpgradableNops
    case discourageUpgradableWitnessProgram
    case discourageUpgradableTaprootVersion
    case discourageOpSuccess
    case discourageUpgradablePublicKeyType

    // Segregated witness (BIP 141).
    case witnessProgramWrongLength
    case witnessProgramWitnessEmpty
    case witnessProgramMismatch
    case witnessMalleated
    case witnessMalleatedP2SH
    case witnessUnexpected
    case witnessPublicKeyType

    // Taproot and tapscript (BIP 341, BIP 342).
    case schnorrSignatureSize
    case schnorrSignatureHashType
    case schnorrSignature
    case taprootWrongControlSize
    case tapscriptValidationWeight
    case tapscriptCheckMultiSig
    case tapscriptMinimalIf
    case tapscriptEmptyPublicKey
}

extension ScriptError: CustomStringConvertible {
    /// Bitcoin Core's name, without its prefix `SCRIPT_ERR_`.
    public var name: String {
        switch self {
        case .evaluatedFalse: "EVAL_FALSE"
        case .opReturn: "OP_RETURN"
        case .verify: "VERIFY"
        case .equalVerify: "EQUALVERIFY"
        case .checkMultiSigVerify: "CHECKMULTISIGVERIFY"
        case .checkSigVerify: "CHECKSIGVERIFY"
        case .numEqualVerify: "NUMEQUALVERIFY"
        case .scriptSize: "SCRIPT_SIZE"
        case .pushSize: "PUSH_SIZE"
        case .opCount: "OP_COUNT"
        case .stackSize: "STACK_SIZE"
        case .signatureCount: "SIG_COUNT"
        case .publicKeyCount: "PUBKEY_COUNT"
        case .badOpcode: "BAD_OPCODE"
        case .disabledOpcode: "DISABLED_OPCODE"
        case .invalidStackOperation: "INVALID_STACK_OPERATION"
        case .invalidAltStackOperation: "INVALID_ALTSTACK_OPERATION"
        case .unbalancedConditional: "UNBALANCED_CONDITIONAL"
        case .numberTooLong, .numberNotMinimal: "SCRIPTNUM"
        case .negativeLockTime: "NEGATIVE_LOCKTIME"
        case .unsatisfiedLockTime: "UNSATISFIED_LOCKTIME"
        case .signatureHashType: "SIG_HASHTYPE"
        case .signatureDER: "SIG_DER"
        case .signatureHighS: "SIG_HIGH_S"
        case .signatureNullDummy: "SIG_NULLDUMMY"
        case .signatureNullFail: "NULLFAIL"
        case .signaturePushOnly: "SIG_PUSHONLY"
        case .publicKeyType: "PUBKEYTYPE"
        case .minimalData: "MINIMALDATA"
        case .minimalIf: "MINIMALIF"
        case .cleanStack: "CLEANSTACK"
        case .opCodeSeparator: "OP_CODESEPARATOR"
        case .signatureFindAndDelete: "SIG_FINDANDDELETE"
        case .discourageUpgradableNops: "DISCOURAGE_UPGRADABLE_NOPS"
        case .discourageUpgradableWitnessProgram: "DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM"
        case .discourageUpgradableTaprootVersion: "DISCOURAGE_UPGRADABLE_TAPROOT_VERSION"
        case .discourageOpSuccess: "DISCOURAGE_OP_SUCCESS"
        case .discourageUpgradablePublicKeyType: "DISCOURAGE_UPGRADABLE_PUBKEYTYPE"
        case .witnessProgramWrongLength: "WITNESS_PROGRAM_WRONG_LENGTH"
        case .witnessProgramWitnessEmpty: "WITNESS_PROGRAM_WITNESS_EMPTY"
        case .witnessProgramMismatch: "WITNESS_PROGRAM_MISMATCH"
        case .witnessMalleated: "WITNESS_MALLEATED"
        case .witnessMalleatedP2SH: "WITNESS_MALLEATED_P2SH"
        case .witnessUnexpected: "WITNESS_UNEXPECTED"
        case .witnessPublicKeyType: "WITNESS_PUBKEYTYPE"
        case .schnorrSignatureSize: "SCHNORR_SIG_SIZE"
        case .schnorrSignatureHashType: "SCHNORR_SIG_HASHTYPE"
        case .schnorrSignature: "SCHNORR_SIG"
        case .taprootWrongControlSize: "TAPROOT_WRONG_CONTROL_SIZE"
        case .tapscriptValidationWeight: "TAPSCRIPT_VALIDATION_WEIGHT"
        case .tapscriptCheckMultiSig: "TAPSCRIPT_CHECKMULTISIG"
        case .tapscriptMinimalIf: "TAPSCRIPT_MINIMALIF"
        case .tapscriptEmptyPublicKey: "TAPSCRIPT_EMPTY_PUBKEY"
        }
    }

    public var description: String { name }
}
