/// Which parts of a transaction a signature covers.
public struct SighashType: Hashable, Sendable, BitwiseCopyable {
    /// The number that is hashed: one byte in a signature, though legacy hashing takes 32 bits.
    public let value: UInt32

    /// The type `value`, defined or not.
    public init(_ value: UInt32) { self.value = value }

    /// Taproot's type that takes no byte in the signature and covers what ``all`` does (BIP 341).
    public static let `default` = SighashType(0)
    /// All outputs.
    public static let all = SighashType(1)
    /// No outputs.
    public static let none = SighashType(2)
    /// The output whose position is that of the input.
    public static let single = SighashType(3)

    /// The same, but of the inputs only the one that is signed.
    public var anyoneCanPay: SighashType { SighashType(value | 0x80) }

    /// Whether of the inputs only the one that is signed is covered.
    public var isAnyoneCanPay: Bool { value & 0x80 != 0 }

    /// Whether no output is covered. Every number that is not ``none`` or ``single`` means ``all``.
    public var coversNoOutput: Bool { value & 0x1f == SighashType.none.value }

    /// Whether one output is covered.
    public var coversOneOutput: Bool { value & 0x1f == SighashType.single.value }

    /// The byte at the end of a signature.
    public var byte: UInt8 { UInt8(truncatingIfNeeded: value) }

    /// Whether the type has a meaning in ECDSA signatures, as policy demands (`STRICTENC`).
    public var isDefinedForECDSA: Bool { (1...3).contains(value & ~0x80) }

    /// Whether the type has a meaning in taproot (BIP 341).
    public var isDefinedForTaproot: Bool { value == 0 || isDefinedForECDSA }
}
