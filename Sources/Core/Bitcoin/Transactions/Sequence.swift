/// The sequence number of an input: whether it may be replaced (BIP 125) and how old its coin must be (BIP 68).
public struct InputSequence: Hashable, Sendable, BitwiseCopyable {
    /// The number as it stands in the transaction.
    public let value: UInt32

    /// The sequence number `value`.
    public init(_ value: UInt32) { self.value = value }

    /// No lock of any kind.
    public static let final = InputSequence(0xffff_ffff)

    /// No relative lock and no signal, but the lock time of the transaction counts.
    public static let lockTimeOnly = InputSequence(0xffff_fffe)

    /// Signals that the transaction may be replaced (BIP 125).
    public static let replaceable = InputSequence(0xffff_fffd)

    /// A relative lock of `blocks` blocks (BIP 68).
    public static func relative(blocks: UInt16) -> InputSequence {
        InputSequence(UInt32(blocks))
    }

    /// The bit that switches the relative lock off (BIP 68).
    public static let disableFlag: UInt32 = 1 << 31

    /// The bit that tells a lock in units of 512 seconds from one in blocks (BIP 68).
    public static let timeFlag: UInt32 = 1 << 22

    /// The bits of the relative lock's length (BIP 68).
    public static let lockMask: UInt32 = 0xffff

    /// Whether the input signals that its transaction may be replaced (BIP 125).
    public var signalsReplacement: Bool { value < 0xffff_fffe }
}

/// The time before which a transaction may not be mined: a height below 500,000,000, else seconds since 1970.
public struct LockTime: Hashable, Sendable, BitwiseCopyable {
    /// The number as it stands in the transaction.
    public let value: UInt32

    /// The lock time `value`.
    public init(_ value: UInt32) { self.value = value }

    /// No lock.
    public static let none = LockTime(0)

    /// The first number that means seconds instead of a height.
    public static let threshold: UInt32 = 500_000_000

    /// Whether the lock is a block height.
    public var isHeight: Bool { value < LockTime.threshold }
}
