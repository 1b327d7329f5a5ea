/// Who holds private keys.
public protocol PSBTKeySource {
    /// The private key of `publicKey`, which comes from `origin`; nil where it is not held.
    func privateKey(for publicKey: PublicKey, origin: KeyOrigin) -> PrivateKey?
}

/// A master key that finds its keys by their paths.
extension ExtendedPrivateKey: PSBTKeySource {
    public func privateKey(for publicKey: PublicKey, origin: KeyOrigin) -> PrivateKey? {
        guard origin.fingerprint == fingerprint, let key = try? derive(origin.path).key,
            key.publicKey == publicKey || key.publicKey.xOnly.key == publicKey.xOnly.key
        else { return nil }
        return key
    }
}

/// How a signer signs.
public struct PSBTSigningOptions: Sendable {
    /// The types of signature hash that an input may ask for: those that cover all outputs and inputs, unless told otherwise.
    public var acceptedTypes: Set<SighashType> = [.default, .all]
    /// Fresh randomness for Schnorr signatures, or zero (BIP 340).
    public var auxiliary = Hash256.zero
    /// Whether ECDSA signatures are made short, as bitcoind makes them.
    public var grindsLowR = true

    /// Signs as most wallets do.
    public init() {}
}

/// The role that adds signatures (BIP 174, "Signer").
extension PSBT {
    /// Signs all inputs that are not final with the keys that `source` holds and tells how many signatures were added.
    ///
    /// Inputs that `source` holds no key for are left alone, whatever is wrong with them.
    public mutating func sign(
        with source: some PSBTKeySource, _ options: PSBTSigningOptions = PSBTSigningOptions()
    ) throws(PSBTError) -> Int {
        let context = try PSBTContext(self)
        var added = 0
        for index in inputs.indices where !inputs[index].isFinal {
            guard inputs[index].hasKey(in: source) else { continue }
            added += try sign(index, context, source, options)
        }
        return added
    }

    /// Signs input `index` with the keys that `source` holds and tells how many signatures were added.
    public mutating func sign(
        _ index: Int, with source: some PSBTKeySource,
        _ options: PSBTSigningOptions = PSBTSigningOptions()
    ) throws(PSBTError) -> Int {
        try sign(index, PSBTContext(self), source, options)
    }

    private mutating func sign(
        _ index: Int, _ context: PSBTContext, _ source: some PSBTKeySource,
        _ options: PSBTSigningOptions
    ) throws(PSBTError) -> Int {
        let spend = try spend(index, context)
        if let type = inputs[index].sighashType, !options.acceptedTypes.contains(type) {
            throw .invalidSighashType(input: index, type)
        }
        let added: Int
        switch spend {
        case .legacy(let script):
            added = try signECDSA(index, script, source, options.grindsLowR) { type in
                SignatureHash.legacy(
                    context.transaction, input: index, scriptCode: script, type: type)
            }
        case .segwitV0(let scriptCode):
            let amount = try context.spentOutput(index).amount
            added = try signECDSA(index, scriptCode, source, options.grindsLowR) { type in
                SignatureHash.segwitV0(
                    context.transaction, input: index, scriptCode: scriptCode, amount: amount,
                    type: type, cache: context.cache)
            }
        case .taproot(let key):
            // A taproot signature covers the outputs that all inputs spend.
            _ = try context.spentOutputs()
            added = try signTaproot(index, context, outputKey: key, source, options.auxiliary)
        case .anyone: added = 0
        }
        if added > 0 { closeWhatIsSigned(index) }
        return added
    }

    private mutating func signECDSA(
        _ index: Int, _ script: Script, _ source: some PSBTKeySource, _ grindLowR: Bool,
        hash: (SighashType) -> Hash256
    ) throws(PSBTError) -> Int {
        let type = inputs[index].sighashType ?? .all
        guard type.isDefinedForECDSA else {
            throw .invalidSighashType(input: index, type)
        }
        let digest = hash(type)
        var added = 0
        for (bytes, origin) in inputs[index].derivations
        where inputs[index].partialSignatures[bytes] == nil && script.involves(key: bytes) {
            guard let publicKey = try? PublicKey(bytes),
                let key = source.privateKey(for: publicKey, origin: origin)
            else { continue }
            inputs[index].partialSignatures[bytes] =
                key.sign(digest, grindLowR: grindLowR).der + [type.byte]
            added += 1
        }
        return added
    }

    private mutating func signTaproot(
        _ index: Int, _ context: PSBTContext, outputKey: XOnlyPublicKey,
        _ source: some PSBTKeySource, _ auxiliary: Hash256
    ) throws(PSBTError) -> Int {
        let type = inputs[index].sighashType ?? .default
        let (transaction, cache) = (context.transaction, context.cache)
        let input = inputs[index]
        let suffix = type == .default ? [] : [type.byte]
        var added = 0
        for (publicKey, origin) in input.taprootDerivations {
            guard let point = try? PublicKey(compressed: [2] + publicKey.bytes),
                let key = source.privateKey(for: point, origin: origin.origin)
            else { continue }
            if input.taprootInternalKey == publicKey, input.taprootKeySignature == nil,
                let tweaked = try? Taproot.outputKey(key, root: input.taprootMerkleRoot),
                tweaked.publicKey.xOnly.key == outputKey
            {
                let digest = SignatureHash.taproot(
                    transaction, input: index, type: type, cache: cache)
                guard let digest else { throw .invalidSighashType(input: index, type) }
                inputs[index].taprootKeySignature =
                    tweaked.signSchnorr(digest, auxiliary: auxiliary) + suffix
                added += 1
            }
            for leaf in Set(input.taprootLeafScripts.values.map(\.hash))
            where origin.leaves.contains(leaf) {
                let name = TaprootScriptKey(publicKey, leaf: leaf)
                guard input.taprootScriptSignatures[name] == nil else { continue }
                let digest = SignatureHash.taproot(
                    transaction, input: index, type: type,
                    tapscript: SignatureHash.Tapscript(leaf: leaf), cache: cache)
                guard let digest else { throw .invalidSighashType(input: index, type) }
                inputs[index].taprootScriptSignatures[name] =
                    key.signSchnorr(digest, auxiliary: auxiliary) + suffix
                added += 1
            }
        }
        return added
    }

    /// Takes back the leave to change what a new signature covers (BIP 370, "Signer").
    private mutating func closeWhatIsSigned(_ index: Int) {
        guard version == .v2, var flags = modifiable else { return }
        let type = inputs[index].sighashType ?? .all
        if !type.isAnyoneCanPay { flags.remove(.inputs) }
        if !type.coversNoOutput { flags.remove(.outputs) }
        if type.coversOneOutput { flags.insert(.hasSighashSingle) }
        modifiable = flags
    }
}

extension PSBTInput {
    fileprivate func hasKey(in source: some PSBTKeySource) -> Bool {
        let isHeld = derivations.contains { bytes, origin in
            (try? PublicKey(bytes)).flatMap { source.privateKey(for: $0, origin: origin) } != nil
        }
        return isHeld
            || taprootDerivations.contains { key, origin in
                (try? PublicKey(compressed: [2] + key.bytes))
                    .flatMap { source.privateKey(for: $0, origin: origin.origin) } != nil
            }
    }
}

extension Script {
    /// Whether the script pushes the key or its hash.
    fileprivate func involves(key: [UInt8]) -> Bool {
        guard let all = try? instructions() else { return false }
        let hash = Hash160(hashing: key).bytes
        return all.contains { $0.data.elementsEqual(key) || $0.data.elementsEqual(hash) }
    }
}
