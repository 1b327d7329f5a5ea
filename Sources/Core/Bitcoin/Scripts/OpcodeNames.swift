extension Opcode {
    /// The name in Bitcoin Core, as in `OP_CHECKSIG`.
    public var name: String {
        switch rawValue {
        case Opcode.pushData1.rawValue: "OP_PUSHDATA1"
        case Opcode.pushData2.rawValue: "OP_PUSHDATA2"
        case Opcode.pushData4.rawValue: "OP_PUSHDATA4"
        case Opcode.push1Negate.rawValue: "OP_1NEGATE"
        case Opcode.reserved.rawValue: "OP_RESERVED"
        case Opcode.nop.rawValue...: "OP_" + Opcode.words[Int(rawValue - Opcode.nop.rawValue)]
        default: "OP_\(smallNumber ?? 0)"
        }
    }

    /// The operation of that name; nil where there is none.
    public init?(name: String) {
        guard let opcode = Opcode.allCases.first(where: { $0.name == name }) else { return nil }
        self = opcode
    }

    /// The names from OP_NOP on, whose codes have no gap.
    private static let words = [
        "NOP", "VER", "IF", "NOTIF", "VERIF", "VERNOTIF", "ELSE", "ENDIF", "VERIFY", "RETURN",
        "TOALTSTACK", "FROMALTSTACK", "2DROP", "2DUP", "3DUP", "2OVER", "2ROT", "2SWAP", "IFDUP",
        "DEPTH", "DROP", "DUP", "NIP", "OVER", "PICK", "ROLL", "ROT", "SWAP", "TUCK",
        "CAT", "SUBSTR", "LEFT", "RIGHT", "SIZE",
        "INVERT", "AND", "OR", "XOR", "EQUAL", "EQUALVERIFY", "RESERVED1", "RESERVED2",
        "1ADD", "1SUB", "2MUL", "2DIV", "NEGATE", "ABS", "NOT", "0NOTEQUAL", "ADD", "SUB", "MUL",
        "DIV", "MOD", "LSHIFT", "RSHIFT", "BOOLAND", "BOOLOR", "NUMEQUAL", "NUMEQUALVERIFY",
        "NUMNOTEQUAL", "LESSTHAN", "GREATERTHAN", "LESSTHANOREQUAL", "GREATERTHANOREQUAL", "MIN",
        "MAX", "WITHIN",
        "RIPEMD160", "SHA1", "SHA256", "HASH160", "HASH256", "CODESEPARATOR", "CHECKSIG",
        "CHECKSIGVERIFY", "CHECKMULTISIG", "CHECKMULTISIGVERIFY",
        "NOP1", "CHECKLOCKTIMEVERIFY", "CHECKSEQUENCEVERIFY", "NOP4", "NOP5", "NOP6", "NOP7",
        "NOP8", "NOP9", "NOP10", "CHECKSIGADD",
    ]
}
