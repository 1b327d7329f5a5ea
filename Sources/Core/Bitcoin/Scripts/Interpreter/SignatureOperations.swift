/// What tapscript's signature checks need besides the script.
struct TapscriptContext {
    let leaf: Hash256
    /// What is left for signature checks, each of which takes ``signatureWeight`` (BIP 342).
    var weightLeft: Int

    static let signatureWeight = 50
}

extension ScriptInterpreter {
    /// Executes OP_CHECKSIG and OP_CHECKSIGVERIFY.
    mutating func checkSignature(_ opcode: Opcode) throws(ScriptError) {
        try stack.require(2)
        let (signature, key) = (stack[1], stack[0])
        let isValid = try isValid(signature: signature, key: key)
        try stack.drop(2)
        if opcode == .checkSig {
            stack.push(isValid)
        } else if !isValid {
            throw .checkSigVerify
        }
    }

    /// Executes OP_CHECKSIGADD (BIP 342).
    mutating func checkSignatureAdd() throws(ScriptError) {
        guard version == .tapscript else { throw .badOpcode }
        try stack.require(3)
        let (signature, key) = (stack[2], stack[0])
        let count = try number(stack[1])
        let isValid = try isValid(signature: signature, key: key)
        try stack.drop(3)
        stack.push(count + (isValid ? 1 : 0))
    }

    private mutating func isValid(signature: [UInt8], key: [UInt8]) throws(ScriptError) -> Bool {
        switch version {
        case .base, .witnessV0: try isValidECDSA(signature: signature, key: key)
        case .tapscript: try isValidSchnorr(signature: signature, key: key)
        }
    }

    private func isValidECDSA(signature: [UInt8], key: [UInt8]) throws(ScriptError) -> Bool {
        let code = try code(without: [signature])
        try SignatureEncoding.check(signature, flags)
        try SignatureEncoding.check(key: key, version, flags)
        let isValid =
            !signature.isEmpty && checker.isValid(signature, key: key, code: code, version)
        if !isValid, flags.contains(.nullFail), !signature.isEmpty { throw .signatureNullFail }
        return isValid
    }

    private mutating func isValidSchnorr(
        signature: [UInt8], key: [UInt8]
    ) throws(ScriptError) -> Bool {
        guard var context = tapscript else {
            preconditionFailure("tapscript is executed with its context")
        }
        if !signature.isEmpty {
            context.weightLeft -= TapscriptContext.signatureWeight
            guard context.weightLeft >= 0 else { throw .tapscriptValidationWeight }
            tapscript = context
        }
        if key.isEmpty { throw .tapscriptEmptyPublicKey }
        if key.count == 32 {
            if !signature.isEmpty {
                try checker.checkSchnorr(
                    signature, key: key,
                    tapscript: .init(leaf: context.leaf, codeSeparator: codeSeparator))
            }
        } else if flags.contains(.discourageUpgradablePublicKeyType) {
            throw .discourageUpgradablePublicKeyType
        }
        return !signature.isEmpty
    }

    /// The code that signatures cover. Before segwit, the signatures themselves are taken out of it.
    private func code(without signatures: [[UInt8]]) throws(ScriptError) -> Script {
        var code = codeStart == 0 ? script : Script(Array(script.bytes[codeStart...]))
        guard version == .base else { return code }
        for signature in signatures {
            var push = Script()
            push.appendDataPush(signature)
            if code.removeAll(push.bytes), flags.contains(.constantScriptCode) {
                throw .signatureFindAndDelete
            }
        }
        return code
    }
}

// MARK: - OP_CHECKMULTISIG

extension ScriptInterpreter {
    /// The most keys that one OP_CHECKMULTISIG may have.
    static let maximumMultiSignatureKeys = 20

    /// Executes OP_CHECKMULTISIG and OP_CHECKMULTISIGVERIFY.
    mutating func checkMultiSignature(_ opcode: Opcode) throws(ScriptError) {
        guard version != .tapscript else { throw .tapscriptCheckMultiSig }
        try stack.require(1)
        let keyCount = try number(stack[0])
        guard (0...Int64(ScriptInterpreter.maximumMultiSignatureKeys)).contains(keyCount) else {
            throw .publicKeyCount
        }
        try countOperations(Int(keyCount))
        try stack.require(Int(keyCount) + 2)
        let signatureCount = try number(stack[Int(keyCount) + 1])
        guard (0...keyCount).contains(signatureCount) else { throw .signatureCount }
        // From the top: the count of keys, keys, the count of signatures, signatures; the last ones first.
        let firstSignature = Int(keyCount) + 2
        // One item more is taken than the operation needs, as the first implementation did.
        try stack.require(firstSignature + Int(signatureCount) + 1)
        let keys = (0..<Int(keyCount)).map { stack[1 + $0] }
        let signatures = (0..<Int(signatureCount)).map { stack[firstSignature + $0] }

        let isValid = try areValid(signatures, keys)
        if !isValid, flags.contains(.nullFail), signatures.contains(where: { !$0.isEmpty }) {
            throw .signatureNullFail
        }
        try stack.drop(firstSignature + Int(signatureCount))
        let dummy = try stack.pop()
        if flags.contains(.nullDummy), !dummy.isEmpty { throw .signatureNullDummy }
        if opcode == .checkMultiSig {
            stack.push(isValid)
        } else if !isValid {
            throw .checkMultiSigVerify
        }
    }

    /// Whether each signature holds for one of the keys, in the same order.
    private func areValid(
        _ signatures: [[UInt8]], _ keys: [[UInt8]]
    ) throws(ScriptError) -> Bool {
        let code = try code(without: signatures)
        var hashes = SignatureChecker.HashMemo()
        var remaining = signatures[...]
        for (position, key) in keys.enumerated() {
            guard let signature = remaining.first else { return true }
            guard remaining.count <= keys.count - position else { return false }
            try SignatureEncoding.check(signature, flags)
            try SignatureEncoding.check(key: key, version, flags)
            if !signature.isEmpty,
                checker.isValid(signature, key: key, code: code, version, &hashes)
            {
                remaining.removeFirst()
            }
        }
        return remaining.isEmpty
    }
}

extension Script {
    /// Takes out every occurrence of `pattern` that begins where an instruction does (the `FindAndDelete` of the first
    /// implementation); false where there is none.
    mutating func removeAll(_ pattern: [UInt8]) -> Bool {
        var reader = ScriptReader(self)
        var result: [UInt8] = []
        var (kept, found) = (0, false)
        repeat {
            let start = reader.offset
            var end = start
            while bytes.count - end >= pattern.count,
                bytes[end..<end + pattern.count].elementsEqual(pattern)
            {
                end += pattern.count
            }
            if end > start {
                found = true
                result += bytes[kept..<start]
                kept = end
                reader = ScriptReader(self, from: end)
            }
        } while (try? reader.next()) ?? nil != nil
        guard found else { return false }
        bytes = result + bytes[kept...]
        return true
    }
}
