import Bitcoin

/// A transaction on its way into the mempool, with what the rules found out about it.
struct Candidate {
    let transaction: Transaction
    let id: TransactionID
    let witnessID: WitnessTransactionID
    /// The coins that it spends, in the order of its inputs.
    var spent: [Coin] = []
    var fee = Satoshi.zero
    var modifiedFee = Satoshi.zero
    var sigOpsCost = 0
    var weight = Weight.zero
    var virtualSize: UInt64 = 0
    /// The unconfirmed transactions that it depends on.
    var ancestors: Set<TransactionID> = []
    /// The unconfirmed transactions that it has to replace.
    var conflicts: Set<TransactionID> = []
    /// Whether one of the conflicts is no double spend but another child of its parent (BIP 431).
    var evictsSibling = false
    /// The conflicts with all that depend on them.
    var replaced: Set<TransactionID> = []

    init(_ transaction: Transaction) {
        self.transaction = transaction
        id = transaction.id
        witnessID = transaction.witnessID
    }

    /// Whether it keeps to the topology of BIP 431.
    var isRestricted: Bool { transaction.version == RelayPolicy.restrictedVersion }

    var spentOutputs: [TransactionOutput] { spent.map(\.output) }

    var feerate: FeeratePerKvB { FeeratePerKvB(fee: modifiedFee, virtualSize: virtualSize) }
}

/// What differs between the ways into the mempool.
struct AcceptanceMode {
    /// Whether it may replace what it conflicts with.
    var allowsReplacement = true
    /// Whether it may take the place of another child of its parent (BIP 431).
    var allowsSiblingEviction = true
    /// Whether a full chain of descendants may be extended by one.
    var allowsCarveOut = true
    /// Whether the fee rate is judged for the package and not here.
    var usesPackageFeerate = false
    /// Whether fees do not matter, as for transactions of a block that was disconnected.
    var bypassesLimits = false

    static let single = AcceptanceMode()
    static let inPackage = AcceptanceMode(allowsCarveOut: false)
    static let disconnected = AcceptanceMode(bypassesLimits: true)
    static let package = AcceptanceMode(
        allowsSiblingEviction: false, allowsCarveOut: false, usesPackageFeerate: true)
    static let packageTest = AcceptanceMode(
        allowsReplacement: false, allowsSiblingEviction: false, allowsCarveOut: false)
}
