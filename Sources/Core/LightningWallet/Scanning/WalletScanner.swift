import Bitcoin

/// Finds what blocks hold for the wallet and for channels, on a snapshot of what they watch.
///
/// A value without secrets: a worker takes a copy, scans a run of blocks in order, and the matches go back to the wallet.
/// What one block teaches (coins to watch, addresses further along) holds for the next, and within the block itself.
public struct WalletScanner: Sendable {
    private var book: AddressBook
    private var watched: WatchedOutPoints
    private var others: ChainWatch
    private let revision: UInt64

    init(book: AddressBook, watched: WatchedOutPoints, others: ChainWatch, revision: UInt64) {
        self.book = book
        self.watched = watched
        self.others = others
        self.revision = revision
    }

    /// The transactions of `block` that pay the wallet, spend from it, or spend what one that it waits for spends; and
    /// those that the channels watch for.
    public mutating func scan(_ block: Block, at height: BlockHeight) -> BlockMatch {
        let coverage = book.branches.mapValues(\.next)
        var matches: [Int: MatchedTransaction] = [:]
        // A payment to a late address may make known an address that an earlier transaction pays.
        var isComplete = false
        while !isComplete {
            isComplete = true
            for (position, transaction) in block.transactions.enumerated()
            where matches[position] == nil {
                guard isRelevant(transaction) else { continue }
                let id = transaction.id
                matches[position] = MatchedTransaction(
                    position: UInt32(position), id: id, transaction: transaction)
                if learn(transaction, id) { isComplete = false }
            }
        }
        let found = matches.values.sorted { $0.position < $1.position }
        return BlockMatch(
            block: BlockReference(height: height, hash: block.hash),
            previous: block.header.previousBlock, time: block.header.time, transactions: found,
            revision: revision, watchRevision: others.revision, coverage: coverage)
    }

    /// Whether `transaction`, of a mempool, concerns the node; if so, what spends from it does from now on, too.
    public mutating func notices(_ transaction: Transaction) -> Bool {
        guard isRelevant(transaction) else { return false }
        _ = learn(transaction, transaction.id)
        return true
    }

    /// Whether `transaction` pays the wallet, spends from it, or spends what one that it waits for spends; or whether the
    /// channels watch for it.
    public func isRelevant(_ transaction: Transaction) -> Bool {
        transaction.outputs.contains { book.path(of: $0.scriptPubKey) != nil }
            || transaction.inputs.contains { watched.contains($0.previousOutput) }
            || others.isRelevant(transaction)
    }

    /// Watches the outputs that pay the wallet; returns whether the window of addresses grew.
    private mutating func learn(_ transaction: Transaction, _ id: TransactionID) -> Bool {
        let grew = !book.noteUses(by: transaction.outputs).isEmpty
        for (index, output) in transaction.outputs.enumerated()
        where book.path(of: output.scriptPubKey) != nil {
            watched.insert(OutPoint(id, UInt32(index)))
        }
        others.follow(transaction, id)
        return grew
    }
}
