extension Script {
    /// P2PK: `key` in the form given, 33 or 65 bytes.
    public static func payToPublicKey(_ key: PublicKey, compressed: Bool = true) -> Script {
        let bytes = compressed ? key.compressed : key.uncompressed
        return ScriptBuilder().push(bytes).op(.checkSig).script
    }

    /// P2PKH.
    public static func payToPublicKeyHash(_ hash: Hash160) -> Script {
        ScriptBuilder().op(.dup, .hash160).push(hash).op(.equalVerify, .checkSig).script
    }

    /// P2PKH of a compressed key.
    public static func payToPublicKeyHash(of key: PublicKey) -> Script {
        payToPublicKeyHash(Hash160(hashing: key.compressed))
    }

    /// P2SH (BIP 16).
    public static func payToScriptHash(_ hash: Hash160) -> Script {
        ScriptBuilder().op(.hash160).push(hash).op(.equal).script
    }

    /// P2SH (BIP 16) of `redeemScript`, which an input may push with at most 520 bytes.
    public static func payToScriptHash(of redeemScript: Script) -> Script {
        payToScriptHash(Hash160(hashing: redeemScript.bytes))
    }

    /// P2WPKH (BIP 141).
    public static func payToWitnessPublicKeyHash(_ hash: Hash160) -> Script {
        ScriptBuilder().op(.push0).push(hash).script
    }

    /// P2WPKH (BIP 141) of a compressed key.
    public static func payToWitnessPublicKeyHash(of key: PublicKey) -> Script {
        payToWitnessPublicKeyHash(Hash160(hashing: key.compressed))
    }

    /// P2WSH (BIP 141): `hash` is the single SHA-256 of the witness script.
    public static func payToWitnessScriptHash(_ hash: Hash256) -> Script {
        ScriptBuilder().op(.push0).push(hash).script
    }

    /// P2WSH (BIP 141) of `witnessScript`.
    public static func payToWitnessScriptHash(of witnessScript: Script) -> Script {
        payToWitnessScriptHash(SHA256.hash(witnessScript.bytes))
    }

    /// P2TR (BIP 341): `outputKey` is the internal key with its tweak added.
    public static func payToTaproot(_ outputKey: XOnlyPublicKey) -> Script {
        ScriptBuilder().op(.push1).push(outputKey).script
    }

    /// P2A: an output that anyone can spend, to raise the fee of its transaction.
    public static let payToAnchor = ScriptBuilder().op(.push1).push(anchorProgram).script

    /// A witness program (BIP 141).
    ///
    /// Throws ``DecodeError/invalidValue(field:)`` unless the version is at most 16 and the program has 2 to 40 bytes.
    public static func witness(
        version: UInt8, program: [UInt8]
    ) throws(DecodeError) -> Script {
        guard version <= 16 else { throw .invalidValue(field: "witness version") }
        guard (2...40).contains(program.count) else {
            throw .invalidValue(field: "witness program length")
        }
        let opcode = version == 0 ? 0 : 0x50 + version
        return Script([opcode, UInt8(program.count)] + program)
    }

    /// An output that nobody can spend and that carries `data` in one push.
    public static func nullData(_ data: [UInt8]) -> Script {
        var script = ScriptBuilder().op(.return).script
        script.appendDataPush(data)
        return script
    }

    /// `required` of `keys`, compressed, in their order (BIP 11); also the witness script of a channel's funding.
    ///
    /// Throws ``DecodeError/invalidValue(field:)`` unless 1 ≤ `required` ≤ count of keys ≤ 16.
    public static func multisig(
        required: Int, _ keys: [PublicKey]
    ) throws(DecodeError) -> Script {
        guard (1...16).contains(keys.count) else { throw .invalidValue(field: "multisig keys") }
        guard (1...keys.count).contains(required) else {
            throw .invalidValue(field: "multisig threshold")
        }
        var builder = ScriptBuilder().push(Int64(required))
        for key in keys { builder = builder.push(key) }
        return builder.push(Int64(keys.count)).op(.checkMultiSig).script
    }
}
