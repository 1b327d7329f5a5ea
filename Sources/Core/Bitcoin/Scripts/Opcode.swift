/// The operations of Bitcoin's script, named after Bitcoin Core's.
///
/// Codes 1 to 75 have no name: they push that many bytes. Codes above ``checkSigAdd`` have no meaning, except that tapscript
/// succeeds at once on most of them (BIP 342).
public enum Opcode: UInt8, Sendable, CaseIterable {
    case push0 = 0x00
    case pushData1 = 0x4c
    case pushData2 = 0x4d
    case pushData4 = 0x4e
    case push1Negate = 0x4f
    case reserved = 0x50
    case push1 = 0x51
    case push2, push3, push4, push5, push6, push7, push8, push9, push10, push11, push12, push13
    case push14, push15, push16

    case nop = 0x61
    case version = 0x62
    case `if` = 0x63
    case notIf = 0x64
    case verIf = 0x65
    case verNotIf = 0x66
    case `else` = 0x67
    case endIf = 0x68
    case verify = 0x69
    case `return` = 0x6a

    case toAltStack = 0x6b
    case fromAltStack = 0x6c
    case drop2 = 0x6d
    case dup2 = 0x6e
    case dup3 = 0x6f
    case over2 = 0x70
    case rot2 = 0x71
    case swap2 = 0x72
    case ifDup = 0x73
    case depth = 0x74
    case drop = 0x75
    case dup = 0x76
    case nip = 0x77
    case over = 0x78
    case pick = 0x79
    case roll = 0x7a
    case rot = 0x7b
    case swap = 0x7c
    case tuck = 0x7d

    case cat = 0x7e
    case substring = 0x7f
    case left = 0x80
    case right = 0x81
    case size = 0x82

    case invert = 0x83
    case and = 0x84
    case or = 0x85
    case xor = 0x86
    case equal = 0x87
    case equalVerify = 0x88
    case reserved1 = 0x89
    case reserved2 = 0x8a

    case add1 = 0x8b
    case sub1 = 0x8c
    case mul2 = 0x8d
    case div2 = 0x8e
    case negate = 0x8f
    case abs = 0x90
    case not = 0x91
    case notEqual0 = 0x92
    case add = 0x93
    case sub = 0x94
    case mul = 0x95
    case div = 0x96
    case mod = 0x97
    case leftShift = 0x98
    case rightShift = 0x99
    case boolAnd = 0x9a
    case boolOr = 0x9b
    case numEqual = 0x9c
    case numEqualVerify = 0x9d
    case numNotEqual = 0x9e
    case lessThan = 0x9f
    case greaterThan = 0xa0
    case lessThanOrEqual = 0xa1
    case greaterThanOrEqual = 0xa2
    case min = 0xa3
    case max = 0xa4
    case within = 0xa5

    case ripemd160 = 0xa6
    case sha1 = 0xa7
    case sha256 = 0xa8
    case hash160 = 0xa9
    case hash256 = 0xaa
    case codeSeparator = 0xab
    case checkSig = 0xac
    case checkSigVerify = 0xad
    case checkMultiSig = 0xae
    case checkMultiSigVerify = 0xaf

    case nop1 = 0xb0
    /// OP_CHECKLOCKTIMEVERIFY, or CLTV (BIP 65).
    case checkLockTimeVerify = 0xb1
    /// OP_CHECKSEQUENCEVERIFY, or CSV (BIP 112).
    case checkSequenceVerify = 0xb2
    case nop4 = 0xb3
    case nop5, nop6, nop7, nop8, nop9, nop10

    /// OP_CHECKSIGADD, in tapscript alone (BIP 342).
    case checkSigAdd = 0xba
}

extension Opcode {
    /// The operation that pushes a number from 0 to 16; nil for other numbers.
    public static func pushing(_ number: Int) -> Opcode? {
        switch number {
        case 0: .push0
        case 1...16: Opcode(rawValue: Opcode.push1.rawValue + UInt8(number - 1))
        default: nil
        }
    }

    /// The number that ``push0`` to ``push16`` push; nil for other operations.
    public var smallNumber: Int? {
        switch rawValue {
        case Opcode.push0.rawValue: 0
        case Opcode.push1.rawValue...Opcode.push16.rawValue:
            Int(rawValue - Opcode.push1.rawValue) + 1
        default: nil
        }
    }

    /// Whether the operation was switched off in 2010: its presence makes a script fail, executed or not.
    var isDisabled: Bool {
        switch self {
        case .cat, .substring, .left, .right, .invert, .and, .or, .xor, .mul2, .div2, .mul, .div,
            .mod, .leftShift, .rightShift:
            true
        default: false
        }
    }

    /// Whether a tapscript that holds `code` succeeds whatever else it holds (BIP 342).
    static func isSuccess(_ code: UInt8) -> Bool {
        switch code {
        case 80, 98, 126...129, 131...134, 137...138, 141...142, 149...153, 187...254: true
        default: false
        }
    }
}
