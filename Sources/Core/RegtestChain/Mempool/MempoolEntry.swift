import Bitcoin

/// An unconfirmed transaction with what the mempool knows of it.
public struct MempoolEntry: Sendable {
    /// The transaction itself.
    public let transaction: Transaction
    /// Its identifier.
    public let id: TransactionID
    /// Its identifier with witnesses.
    public let witnessID: WitnessTransactionID
    /// Inputs less outputs.
    public let fee: Satoshi
    /// What `prioritisetransaction` adds to the fee when it is judged.
    public internal(set) var feeDelta: Satoshi
    /// Its size as policy counts it, in virtual bytes.
    public let virtualSize: UInt64
    /// Its size in weight units.
    public let weight: Weight
    /// What its signature operations cost (BIP 141).
    public let sigOpsCost: Int
    /// When it came, in seconds since 1970.
    public let time: UInt32
    /// The height of the best chain when it came.
    public let height: BlockHeight
    /// Whether it spends an output of a coinbase transaction.
    public let spendsCoinbase: Bool
    /// The unconfirmed transactions that it spends from.
    public internal(set) var parents: Set<TransactionID> = []
    /// The unconfirmed transactions that spend from it.
    public internal(set) var children: Set<TransactionID> = []

    /// The fee that counts when the transaction is judged.
    public var modifiedFee: Satoshi { fee + feeDelta }

    /// The memory that the entry takes, roughly.
    var usage: Int { transaction.totalSize + 600 + 100 * transaction.inputs.count }
}

/// The number, size and fees of a transaction with its ancestors or descendants.
public struct MempoolAggregate: Sendable, Equatable {
    /// The number of transactions.
    public var count = 0
    /// Their sizes added up, in virtual bytes.
    public var virtualSize: UInt64 = 0
    /// Their fees added up, with what `prioritisetransaction` adds.
    public var fees = Satoshi.zero

    mutating func add(_ entry: MempoolEntry) {
        count += 1
        virtualSize += entry.virtualSize
        fees += entry.modifiedFee
    }
}
