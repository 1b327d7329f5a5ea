import Bitcoin

/// The types of output that the tests spend.
public enum SpendKind: String, CaseIterable, Sendable {
    case publicKey, uncompressedPublicKey, publicKeyHash, bareMultisig
    case scriptHashMultisig, nestedWitnessPublicKeyHash, nestedWitnessMultisig
    case witnessPublicKeyHash, witnessMultisig, witnessLockTime, witnessSequence
    case witnessPreimage, witnessCodeSeparator, legacyLockTime
    case taprootKey, taprootKeyAnnex, taprootLeaf, taprootTree, taprootMultisig
    case taprootLockTime, taprootSequence, taprootCodeSeparator, taprootFutureLeaf
    case anchor, futureProgram

    /// Makes an output of this type, with keys from `generator`.
    public func spendable(_ generator: inout SeededGenerator) throws -> SpendableOutput {
        let keys = try (0..<3).map { _ in try PrivateKey(generator.bytes(32)) }
        switch self {
        case .publicKey, .uncompressedPublicKey, .publicKeyHash, .bareMultisig,
            .scriptHashMultisig, .legacyLockTime:
            return legacy(keys)
        case .nestedWitnessPublicKeyHash, .nestedWitnessMultisig, .witnessPublicKeyHash,
            .witnessMultisig, .witnessLockTime, .witnessSequence, .witnessPreimage,
            .witnessCodeSeparator:
            return segwit(keys)
        case .taprootKey, .taprootKeyAnnex, .taprootLeaf, .taprootTree, .taprootMultisig,
            .taprootLockTime, .taprootSequence, .taprootCodeSeparator, .taprootFutureLeaf:
            return try taproot(keys)
        case .anchor: return SpendableOutput(.payToAnchor) { _ in (Script(), []) }
        case .futureProgram:
            return SpendableOutput(try .witness(version: 5, program: generator.bytes(12))) { _ in
                (Script(), [[1, 2, 3]])
            }
        }
    }

    /// Whether nodes relay a spend; consensus allows all of them.
    public var isStandard: Bool {
        switch self {
        case .taprootFutureLeaf, .futureProgram: false
        default: true
        }
    }

    static func multisig(_ keys: [PrivateKey], required: Int64) -> Script {
        keys.reduce(ScriptBuilder().push(required)) { $0.push($1.publicKey) }
            .push(Int64(keys.count)).op(.checkMultiSig).script
    }
}

// MARK: - Before segwit

extension SpendKind {
    private func legacy(_ keys: [PrivateKey]) -> SpendableOutput {
        let key = keys[0]
        let multisig = SpendKind.multisig(keys, required: 2)
        switch self {
        case .publicKey, .uncompressedPublicKey:
            let script = Script.payToPublicKey(
                key.publicKey, compressed: self == .publicKey)
            return SpendableOutput(script) { signer in
                (ScriptBuilder().push(signer.legacy(key, script)).script, [])
            }
        case .publicKeyHash:
            let script = Script.payToPublicKeyHash(of: key.publicKey)
            return SpendableOutput(script) { signer in
                let signature = signer.legacy(key, script)
                return (ScriptBuilder().push(signature).push(key.publicKey).script, [])
            }
        case .bareMultisig:
            return SpendableOutput(multisig) { signer in
                (Self.signMultisig(keys, multisig, signer).script, [])
            }
        case .scriptHashMultisig:
            return SpendableOutput(.payToScriptHash(of: multisig)) { signer in
                let builder = Self.signMultisig(keys, multisig, signer)
                return (builder.push(multisig.bytes).script, [])
            }
        default:
            let script = ScriptBuilder().push(500).op(.checkLockTimeVerify, .drop)
                .push(key.publicKey).op(.checkSig).script
            var coin = SpendableOutput(.payToScriptHash(of: script)) { signer in
                let signature = signer.legacy(key, script)
                return (ScriptBuilder().push(signature).push(script.bytes).script, [])
            }
            coin.lockTime = LockTime(500)
            return coin
        }
    }

    private static func signMultisig(
        _ keys: [PrivateKey], _ script: Script, _ signer: InputSigner
    ) -> ScriptBuilder {
        ScriptBuilder().push([]).push(signer.legacy(keys[0], script))
            .push(signer.legacy(keys[2], script))
    }
}

// MARK: - Segwit version 0

extension SpendKind {
    private func segwit(_ keys: [PrivateKey]) -> SpendableOutput {
        let key = keys[0]
        let keyHash = Script.payToPublicKeyHash(of: key.publicKey)
        let multisig = SpendKind.multisig(keys, required: 2)
        switch self {
        case .witnessPublicKeyHash, .nestedWitnessPublicKeyHash:
            return program(.payToWitnessPublicKeyHash(of: key.publicKey)) { signer in
                [signer.segwitV0(key, keyHash), key.publicKey.compressed]
            }
        case .witnessMultisig, .nestedWitnessMultisig:
            return program(.payToWitnessScriptHash(of: multisig)) { signer in
                [
                    [], signer.segwitV0(keys[1], multisig), signer.segwitV0(keys[2], multisig),
                    multisig.bytes,
                ]
            }
        case .witnessLockTime:
            var coin = witnessScript(
                ScriptBuilder().push(400).op(.checkLockTimeVerify, .drop), key)
            coin.lockTime = LockTime(500)
            return coin
        case .witnessSequence:
            var coin = witnessScript(
                ScriptBuilder().push(144).op(.checkSequenceVerify, .drop), key)
            coin.sequence = .relative(blocks: 150)
            return coin
        case .witnessPreimage:
            let preimage = [UInt8](repeating: 7, count: 32)
            let script = ScriptBuilder().op(.size).push(32).op(.equalVerify, .hash160)
                .push(Hash160(hashing: preimage)).op(.equal, .if).push(key.publicKey)
                .op(.else).push(keys[1].publicKey).op(.endIf, .checkSig).script
            return program(.payToWitnessScriptHash(of: script)) { signer in
                [signer.segwitV0(key, script), preimage, script.bytes]
            }
        default:
            let tail = ScriptBuilder().push(keys[1].publicKey).op(.checkSig).script
            let script = Script(
                ScriptBuilder().push(key.publicKey).op(.checkSigVerify, .codeSeparator)
                    .script.bytes + tail.bytes)
            return program(.payToWitnessScriptHash(of: script)) { signer in
                [signer.segwitV0(keys[1], tail), signer.segwitV0(key, script), script.bytes]
            }
        }
    }

    /// A witness script that checks a signature after `condition`.
    private func witnessScript(_ condition: ScriptBuilder, _ key: PrivateKey) -> SpendableOutput {
        let script = condition.push(key.publicKey).op(.checkSig).script
        return program(.payToWitnessScriptHash(of: script)) { signer in
            [signer.segwitV0(key, script), script.bytes]
        }
    }

    /// A witness program, nested in pay-to-script-hash where this type is.
    private func program(
        _ program: Script, witness: @escaping (InputSigner) throws -> [[UInt8]]
    ) -> SpendableOutput {
        switch self {
        case .nestedWitnessPublicKeyHash, .nestedWitnessMultisig:
            SpendableOutput(.payToScriptHash(of: program)) { signer in
                (ScriptBuilder().push(program.bytes).script, try witness(signer))
            }
        default: SpendableOutput(program) { signer in (Script(), try witness(signer)) }
        }
    }
}
