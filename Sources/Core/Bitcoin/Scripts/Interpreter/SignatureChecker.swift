import CSecp256k1

/// What a script asks of the transaction that spends it: signatures and locks.
struct SignatureChecker {
    let transaction: Transaction
    let input: Int
    let amount: Satoshi
    let cache: SignatureHashCache
    /// The hash of the annex of a taproot input; nil where it has none.
    var annexHash: Hash256?

    /// The hashes already made for one script code, by the byte of their type.
    struct HashMemo {
        fileprivate var last: (type: UInt8, hash: Hash256)?
    }

    /// Whether an ECDSA signature, with the byte of its type, holds for `key`.
    func isValid(
        _ signature: [UInt8], key: [UInt8], code: Script, _ version: ScriptInterpreter.Version
    ) -> Bool {
        var hashes = HashMemo()
        return isValid(signature, key: key, code: code, version, &hashes)
    }

    /// The same; `hashes` belongs to `code`.
    func isValid(
        _ signature: [UInt8], key: [UInt8], code: Script, _ version: ScriptInterpreter.Version,
        _ hashes: inout HashMemo
    ) -> Bool {
        guard let typeByte = signature.last, SignatureEncoding.hasKeyLength(key) else {
            return false
        }
        var parsedKey = secp256k1_pubkey()
        guard secp256k1_ec_pubkey_parse(Secp256k1.context, &parsedKey, key, key.count) == 1,
            var parsed = LaxDER.parse(signature.dropLast())
        else { return false }
        // Consensus never asked for a low s, but the library does.
        var normalized = secp256k1_ecdsa_signature()
        _ = secp256k1_ecdsa_signature_normalize(Secp256k1.context, &normalized, &parsed)
        return hash(typeByte, code, version, &hashes).withScalar { hash in
            secp256k1_ecdsa_verify(Secp256k1.context, &normalized, hash, &parsedKey) == 1
        }
    }

    private func hash(
        _ typeByte: UInt8, _ code: Script, _ version: ScriptInterpreter.Version,
        _ hashes: inout HashMemo
    ) -> Hash256 {
        if let last = hashes.last, last.type == typeByte { return last.hash }
        let type = SighashType(UInt32(typeByte))
        let hash =
            switch version {
            case .base:
                SignatureHash.legacy(transaction, input: input, scriptCode: code, type: type)
            case .witnessV0:
                SignatureHash.segwitV0(
                    transaction, input: input, scriptCode: code, amount: amount, type: type,
                    cache: cache)
            case .tapscript: preconditionFailure("tapscript has no ECDSA signatures")
            }
        hashes.last = (typeByte, hash)
        return hash
    }

    /// Throws unless a Schnorr signature, with the byte of its type where that is not the default, holds for `key`, an
    /// x coordinate.
    func checkSchnorr(
        _ signature: [UInt8], key: [UInt8], tapscript: SignatureHash.Tapscript?
    ) throws(ScriptError) {
        guard signature.count == 64 || signature.count == 65 else { throw .schnorrSignatureSize }
        var type = SighashType.default
        if signature.count == 65 {
            type = SighashType(UInt32(signature[64]))
            guard type != .default else { throw .schnorrSignatureHashType }
        }
        guard
            let hash = SignatureHash.taproot(
                transaction, input: input, type: type, annexHash: annexHash, tapscript: tapscript,
                cache: cache)
        else { throw .schnorrSignatureHashType }
        var parsedKey = secp256k1_xonly_pubkey()
        guard key.count == 32,
            secp256k1_xonly_pubkey_parse(Secp256k1.context, &parsedKey, key) == 1,
            hash.withScalar({ hash in
                secp256k1_schnorrsig_verify(Secp256k1.context, signature, hash, 32, &parsedKey)
            }) == 1
        else { throw .schnorrSignature }
    }

    /// Whether the transaction cannot be mined before `lockTime` (BIP 65).
    func isLockTimeReached(_ lockTime: Int64) -> Bool {
        let own = transaction.lockTime
        return (lockTime < Int64(LockTime.threshold)) == own.isHeight
            && lockTime <= Int64(own.value)
            // A transaction whose inputs are all final ignores its lock time.
            && transaction.inputs[input].sequence != .final
    }

    /// Whether the input cannot be mined before its coin has the age `sequence` (BIP 112).
    func isSequenceReached(_ sequence: Int64) -> Bool {
        let own = transaction.inputs[input].sequence
        guard transaction.hasRelativeLocks, own.value & InputSequence.disableFlag == 0 else {
            return false
        }
        let typeFlag = Int64(InputSequence.timeFlag)
        let mask = typeFlag | Int64(InputSequence.lockMask)
        let (wanted, actual) = (sequence & mask, Int64(own.value) & mask)
        return wanted & typeFlag == actual & typeFlag && wanted <= actual
    }
}
