/// Which of the maps of a PSBT is meant.
public enum PSBTScope: Hashable, Sendable {
    /// What concerns the whole transaction.
    case global
    /// What concerns the input at that position.
    case input(Int)
    /// What concerns the output at that position.
    case output(Int)
}

/// Why bytes are no PSBT, or a role cannot do its work on one.
public enum PSBTError: Error, Equatable, Sendable {
    /// The first five bytes are not those of a PSBT.
    case notAPSBT
    /// The text is not base 64, or the bytes end early or go on after the end.
    case malformed(DecodeError)
    /// A version other than 0 and 2.
    case unsupportedVersion(UInt32)
    /// A map holds a key twice.
    case duplicateKey(PSBTScope, key: [UInt8])
    /// What follows the type in a key does not fit the type.
    case invalidKey(PSBTScope, type: UInt64)
    /// A value does not fit its type.
    case invalidValue(PSBTScope, type: UInt64)
    /// A field that the version demands is not there.
    case missingField(PSBTScope, type: UInt64)
    /// A field that the version excludes is there.
    case forbiddenField(PSBTScope, type: UInt64)
    /// The unsigned transaction holds a script or witness that unlocks an input, or there are signatures that what is to
    /// be changed would undo.
    case transactionIsSigned(input: Int)
    /// Two inputs want lock times of different kinds.
    case incompatibleLockTimes
    /// There is no such input.
    case noSuchInput(Int)
    /// The PSBTs are not about the same transaction.
    case differentTransactions
    /// It is not known what output an input spends.
    case missingSpentOutput(input: Int)
    /// The previous transaction is not the one that the input names, or has no such output.
    case wrongPreviousTransaction(input: Int)
    /// The spent output is given twice and differs.
    case conflictingSpentOutputs(input: Int)
    /// An input from before segwit needs its whole previous transaction, or the amount could be a lie.
    case missingPreviousTransaction(input: Int)
    /// The redeem script is not the one whose hash the output holds.
    case wrongRedeemScript(input: Int)
    /// The witness script is not the one whose hash the program holds.
    case wrongWitnessScript(input: Int)
    /// A script whose hash is all that the output holds is not there.
    case missingScript(input: Int)
    /// The type of signature hash is not defined for the input, or not one that the signer accepts.
    case invalidSighashType(input: Int, SighashType)
    /// A signature was made under another type than the input asks for.
    case sighashTypeMismatch(input: Int, expected: SighashType, actual: SighashType)
    /// Not all signatures that the script needs are there.
    case missingSignatures(input: Int, needed: Int, available: Int)
    /// The finalizer does not know how to satisfy a script of that form.
    case unknownScriptForm(input: Int)
    /// The input has no final script or witness yet.
    case notFinal(input: Int)
    /// A final script or witness does not satisfy its output.
    case scriptFailure(ScriptFailure)
}
