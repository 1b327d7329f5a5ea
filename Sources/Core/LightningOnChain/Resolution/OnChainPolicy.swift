import Bitcoin

/// How long to wait on the chain: for a block to stay, for a transaction to get into one, for a peer to answer (BOLT 2,
/// "`cltv_expiry_delta` Selection"). All in blocks.
public struct OnChainPolicy: Hashable, Sendable {
    /// The blocks that hold something, its own included, until it counts as done for an HTLC. BOLT 5: "once the resolving
    /// transaction has reached reasonable depth".
    public var safeDepth: UInt32
    /// The same until it counts as done for good. BOLT 5: "Outputs that are *resolved* are considered *irrevocably resolved*
    /// once the remote's *resolving* transaction is included in a block at least 100 deep".
    public var finalDepth: UInt32
    /// The deepest reorganisation that deadlines allow for: BOLT 2's R.
    public var reorganisation: UInt32
    /// The time that the peer has after a deadline of its own: BOLT 2's G.
    public var grace: UInt32
    /// The time from the broadcast of a transaction to a block with it: BOLT 2's S.
    public var confirmation: UInt32
    /// The time after which something is to be done that nobody can take, but that somebody waits for.
    public var patience: UInt32
    /// What is not waited for if nobody takes it: half of it does not pay the least fee that is relayed for taking it alone.
    public var negligible = Satoshi(550)

    /// The policy of BOLT 2 and 5 unless told otherwise. Depths are at least 1.
    public init(
        safeDepth: UInt32 = 6, finalDepth: UInt32 = 100, reorganisation: UInt32 = 2,
        grace: UInt32 = 2, confirmation: UInt32 = 12, patience: UInt32 = 144
    ) {
        self.safeDepth = max(1, safeDepth)
        self.finalDepth = max(1, safeDepth, finalDepth)
        self.reorganisation = reorganisation
        self.grace = grace
        self.confirmation = confirmation
        self.patience = patience
    }
}

extension BlockHeight {
    /// Whether something in the block at this height is `depth` blocks deep when `tip` is the last.
    func isDeep(_ depth: UInt32, at tip: BlockHeight) -> Bool { tip - self + 1 >= Int64(depth) }
}
