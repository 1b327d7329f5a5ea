import Bitcoin

/// What the publisher may spend, and how it goes about it.
public struct PublisherPolicy: Hashable, Sendable {
    /// The most of a claim's value, in percent, that goes to the fee of the transaction that takes it.
    public var share: Int64 = 50
    /// The same for the fees of a commitment, whose HTLCs cost a fee once more.
    public var commitmentShare: Int64 = 25
    /// The same for penalties, to which ``share`` rises as their deadline nears.
    public var penaltyShare: Int64 = 90
    /// For how many blocks what may wait does wait for company.
    public var patience: UInt32 = 2
    /// The number of blocks before a deadline from which on each block without confirmation raises the fee rate.
    public var urgency: UInt32 = 18
    /// How far apart deadlines of one transaction may lie, in blocks.
    public var deadlineSpread: Int64 = 12
    /// The most that a transaction with several claims weighs: a tenth of what nodes relay.
    public var maximumWeight = Weight(40_000)
    /// The target in blocks of what may wait.
    public var slowTarget: UInt32 = 144
    /// The rate where the backend has no estimate.
    public var fallbackRate = FeeratePerKw(2_500)
    /// The highest rate that is ever paid, whatever is at stake.
    public var maximumRate = FeeratePerKw(2_500_000)
    /// By how much a replacement pays more than what it replaces, for its own size (BIP 125).
    public var incrementalRate = FeeratePerKw(250)
    /// The offers of one publication between two blocks, refused ones counted.
    public var offersPerBlock: UInt32 = 4

    /// The defaults: half of what is saved, a quarter for commitments, up to 90 percent for penalties, and 10,000 sat/vB.
    public init() {}

    /// The most that `claim` may cost with `tip` as the last block.
    public func feeLimit(of claim: Claim, tip: BlockHeight) -> Satoshi {
        Satoshi(
            min(claim.value, .maximumMoney).value * percent(of: claim, tip: tip) / 100)
    }

    private func percent(of claim: Claim, tip: BlockHeight) -> Int64 {
        if case .commitment = claim.kind { return commitmentShare }
        guard claim.isPenalty, let deadline = claim.deadline, urgency > 0 else { return share }
        let passed = Int64(urgency) - max(deadline - tip, 1) + 1
        guard passed > 0 else { return share }
        return share + (penaltyShare - share) * min(passed, Int64(urgency)) / Int64(urgency)
    }
}

/// What the wallet has to keep so that channels can be closed without the other side.
extension PublisherPolicy {
    /// What a wallet with `anchorChannels` channels with anchors keeps back from other uses.
    ///
    /// For each channel, up to ten, what a commitment with a few HTLCs and the transactions behind it cost at 10 sat/vB.
    /// Best kept in as many coins as channels, since a coin serves one transaction at a time until that is mined.
    public func requiredReserve(anchorChannels: Int) -> Satoshi {
        Satoshi(Int64(min(max(anchorChannels, 0), 10)) * Self.reservePerChannel.value)
    }

    /// The reserve of one channel.
    public static let reservePerChannel = Satoshi(10_000)
}
