import Bitcoin

/// What a user may tune of the wallet's bookkeeping.
public struct WalletParameters: Hashable, Sendable {
    /// How many addresses after the last one handed out are watched on each branch: the gap limit of a restore.
    public var lookahead: UInt32
    /// How many blocks a reorganisation may take back; older ones count as final. At least 1.
    public var reorganisationLimit: UInt32

    /// The defaults watch 250 addresses ahead, and follow reorganisations of up to 144 blocks, a day.
    public init(lookahead: UInt32 = 250, reorganisationLimit: UInt32 = 144) {
        self.lookahead = lookahead
        self.reorganisationLimit = max(reorganisationLimit, 1)
    }

    /// How many blocks bury a miner's reward, its own included, before it can be spent: 100 by consensus.
    public static let coinbaseMaturity: UInt32 = 100
}
