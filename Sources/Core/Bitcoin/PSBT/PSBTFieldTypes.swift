/// The types of the global map (BIP 174, BIP 370).
public enum PSBTGlobalType: UInt64, CaseIterable, Sendable {
    case unsignedTransaction = 0x00
    case extendedPublicKey = 0x01
    case transactionVersion = 0x02
    case fallbackLockTime = 0x03
    case inputCount = 0x04
    case outputCount = 0x05
    case modifiable = 0x06
    case version = 0xfb
    case proprietary = 0xfc
}

/// The types of an input's map (BIP 174, BIP 370, BIP 371).
public enum PSBTInputType: UInt64, CaseIterable, Sendable {
    case previousTransaction = 0x00
    case witnessOutput = 0x01
    case partialSignature = 0x02
    case sighashType = 0x03
    case redeemScript = 0x04
    case witnessScript = 0x05
    case derivation = 0x06
    case finalScriptSig = 0x07
    case finalWitness = 0x08
    case proofOfReserves = 0x09
    case ripemd160Preimage = 0x0a
    case sha256Preimage = 0x0b
    case hash160Preimage = 0x0c
    case hash256Preimage = 0x0d
    case previousTransactionID = 0x0e
    case outputIndex = 0x0f
    case sequence = 0x10
    case requiredTimeLock = 0x11
    case requiredHeightLock = 0x12
    case taprootKeySignature = 0x13
    case taprootScriptSignature = 0x14
    case taprootLeafScript = 0x15
    case taprootDerivation = 0x16
    case taprootInternalKey = 0x17
    case taprootMerkleRoot = 0x18
    case proprietary = 0xfc

    /// Whether the type belongs to version 2 alone (BIP 370).
    var isVersion2Only: Bool {
        switch self {
        case .previousTransactionID, .outputIndex, .sequence, .requiredTimeLock,
            .requiredHeightLock:
            true
        case .previousTransaction, .witnessOutput, .partialSignature, .sighashType, .redeemScript,
            .witnessScript, .derivation, .finalScriptSig, .finalWitness, .proofOfReserves,
            .ripemd160Preimage, .sha256Preimage, .hash160Preimage, .hash256Preimage,
            .taprootKeySignature, .taprootScriptSignature, .taprootLeafScript, .taprootDerivation,
            .taprootInternalKey, .taprootMerkleRoot, .proprietary:
            false
        }
    }
}

/// The types of an output's map (BIP 174, BIP 370, BIP 371).
public enum PSBTOutputType: UInt64, CaseIterable, Sendable {
    case redeemScript = 0x00
    case witnessScript = 0x01
    case derivation = 0x02
    case amount = 0x03
    case script = 0x04
    case taprootInternalKey = 0x05
    case taprootTree = 0x06
    case taprootDerivation = 0x07
    case proprietary = 0xfc

    /// Whether the type belongs to version 2 alone (BIP 370).
    var isVersion2Only: Bool { self == .amount || self == .script }
}
