import Bitcoin

/// The bounds that the wallet keeps when it pays fees.
public struct FeePolicy: Hashable, Sendable {
    /// The least rate that a transaction may have: below it nodes do not relay.
    public var minimumRate: FeeratePerKw
    /// The highest rate that a transaction may have: above it somebody slipped.
    public var maximumRate: FeeratePerKw
    /// The highest fee that a transaction may have: above it somebody slipped.
    public var maximumFee: Satoshi
    /// The rate at which coins are expected to be spent some day, against which choices are weighed.
    public var longTermRate: FeeratePerKw
    /// By how much a replacement pays more than what it replaces, for its own size (BIP 125).
    public var incrementalRate: FeeratePerKw

    /// The defaults: 1 to 10,000 sat/vB, 0.1 bitcoin at most, 10 sat/vB in the long term, 1 sat/vB more to replace.
    public init(
        minimumRate: FeeratePerKw = FeeratePerKw(250),
        maximumRate: FeeratePerKw = FeeratePerKw(2_500_000),
        maximumFee: Satoshi = Satoshi(10_000_000),
        longTermRate: FeeratePerKw = FeeratePerKw(2_500),
        incrementalRate: FeeratePerKw = FeeratePerKw(250)
    ) {
        self.minimumRate = minimumRate
        self.maximumRate = maximumRate
        self.maximumFee = maximumFee
        self.longTermRate = longTermRate
        self.incrementalRate = incrementalRate
    }

    func check(_ rate: FeeratePerKw) throws(SpendError) {
        guard rate >= minimumRate else { throw .feeRateTooLow(rate, minimum: minimumRate) }
        guard rate <= maximumRate else { throw .feeRateTooHigh(rate, maximum: maximumRate) }
    }

    func check(fee: Satoshi) throws(SpendError) {
        guard fee <= maximumFee else { throw .feeTooHigh(fee, maximum: maximumFee) }
    }
}

/// The amounts below which nodes do not relay an output.
enum Dust {
    private static let policy = RelayPolicy()

    /// The least amount that an output with `script` may have.
    static func limit(for script: Script) -> Satoshi { policy.dustThreshold(for: script) }
}
