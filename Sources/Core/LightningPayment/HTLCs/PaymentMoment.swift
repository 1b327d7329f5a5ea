import Bitcoin

/// When a step of a payment happens: the clock and the chain.
public struct PaymentMoment: Hashable, Sendable {
    /// Milliseconds since 1970.
    public let time: UInt64
    /// The height of the best block.
    public let height: BlockHeight

    /// The moment `time`, in milliseconds since 1970, with a best block at `height`.
    public init(time: UInt64, height: BlockHeight) {
        self.time = time
        self.height = height
    }

    /// Seconds since 1970.
    var seconds: UInt64 { time / 1000 }
}
