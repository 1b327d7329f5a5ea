import Bitcoin

/// A transaction that spends from the wallet or pays to it.
public struct WalletTransaction: Hashable, Sendable {
    /// The identifier.
    public let id: TransactionID
    /// The transaction itself.
    public let transaction: Transaction
    /// Whether it is mined, waiting or dead.
    public internal(set) var status: TransactionStatus
    /// The outputs that pay to the wallet, by ascending index.
    public internal(set) var credits: [Credit]
    /// The inputs that spend from the wallet, by ascending index.
    public internal(set) var debits: [Debit]
    /// When the wallet first saw it, in seconds since 1970.
    public let seenAt: UInt64
    /// Whether the wallet made or published it, so that it is offered to the network until it is mined.
    public internal(set) var isPublishedHere: Bool
    /// Whether a mempool has taken it since it was made here: from then on a refusal does not free its inputs.
    public internal(set) var wasAccepted: Bool
    /// Whether another part of the node offers it to the network, and alone says when it is given up.
    public internal(set) var hasCaretaker = false

    /// An output that pays to the wallet.
    public struct Credit: Hashable, Sendable {
        /// The index of the output.
        public let index: UInt32
        /// The key that it is locked to.
        public let path: WalletKeyPath
        /// Whether a transaction of a final block spends it.
        public internal(set) var isSpentForGood = false
    }

    /// An input that spends from the wallet.
    public struct Debit: Hashable, Sendable {
        /// The index of the input.
        public let index: UInt32
        /// The output that it spends.
        public let output: TransactionOutput
        /// The key that the output is locked to.
        public let path: WalletKeyPath
    }

    /// What its outputs pay to the wallet.
    public var received: Satoshi {
        credits.reduce(.zero) { $0 + transaction.outputs[Int($1.index)].amount }
    }

    /// What its inputs take from the wallet.
    public var spent: Satoshi { debits.reduce(.zero) { $0 + $1.output.amount } }

    /// By how much it changes the wallet's balance.
    public var netAmount: Satoshi { received - spent }

    /// The fee; nil unless every input is the wallet's, since amounts of others' inputs are not known.
    public var fee: Satoshi? {
        guard isFullyFunded else { return nil }
        return spent - transaction.outputs.reduce(.zero) { $0 + $1.amount }
    }

    /// Whether every input spends from the wallet.
    public var isFullyFunded: Bool { debits.count == transaction.inputs.count }

    /// The outpoint of output `index`.
    public func outPoint(_ index: UInt32) -> OutPoint { OutPoint(id, index) }
}
