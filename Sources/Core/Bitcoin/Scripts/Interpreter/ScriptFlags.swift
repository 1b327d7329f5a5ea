/// The rules that a script is verified under; each has the bit that Bitcoin Core gives it.
///
/// ``witness`` and ``cleanStack`` have a meaning only together with ``p2sh``, and ``cleanStack`` only with ``witness``.
public struct ScriptFlags: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt32

    /// The flags of these bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Pay-to-script-hash (BIP 16).
    public static let p2sh = ScriptFlags(rawValue: 1 << 0)
    /// Signatures, hash types and keys have a defined form.
    public static let strictEncoding = ScriptFlags(rawValue: 1 << 1)
    /// Signatures are strict DER (BIP 66).
    public static let derSignatures = ScriptFlags(rawValue: 1 << 2)
    /// The s of a signature is in the lower half (BIP 62, rule 5).
    public static let lowS = ScriptFlags(rawValue: 1 << 3)
    /// The item that OP_CHECKMULTISIG takes too many is empty (BIP 147).
    public static let nullDummy = ScriptFlags(rawValue: 1 << 4)
    /// A scriptSig only pushes (BIP 62, rule 2).
    public static let signaturePushOnly = ScriptFlags(rawValue: 1 << 5)
    /// Pushes and numbers are in their shortest form (BIP 62, rules 3 and 4).
    public static let minimalData = ScriptFlags(rawValue: 1 << 6)
    /// OP_NOP1 and OP_NOP4 to OP_NOP10 fail.
    public static let discourageUpgradableNops = ScriptFlags(rawValue: 1 << 7)
    /// One item is left on the stack (BIP 62, rule 6).
    public static let cleanStack = ScriptFlags(rawValue: 1 << 8)
    /// OP_CHECKLOCKTIMEVERIFY (BIP 65).
    public static let checkLockTimeVerify = ScriptFlags(rawValue: 1 << 9)
    /// OP_CHECKSEQUENCEVERIFY (BIP 112).
    public static let checkSequenceVerify = ScriptFlags(rawValue: 1 << 10)
    /// Segregated witness (BIP 141).
    public static let witness = ScriptFlags(rawValue: 1 << 11)
    /// Witness programs of versions without a meaning fail.
    public static let discourageUpgradableWitnessProgram = ScriptFlags(rawValue: 1 << 12)
    /// What OP_IF takes is empty or 1, in segwit version 0; tapscript always demands it.
    public static let minimalIf = ScriptFlags(rawValue: 1 << 13)
    /// A signature that fails is empty (BIP 146).
    public static let nullFail = ScriptFlags(rawValue: 1 << 14)
    /// Keys in segwit version 0 are compressed.
    public static let witnessPublicKeyType = ScriptFlags(rawValue: 1 << 15)
    /// OP_CODESEPARATOR and signatures found in the script fail, before segwit.
    public static let constantScriptCode = ScriptFlags(rawValue: 1 << 16)
    /// Taproot and tapscript (BIP 341, BIP 342).
    public static let taproot = ScriptFlags(rawValue: 1 << 17)
    /// Leaves of versions without a meaning fail.
    public static let discourageUpgradableTaprootVersion = ScriptFlags(rawValue: 1 << 18)
    /// Operations without a meaning fail in tapscript, where consensus has them succeed.
    public static let discourageOpSuccess = ScriptFlags(rawValue: 1 << 19)
    /// Keys of lengths without a meaning fail in tapscript.
    public static let discourageUpgradablePublicKeyType = ScriptFlags(rawValue: 1 << 20)

    /// What blocks have to keep to today.
    public static let consensus: ScriptFlags = [
        .p2sh, .derSignatures, .nullDummy, .checkLockTimeVerify, .checkSequenceVerify, .witness,
        .taproot,
    ]

    /// What nodes demand of transactions that they relay.
    public static let standard: ScriptFlags = consensus.union([
        .strictEncoding, .minimalData, .discourageUpgradableNops, .cleanStack, .minimalIf,
        .nullFail, .lowS, .discourageUpgradableWitnessProgram, .witnessPublicKeyType,
        .constantScriptCode, .discourageUpgradableTaprootVersion, .discourageOpSuccess,
        .discourageUpgradablePublicKeyType,
    ])

    /// Every flag by Bitcoin Core's name, without its prefix `SCRIPT_VERIFY_`.
    public static let named: [(name: String, flag: ScriptFlags)] = [
        ("P2SH", .p2sh), ("STRICTENC", .strictEncoding), ("DERSIG", .derSignatures),
        ("LOW_S", .lowS), ("NULLDUMMY", .nullDummy), ("SIGPUSHONLY", .signaturePushOnly),
        ("MINIMALDATA", .minimalData),
        ("DISCOURAGE_UPGRADABLE_NOPS", .discourageUpgradableNops), ("CLEANSTACK", .cleanStack),
        ("CHECKLOCKTIMEVERIFY", .checkLockTimeVerify),
        ("CHECKSEQUENCEVERIFY", .checkSequenceVerify), ("WITNESS", .witness),
        ("DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM", .discourageUpgradableWitnessProgram),
        ("MINIMALIF", .minimalIf), ("NULLFAIL", .nullFail),
        ("WITNESS_PUBKEYTYPE", .witnessPublicKeyType),
        ("CONST_SCRIPTCODE", .constantScriptCode), ("TAPROOT", .taproot),
        ("DISCOURAGE_UPGRADABLE_TAPROOT_VERSION", .discourageUpgradableTaprootVersion),
        ("DISCOURAGE_OP_SUCCESS", .discourageOpSuccess),
        ("DISCOURAGE_UPGRADABLE_PUBKEYTYPE", .discourageUpgradablePublicKeyType),
    ]
}
