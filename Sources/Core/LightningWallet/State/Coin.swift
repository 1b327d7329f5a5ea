import Bitcoin

/// An output that the wallet can spend now or later.
public struct Coin: Hashable, Sendable {
    /// Which output it is.
    public let outPoint: OutPoint
    /// Its amount and script.
    public let output: TransactionOutput
    /// The key that it is locked to.
    public let path: WalletKeyPath

    /// A coin of these parts.
    public init(outPoint: OutPoint, output: TransactionOutput, path: WalletKeyPath) {
        self.outPoint = outPoint
        self.output = output
        self.path = path
    }

    /// Its amount.
    public var amount: Satoshi { output.amount }
}

/// A coin with what decides on its use at present.
public struct CoinState: Hashable, Sendable {
    /// The coin.
    public let coin: Coin
    /// The number of blocks from the one that holds it to the tip, both counted; 0 while unconfirmed.
    public let confirmations: UInt32
    /// Whether it is a miner's reward that fewer than 100 blocks bury.
    public let isImmature: Bool
    /// Whether an unconfirmed transaction that others made pays it: they may replace it.
    public let isForeignUnconfirmed: Bool
    /// The lease that keeps it from other uses; nil where it is free.
    public let lease: CoinLease?
}

/// The sums of the wallet's coins. Each coin counts once, in the first of locked, immature, unconfirmed, confirmed that
/// fits it.
public struct WalletBalance: Hashable, Sendable {
    /// Mined, mature, free, and not spent by any unconfirmed transaction.
    public internal(set) var confirmed = Satoshi.zero
    /// Paid by transactions that are not mined yet.
    public internal(set) var unconfirmed = Satoshi.zero
    /// Miners' rewards that fewer than 100 blocks bury.
    public internal(set) var immature = Satoshi.zero
    /// Kept by leases.
    public internal(set) var locked = Satoshi.zero

    /// A balance without coins.
    public init() {}

    /// All four together.
    public var total: Satoshi { confirmed + unconfirmed + immature + locked }

    mutating func count(_ state: CoinState) {
        let amount = state.coin.amount
        if state.lease != nil {
            locked += amount
        } else if state.isImmature {
            immature += amount
        } else if state.confirmations == 0 {
            unconfirmed += amount
        } else {
            confirmed += amount
        }
    }
}
