import Bitcoin

/// What a transaction should do.
public struct SpendRequest: Hashable, Sendable {
    /// The outputs to pay, in their order.
    public var outputs: [TransactionOutput]
    /// The rate of the fee.
    public var feeRate: FeeratePerKw
    /// Which coins may be spent.
    public var coins: CoinChoice
    /// The account whose next change address gets what is left over.
    public var changeAccount: AccountKind
    /// What must be left in the wallet, change included: for fees of channels' transactions.
    public var reserve: Satoshi
    /// The bounds on fees.
    public var policy: FeePolicy

    /// Pays `outputs` from any confirmed coins, with change to a taproot address, unless told otherwise.
    public init(
        outputs: [TransactionOutput], feeRate: FeeratePerKw, coins: CoinChoice = CoinChoice(),
        changeAccount: AccountKind = .taproot, reserve: Satoshi = .zero,
        policy: FeePolicy = FeePolicy()
    ) {
        self.outputs = outputs
        self.feeRate = feeRate
        self.coins = coins
        self.changeAccount = changeAccount
        self.reserve = reserve
        self.policy = policy
    }
}

/// How the wallet chooses among the coins that it may spend.
public enum CoinStrategy: Hashable, Sendable {
    /// So that least is paid for them now and for their change later.
    case leastWaste
    /// The largest first, so that they are few.
    case largest
    /// By chance, so that the choice says little about the others.
    case random
}

/// Which coins a transaction may spend.
public struct CoinChoice: Hashable, Sendable {
    /// The coins to spend, all of them and no others; nil lets the wallet choose.
    public var exactly: [OutPoint]?
    /// How many blocks must bury a coin, its own included; 0 takes in the wallet's own unconfirmed change.
    public var minimumConfirmations: UInt32
    /// Whether 0 confirmations take in what others' unconfirmed transactions pay, which they can still replace.
    public var allowsForeignUnconfirmed: Bool
    /// The lease under which the coins may be kept already.
    public var leaseID: Hash256?
    /// How the wallet chooses among them, where it does.
    public var strategy = CoinStrategy.leastWaste

    /// Any coins with one confirmation, unless told otherwise.
    public init(
        exactly: [OutPoint]? = nil, minimumConfirmations: UInt32 = 1,
        allowsForeignUnconfirmed: Bool = false, leaseID: Hash256? = nil
    ) {
        self.exactly = exactly
        self.minimumConfirmations = minimumConfirmations
        self.allowsForeignUnconfirmed = allowsForeignUnconfirmed
        self.leaseID = leaseID
    }

    /// Why `state` cannot be spent; nil where it can.
    func objection(to state: CoinState) -> UnspendableReason? {
        if let lease = state.lease, lease.id != leaseID { return .leased(until: lease.expiry) }
        if state.isImmature { return .immature }
        if state.isForeignUnconfirmed, minimumConfirmations == 0, !allowsForeignUnconfirmed {
            return .foreignUnconfirmed
        }
        if state.confirmations < minimumConfirmations {
            return .tooFewConfirmations(state.confirmations)
        }
        return nil
    }
}
