import Bitcoin

extension SpendKind {
    func taproot(_ keys: [PrivateKey]) throws -> SpendableOutput {
        let (internalKey, key) = (keys[0], keys[1])
        let (x, otherX) = (key.publicKey.xOnly.key, keys[2].publicKey.xOnly.key)
        let single = ScriptBuilder().push(x).op(.checkSig).script
        switch self {
        case .taprootKey: return try byKey(internalKey, annex: nil)
        case .taprootKeyAnnex: return try byKey(internalKey, annex: [0x50, 1, 2, 3])
        case .taprootLeaf: return try byScript(internalKey, single) { [try $0(key, nil)] }
        case .taprootTree:
            let other = TapTree.leaf(TapLeaf(ScriptBuilder().push(otherX).op(.checkSig).script))
            let tree = TapTree.branch(.branch(.leaf(TapLeaf(single)), other), other)
            return try byScript(internalKey, tree, single) { [try $0(key, nil)] }
        case .taprootMultisig:
            let script = ScriptBuilder().push(x).op(.checkSig).push(otherX).op(.checkSigAdd)
                .push(2).op(.numEqual).script
            return try byScript(internalKey, script) { sign in
                [try sign(keys[2], nil), try sign(key, nil)]
            }
        case .taprootLockTime:
            let script = ScriptBuilder().push(400).op(.checkLockTimeVerify, .drop).push(x)
                .op(.checkSig).script
            var coin = try byScript(internalKey, script) { [try $0(key, nil)] }
            coin.lockTime = LockTime(500)
            return coin
        case .taprootSequence:
            let script = ScriptBuilder().push(10).op(.checkSequenceVerify, .drop).push(x)
                .op(.checkSig).script
            var coin = try byScript(internalKey, script) { [try $0(key, nil)] }
            coin.sequence = .relative(blocks: 10)
            return coin
        case .taprootCodeSeparator:
            let script = ScriptBuilder().push(x).op(.checkSigVerify, .codeSeparator)
                .push(otherX).op(.checkSig).script
            return try byScript(internalKey, script) { sign in
                // The separator is the third instruction.
                [try sign(keys[2], 2), try sign(key, nil)]
            }
        default:
            let leaf = TapLeaf(single, version: 0xc2)
            return try byScript(internalKey, .leaf(leaf), single) { _ in [] }
        }
    }

    private func byKey(_ internalKey: PrivateKey, annex: [UInt8]?) throws -> SpendableOutput {
        let output = try Taproot.outputKey(internalKey, root: nil)
        return SpendableOutput(.payToTaproot(output.publicKey.xOnly.key)) { signer in
            let signature = try signer.taproot(output, annex: annex)
            return (Script(), [signature] + (annex.map { [$0] } ?? []))
        }
    }

    private typealias Sign = (PrivateKey, _ codeSeparator: UInt32?) throws -> [UInt8]

    private func byScript(
        _ internalKey: PrivateKey, _ script: Script, items: @escaping (Sign) throws -> [[UInt8]]
    ) throws -> SpendableOutput {
        try byScript(internalKey, .leaf(TapLeaf(script)), script, items: items)
    }

    private func byScript(
        _ internalKey: PrivateKey, _ tree: TapTree, _ script: Script,
        items: @escaping (Sign) throws -> [[UInt8]]
    ) throws -> SpendableOutput {
        let internalX = internalKey.publicKey.xOnly.key
        let output = try Taproot.outputKey(internalX, root: tree.root)
        return SpendableOutput(.payToTaproot(output.key)) { signer in
            guard let (leaf, path) = tree.paths.first(where: { $0.leaf.script == script }) else {
                preconditionFailure("the script is a leaf of its tree")
            }
            let items = try items { key, codeSeparator in
                try signer.taproot(
                    key,
                    tapscript: .init(leaf: leaf.hash, codeSeparator: codeSeparator),
                    isDefault: signer.type == .all)
            }
            let control = Taproot.controlBlock(
                leafVersion: leaf.version, internalKey: internalX, isOdd: output.isOdd,
                path: path)
            return (Script(), items + [script.bytes, control])
        }
    }
}
