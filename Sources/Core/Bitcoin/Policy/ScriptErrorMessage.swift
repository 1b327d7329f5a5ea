extension ScriptError {
    /// Bitcoin Core's sentence for the error, which stands in its reasons to reject a transaction.
    public var message: String {
        switch self {
        case .evaluatedFalse:
            "Script evaluated without error but finished with a false/empty top stack element"
        case .opReturn: "OP_RETURN was encountered"
        case .verify: "Script failed an OP_VERIFY operation"
        case .equalVerify: "Script failed an OP_EQUALVERIFY operation"
        case .checkMultiSigVerify: "Script failed an OP_CHECKMULTISIGVERIFY operation"
        case .checkSigVerify: "Script failed an OP_CHECKSIGVERIFY operation"
        case .numEqualVerify: "Script failed an OP_NUMEQUALVERIFY operation"
        case .scriptSize: "Script is too big"
        case .pushSize: "Push value size limit exceeded"
        case .opCount: "Operation limit exceeded"
        case .stackSize: "Stack size limit exceeded"
        case .signatureCount: "Signature count negative or greater than pubkey count"
        case .publicKeyCount: "Pubkey count negative or limit exceeded"
        case .badOpcode: "Opcode missing or not understood"
        case .disabledOpcode: "Attempted to use a disabled opcode"
        case .invalidStackOperation: "Operation not valid with the current stack size"
        case .invalidAltStackOperation: "Operation not valid with the current altstack size"
        case .unbalancedConditional: "Invalid OP_IF construction"
        case .numberTooLong, .numberNotMinimal:
            "unknown error"
        case .negativeLockTime: "Negative locktime"
        case .unsatisfiedLockTime: "Locktime requirement not satisfied"
        case .signatureHashType: "Signature hash type missing or not understood"
        case .signatureDER: "Non-canonical DER signature"
        case .signatureHighS: "Non-canonical signature: S value is unnecessarily high"
        case .signatureNullDummy: "Dummy CHECKMULTISIG argument must be zero"
        case .signatureNullFail: "Signature must be zero for failed CHECK(MULTI)SIG operation"
        case .signaturePushOnly: "Only push operators allowed in signatures"
        case .publicKeyType: "Public key is neither compressed or uncompressed"
        case .minimalData: "Data push larger than necessary"
        case .minimalIf: "OP_IF/NOTIF argument must be minimal"
        case .cleanStack: "Stack size must be exactly one after execution"
        case .opCodeSeparator: "Using OP_CODESEPARATOR in non-witness script"
        case .signatureFindAndDelete: "Signature is found in scriptCode"
        case .discourageUpgradableNops: "NOPx reserved for soft-fork upgrades"
        case .discourageUpgradableWitnessProgram:
            "Witness version reserved for soft-fork upgrades"
        case .discourageUpgradableTaprootVersion:
            "Taproot version reserved for soft-fork upgrades"
        case .discourageOpSuccess: "OP_SUCCESSx reserved for soft-fork upgrades"
        case .discourageUpgradablePublicKeyType:
            "Public key version reserved for soft-fork upgrades"
        case .witnessProgramWrongLength: "Witness program has incorrect length"
        case .witnessProgramWitnessEmpty: "Witness program was passed an empty witness"
        case .witnessProgramMismatch: "Witness program hash mismatch"
        case .witnessMalleated: "Witness requires empty scriptSig"
        case .witnessMalleatedP2SH: "Witness requires only-redeemscript scriptSig"
        case .witnessUnexpected: "Witness provided for non-witness script"
        case .witnessPublicKeyType: "Using non-compressed keys in segwit"
        case .schnorrSignatureSize: "Invalid Schnorr signature size"
        case .schnorrSignatureHashType: "Invalid Schnorr signature hash type"
        case .schnorrSignature: "Invalid Schnorr signature"
        case .taprootWrongControlSize: "Invalid Taproot control block size"
        case .tapscriptValidationWeight:
            "Too much signature validation relative to witness weight"
        case .tapscriptCheckMultiSig: "OP_CHECKMULTISIG(VERIFY) is not available in tapscript"
        case .tapscriptMinimalIf: "OP_IF/NOTIF argument must be minimal in tapscript"
        case .tapscriptEmptyPublicKey: "Public key is neither compressed or uncompressed"
        }
    }
}
