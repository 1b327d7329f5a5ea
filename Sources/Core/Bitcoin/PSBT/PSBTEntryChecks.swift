/// What the key data of a type has to be.
private enum KeyDataForm {
    case none
    case bytes(Int)
    case publicKey
    case xOnlyKey
    case controlBlock
    case any

    func accepts(_ data: [UInt8]) -> Bool {
        switch self {
        case .none: data.isEmpty
        case .bytes(let count): data.count == count
        case .publicKey: Script.hasPublicKeySize(data) && (try? PublicKey(data)) != nil
        case .xOnlyKey: (try? XOnlyPublicKey(data)) != nil
        case .controlBlock:
            data.count >= 33 && (data.count - 33) % 32 == 0
                && (data.count - 33) / 32 <= Taproot.maximumPathLength
        case .any: true
        }
    }
}

/// The checks of single entries: "If any key or value does not match the specified format for that type, the PSBT must
/// be considered invalid." (BIP 174)
enum PSBTEntryChecks {
    static func check(global map: PSBTMap) throws(PSBTError) {
        try check(map, scope: .global, as: PSBTGlobalType.self, form: form) { type, data, value in
            isValid(type, data, value)
        }
    }

    static func check(input map: PSBTMap, at index: Int) throws(PSBTError) {
        try check(map, scope: .input(index), as: PSBTInputType.self, form: form) {
            type, data, value in isValid(type, data, value)
        }
    }

    static func check(output map: PSBTMap, at index: Int) throws(PSBTError) {
        try check(map, scope: .output(index), as: PSBTOutputType.self, form: form) {
            type, _, value in isValid(type, value)
        }
    }

    private static func check<FieldType: RawRepresentable<UInt64>>(
        _ map: PSBTMap, scope: PSBTScope, as: FieldType.Type, form: (FieldType) -> KeyDataForm,
        isValid: (FieldType, [UInt8], [UInt8]) -> Bool
    ) throws(PSBTError) {
        for (key, value) in map.entries {
            guard let type = FieldType(rawValue: key.type) else { continue }
            guard form(type).accepts(key.data) else {
                throw .invalidKey(scope, type: key.type)
            }
            guard isValid(type, key.data, value) else {
                throw .invalidValue(scope, type: key.type)
            }
        }
    }

    private static func form(_ type: PSBTGlobalType) -> KeyDataForm {
        switch type {
        case .unsignedTransaction, .transactionVersion, .fallbackLockTime, .inputCount,
            .outputCount, .modifiable, .version:
            .none
        case .extendedPublicKey: .bytes(ExtendedKeyFields.length)
        case .proprietary: .any
        }
    }

    private static func form(_ type: PSBTInputType) -> KeyDataForm {
        switch type {
        case .previousTransaction, .witnessOutput, .sighashType, .redeemScript, .witnessScript,
            .finalScriptSig, .finalWitness, .proofOfReserves, .previousTransactionID, .outputIndex,
            .sequence, .requiredTimeLock, .requiredHeightLock, .taprootKeySignature,
            .taprootInternalKey, .taprootMerkleRoot:
            .none
        case .partialSignature, .derivation: .publicKey
        case .ripemd160Preimage, .hash160Preimage: .bytes(20)
        case .sha256Preimage, .hash256Preimage: .bytes(32)
        case .taprootScriptSignature: .bytes(64)
        case .taprootLeafScript: .controlBlock
        case .taprootDerivation: .xOnlyKey
        case .proprietary: .any
        }
    }

    private static func form(_ type: PSBTOutputType) -> KeyDataForm {
        switch type {
        case .redeemScript, .witnessScript, .amount, .script, .taprootInternalKey, .taprootTree:
            .none
        case .derivation: .publicKey
        case .taprootDerivation: .xOnlyKey
        case .proprietary: .any
        }
    }
}

extension PSBTEntryChecks {
    private static func isValid(
        _ type: PSBTGlobalType, _ data: [UInt8], _ value: [UInt8]
    ) -> Bool {
        switch type {
        case .unsignedTransaction: (try? Transaction(decodingWithoutWitness: value)) != nil
        case .extendedPublicKey:
            // The depth is the fifth byte of the key.
            (try? KeyOrigin(decoding: value))?.path.steps.count == Int(data[4])
        case .transactionVersion, .fallbackLockTime, .version: value.count == 4
        case .inputCount, .outputCount: (try? PSBTMap.count(value)) != nil
        case .modifiable: value.count == 1
        case .proprietary: true
        }
    }

    private static func isValid(
        _ type: PSBTInputType, _ data: [UInt8], _ value: [UInt8]
    ) -> Bool {
        switch type {
        case .previousTransaction: (try? Transaction(decoding: value)) != nil
        case .witnessOutput: (try? TransactionOutput(decoding: value)) != nil
        case .partialSignature: (try? ECDSASignature(der: Array(value.dropLast()))) != nil
        case .sighashType, .outputIndex, .sequence: value.count == 4
        case .requiredTimeLock: PSBTMap.number(value).map { $0 >= LockTime.threshold } ?? false
        case .requiredHeightLock:
            PSBTMap.number(value).map { $0 > 0 && $0 < LockTime.threshold } ?? false
        case .derivation: (try? KeyOrigin(decoding: value)) != nil
        case .finalWitness: (try? PSBTMap.witness(value)) != nil
        case .ripemd160Preimage: RIPEMD160.hash(value) == data
        case .sha256Preimage: SHA256.hash(value).bytes == data
        case .hash160Preimage: Hash160(hashing: value).bytes == data
        case .hash256Preimage: SHA256.doubleHash(value).bytes == data
        case .previousTransactionID, .taprootMerkleRoot: value.count == 32
        case .taprootKeySignature: value.count == 64 || value.count == 65
        case .taprootScriptSignature:
            (value.count == 64 || value.count == 65)
                && (try? XOnlyPublicKey(Array(data.prefix(32)))) != nil
        case .taprootLeafScript: value.last.map { $0 & 1 == 0 } ?? false
        case .taprootDerivation: (try? TaprootKeyOrigin(decoding: value)) != nil
        case .taprootInternalKey: (try? XOnlyPublicKey(value)) != nil
        case .redeemScript, .witnessScript, .finalScriptSig, .proofOfReserves, .proprietary: true
        }
    }

    private static func isValid(_ type: PSBTOutputType, _ value: [UInt8]) -> Bool {
        switch type {
        case .derivation: (try? KeyOrigin(decoding: value)) != nil
        case .amount: value.count == 8
        case .taprootInternalKey: (try? XOnlyPublicKey(value)) != nil
        case .taprootTree: (try? PSBTMap.tree(value)) != nil
        case .taprootDerivation: (try? TaprootKeyOrigin(decoding: value)) != nil
        case .redeemScript, .witnessScript, .script, .proprietary: true
        }
    }
}

extension PSBTMap {
    static func number(_ bytes: [UInt8]) -> UInt32? {
        var reader = ByteReader(bytes.span.bytes)
        guard bytes.count == 4 else { return nil }
        return try? reader.readLittleEndian(UInt32.self)
    }

    static func count(_ bytes: [UInt8]) throws(DecodeError) -> Int {
        var reader = ByteReader(bytes.span.bytes)
        let count = try reader.readCompactSize(field: "PSBT count")
        try reader.expectEnd()
        return count
    }
}

extension Transaction {
    /// Decodes the encoding from before BIP 144, which fills `bytes` exactly.
    public init(decodingWithoutWitness bytes: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(bytes.span.bytes)
        self = try Transaction(withoutWitnessFrom: &reader)
        try reader.expectEnd()
    }
}
