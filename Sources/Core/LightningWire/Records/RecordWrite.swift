/// A table of the durable state. The raw value is part of the stored format and is never reused.
public enum RecordTable: UInt8, CaseIterable, Sendable {
    /// Single values: the format's version, network, node identity, counters.
    case meta = 1
    /// Wallet: the seed, encrypted; accounts and the next index of each chain of addresses.
    case walletAccount = 2
    /// Wallet: addresses handed out, by script.
    case walletAddress = 3
    /// Wallet: outputs that belong to it, by outpoint, spent or not.
    case walletCoin = 4
    /// Wallet: transactions that touch it, by identifier.
    case walletTransaction = 5
    /// Wallet: leases of coins, by outpoint.
    case walletLease = 6
    /// The blocks that were last processed, by height, for finding the fork after a reorganisation.
    case chainBlock = 7
}

/// One change of durable state: a record put in its place, or removed.
///
/// The core decides what is written and how it is encoded; storage knows tables of keys and values and nothing else.
/// Keys sort as bytes, so numbers in keys are big-endian.
public struct RecordWrite: Hashable, Sendable {
    /// The table that is changed.
    public let table: RecordTable
    /// What the record is found by in its table.
    public let key: [UInt8]
    /// The encoded record, or nil to remove it.
    public let value: [UInt8]?

    /// Puts `value` at `key`, replacing what is there; nil removes it.
    public init(_ table: RecordTable, key: [UInt8], value: [UInt8]?) {
        self.table = table
        self.key = key
        self.value = value
    }
}
