/// The forms of output script that wallets use, as bitcoind's solver tells them apart.
public enum ScriptTemplate: Hashable, Sendable {
    /// P2PK: a public key of 33 or 65 bytes, not necessarily a point of the curve.
    case payToPublicKey([UInt8])
    /// P2PKH.
    case payToPublicKeyHash(Hash160)
    /// P2SH (BIP 16).
    case payToScriptHash(Hash160)
    /// P2WPKH (BIP 141): the hash of a compressed key.
    case payToWitnessPublicKeyHash(Hash160)
    /// P2WSH (BIP 141): the single SHA-256 of a script.
    case payToWitnessScriptHash(Hash256)
    /// P2TR (BIP 341): the x coordinate of the output key, not necessarily of a point of the curve.
    case payToTaproot(Hash256)
    /// P2A: anyone can spend it, with an empty witness.
    case payToAnchor
    /// A witness program without a meaning yet: versions 1 to 16, 2 to 40 bytes.
    case futureWitness(version: UInt8, program: [UInt8])
    /// Spendable by nobody; what follows `OP_RETURN` are pushes alone.
    case nullData([UInt8])
    /// m of n keys, without a hash around it.
    case bareMultisig(required: Int, keys: [[UInt8]])
    /// None of the above.
    case nonStandard
}

extension Script {
    /// Which of the usual forms the script has.
    public var template: ScriptTemplate {
        if let (version, program) = witnessProgram {
            return Script.template(version: version, program: program)
        }
        let count = bytes.count
        if count == 25, bytes.starts(with: [0x76, 0xa9, 20]), bytes.hasSuffix([0x88, 0xac]),
            let hash = try? Hash160(bytes[3..<23])
        {
            return .payToPublicKeyHash(hash)
        }
        if count == 23, bytes.starts(with: [0xa9, 20]), bytes.hasSuffix([0x87]),
            let hash = try? Hash160(bytes[2..<22])
        {
            return .payToScriptHash(hash)
        }
        if count == 35 || count == 67, Int(bytes[0]) == count - 2, bytes.hasSuffix([0xac]) {
            let key = Array(bytes[1..<(count - 1)])
            return Script.hasPublicKeySize(key) ? .payToPublicKey(key) : .nonStandard
        }
        if bytes.first == Opcode.return.rawValue, Script(Array(bytes[1...])).isPushOnly {
            return .nullData(Array(bytes[1...]))
        }
        return multisig ?? .nonStandard
    }

    /// The version and program of BIP 141, or nil where the script is no witness program.
    public var witnessProgram: (version: UInt8, program: [UInt8])? {
        guard (4...42).contains(bytes.count), Int(bytes[1]) == bytes.count - 2 else { return nil }
        let program = Array(bytes[2...])
        switch bytes[0] {
        case 0: return (0, program)
        case 0x51...0x60: return (bytes[0] - 0x50, program)
        default: return nil
        }
    }

    /// Whether no input can ever spend an output with this script.
    public var isUnspendable: Bool {
        bytes.first == Opcode.return.rawValue || bytes.count > Script.maximumSize
    }

    private static func template(version: UInt8, program: [UInt8]) -> ScriptTemplate {
        switch (version, program.count) {
        case (0, 20): (try? Hash160(program)).map { .payToWitnessPublicKeyHash($0) } ?? .nonStandard
        case (0, 32): (try? Hash256(program)).map { .payToWitnessScriptHash($0) } ?? .nonStandard
        case (0, _): .nonStandard
        case (1, 32): (try? Hash256(program)).map { .payToTaproot($0) } ?? .nonStandard
        case (1, 2) where program == anchorProgram: .payToAnchor
        default: .futureWitness(version: version, program: program)
        }
    }

    private var multisig: ScriptTemplate? {
        guard bytes.hasSuffix([Opcode.checkMultiSig.rawValue]),
            let all = try? instructions(), all.count >= 4,
            let required = all[0].multisigCount, let count = all[all.count - 2].multisigCount
        else { return nil }
        let keys = all[1..<(all.count - 2)].map { Array($0.data) }
        let arePushes = all[1..<(all.count - 2)].allSatisfy { $0.code == 33 || $0.code == 65 }
        guard arePushes, keys.allSatisfy(Script.hasPublicKeySize), keys.count == count,
            required <= count
        else { return nil }
        return .bareMultisig(required: required, keys: keys)
    }

    /// Whether the first byte of a public key goes with its length.
    static func hasPublicKeySize(_ key: [UInt8]) -> Bool {
        switch key.first {
        case 2, 3: key.count == 33
        case 4, 6, 7: key.count == 65
        default: false
        }
    }

    static let anchorProgram: [UInt8] = [0x4e, 0x73]
}

extension [UInt8] {
    fileprivate func hasSuffix(_ other: [UInt8]) -> Bool { suffix(other.count) == other[...] }
}

extension ScriptInstruction {
    /// A count from 1 to 20 in its shortest form.
    fileprivate var multisigCount: Int? {
        if let number = smallNumber, number > 0 { return number }
        guard code == 1, let value = data.first, (17...20).contains(value) else { return nil }
        return Int(value)
    }
}
