extension Script {
    /// The count of signature operations as consensus has it before segwit.
    ///
    /// `accurately` takes the number of keys from the script where a multisig operation follows it; else it counts 20.
    /// What follows a malformed push is not counted.
    public func sigOpCount(accurately: Bool) -> Int {
        var reader = ScriptReader(self)
        var count = 0
        var previous: ScriptInstruction?
        while let instruction = try? reader.next() {
            switch instruction.opcode {
            case .checkSig, .checkSigVerify: count += 1
            case .checkMultiSig, .checkMultiSigVerify:
                if accurately, let keys = previous?.smallNumber, keys > 0 {
                    count += keys
                } else {
                    count += 20
                }
            default: break
            }
            previous = instruction
        }
        return count
    }

    /// The data of the last push of a script that only pushes, which P2SH takes for a script (BIP 16).
    public var lastPush: [UInt8]? {
        guard isPushOnly, let last = try? instructions().last else { return nil }
        if let number = last.smallNumber, number > 0 { return [UInt8(number)] }
        return last.opcode == .push1Negate ? [0x81] : Array(last.data)
    }
}

extension Transaction {
    /// The count of signature operations in its own scripts, taken roughly.
    public var legacySigOpCount: Int {
        inputs.reduce(0) { $0 + $1.scriptSig.sigOpCount(accurately: false) }
            + outputs.reduce(0) { $0 + $1.scriptPubKey.sigOpCount(accurately: false) }
    }

    /// What its signature operations cost of a block's 80,000 (BIP 141), given the outputs that it spends in the order of
    /// its inputs.
    public func sigOpsCost(spending spent: [TransactionOutput]) -> Int {
        var cost = legacySigOpCount * 4
        guard !isCoinbase else { return cost }
        for (input, output) in zip(inputs, spent) {
            var script = output.scriptPubKey
            if script.isPayToScriptHash {
                guard let redeemScript = input.scriptSig.lastPush else { continue }
                script = Script(redeemScript)
                cost += script.sigOpCount(accurately: true) * 4
            }
            cost += Transaction.witnessSigOpCount(program: script, witness: input.witness)
        }
        return cost
    }

    private static func witnessSigOpCount(program: Script, witness: [[UInt8]]) -> Int {
        guard let (version, program) = program.witnessProgram, version == 0 else { return 0 }
        switch program.count {
        case 20: return 1
        case 32: return witness.last.map { Script($0).sigOpCount(accurately: true) } ?? 0
        default: return 0
        }
    }
}

extension Script {
    /// Whether the script asks for the script with a given hash (BIP 16).
    var isPayToScriptHash: Bool {
        bytes.count == 23 && bytes[0] == Opcode.hash160.rawValue && bytes[1] == 20
            && bytes[22] == Opcode.equal.rawValue
    }
}
