/// What a PSBT says about one input.
public struct PSBTInput: Hashable, Sendable {
    /// All entries, including those that have no property here.
    public var map = PSBTMap()

    /// An input of which nothing is known.
    public init() {}

    /// The whole previous transaction, which proves the amount that is spent.
    public var previousTransaction: Transaction? {
        get { map.decoded(PSBTInputType.previousTransaction) }
        set { map.set(PSBTInputType.previousTransaction, newValue?.encoded) }
    }

    /// The output that is spent, where it is one of segwit.
    public var witnessOutput: TransactionOutput? {
        get { map.decoded(PSBTInputType.witnessOutput) }
        set { map.set(PSBTInputType.witnessOutput, newValue?.encoded) }
    }

    /// ECDSA signatures with their hash type, by the public key as the script holds it.
    public var partialSignatures: [[UInt8]: [UInt8]] {
        get { map.values(PSBTInputType.partialSignature) }
        set { map.setValues(PSBTInputType.partialSignature, newValue) }
    }

    /// The type that all signatures of the input must have.
    public var sighashType: SighashType? {
        get { map.number(PSBTInputType.sighashType).map { SighashType($0) } }
        set { map.set(PSBTInputType.sighashType, newValue.map { PSBTMap.bytes($0.value) }) }
    }

    /// The script whose hash a P2SH output holds.
    public var redeemScript: Script? {
        get { map.value(PSBTInputType.redeemScript).map { Script($0) } }
        set { map.set(PSBTInputType.redeemScript, newValue?.bytes) }
    }

    /// The script whose hash a P2WSH program holds.
    public var witnessScript: Script? {
        get { map.value(PSBTInputType.witnessScript).map { Script($0) } }
        set { map.set(PSBTInputType.witnessScript, newValue?.bytes) }
    }

    /// Where the keys come from, by the public key as the script holds it.
    public var derivations: [[UInt8]: KeyOrigin] {
        get { map.decodedValues(PSBTInputType.derivation) }
        set { map.setValues(PSBTInputType.derivation, newValue.mapValues(\.encoded)) }
    }

    /// The complete script that unlocks the input.
    public var finalScriptSig: Script? {
        get { map.value(PSBTInputType.finalScriptSig).map { Script($0) } }
        set { map.set(PSBTInputType.finalScriptSig, newValue?.bytes) }
    }

    /// The complete witness that unlocks the input.
    public var finalWitness: [[UInt8]]? {
        get { map.value(PSBTInputType.finalWitness).flatMap { try? PSBTMap.witness($0) } }
        set { map.set(PSBTInputType.finalWitness, newValue.map { PSBTMap.bytes(witness: $0) }) }
    }

    /// Whether the input needs no more work.
    public var isFinal: Bool { finalScriptSig != nil || finalWitness != nil }
}

/// What only version 2 has (BIP 370).
extension PSBTInput {
    /// The transaction that has the output spent.
    public var previousTransactionID: TransactionID? {
        get { map.decoded(PSBTInputType.previousTransactionID) }
        set { map.set(PSBTInputType.previousTransactionID, newValue?.encoded) }
    }

    /// The position of the output spent.
    public var outputIndex: UInt32? {
        get { map.number(PSBTInputType.outputIndex) }
        set { map.set(PSBTInputType.outputIndex, newValue.map { PSBTMap.bytes($0) }) }
    }

    /// The sequence number; ``InputSequence/final`` where there is none.
    public var sequence: InputSequence? {
        get { map.number(PSBTInputType.sequence).map { InputSequence($0) } }
        set { map.set(PSBTInputType.sequence, newValue.map { PSBTMap.bytes($0.value) }) }
    }

    /// The least lock time in seconds that the input takes: 500,000,000 or more.
    public var requiredTimeLock: UInt32? {
        get { map.number(PSBTInputType.requiredTimeLock) }
        set { map.set(PSBTInputType.requiredTimeLock, newValue.map { PSBTMap.bytes($0) }) }
    }

    /// The least lock time as a height that the input takes: 1 to 499,999,999.
    public var requiredHeightLock: UInt32? {
        get { map.number(PSBTInputType.requiredHeightLock) }
        set { map.set(PSBTInputType.requiredHeightLock, newValue.map { PSBTMap.bytes($0) }) }
    }
}

/// Taproot's fields (BIP 371).
extension PSBTInput {
    /// The signature for a spend by the output's key: 64 bytes, or 65 with a hash type.
    public var taprootKeySignature: [UInt8]? {
        get { map.value(PSBTInputType.taprootKeySignature) }
        set { map.set(PSBTInputType.taprootKeySignature, newValue) }
    }

    /// Signatures for spends by a script: 64 bytes, or 65 with a hash type.
    public var taprootScriptSignatures: [TaprootScriptKey: [UInt8]] {
        get {
            var all: [TaprootScriptKey: [UInt8]] = [:]
            for (data, value) in map.values(PSBTInputType.taprootScriptSignature) {
                guard let key = try? XOnlyPublicKey(Array(data.prefix(32))),
                    let leaf = try? Hash256(data.dropFirst(32))
                else { continue }
                all[TaprootScriptKey(key, leaf: leaf)] = value
            }
            return all
        }
        set {
            var all: [[UInt8]: [UInt8]] = [:]
            for (key, value) in newValue { all[key.key.bytes + key.leaf.bytes] = value }
            map.setValues(PSBTInputType.taprootScriptSignature, all)
        }
    }

    /// The scripts that may be used, by their control blocks.
    public var taprootLeafScripts: [[UInt8]: TapLeaf] {
        get {
            map.values(PSBTInputType.taprootLeafScript).compactMapValues { value in
                value.last.map { TapLeaf(Script(Array(value.dropLast())), version: $0) }
            }
        }
        set {
            map.setValues(
                PSBTInputType.taprootLeafScript,
                newValue.mapValues { $0.script.bytes + [$0.version] })
        }
    }

    /// Where the keys of the output and of the leaves come from.
    public var taprootDerivations: [XOnlyPublicKey: TaprootKeyOrigin] {
        get { map.taprootDerivations(PSBTInputType.taprootDerivation) }
        set { map.setTaprootDerivations(PSBTInputType.taprootDerivation, newValue) }
    }

    /// The key that the output's key was made from.
    public var taprootInternalKey: XOnlyPublicKey? {
        get {
            map.value(PSBTInputType.taprootInternalKey).flatMap { try? XOnlyPublicKey($0) }
        }
        set { map.set(PSBTInputType.taprootInternalKey, newValue?.bytes) }
    }

    /// The root of the tree of scripts.
    public var taprootMerkleRoot: Hash256? {
        get { map.value(PSBTInputType.taprootMerkleRoot).flatMap { try? Hash256($0) } }
        set { map.set(PSBTInputType.taprootMerkleRoot, newValue?.bytes) }
    }
}
