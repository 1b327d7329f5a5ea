import Bitcoin

/// The unconfirmed transactions, who spends from whom, and no rule of its own.
public struct Mempool: Sendable {
    /// The transactions.
    public private(set) var entries: [TransactionID: MempoolEntry] = [:]
    /// The virtual sizes of all transactions added up.
    public private(set) var virtualSize: UInt64 = 0
    /// The fees of all transactions added up.
    public private(set) var fees = Satoshi.zero
    /// The memory that the transactions take, roughly, in bytes.
    public private(set) var usage = 0
    /// Counts every change, for those who follow them (ZMQ's `sequence`).
    public private(set) var sequence: UInt64 = 1
    /// What `prioritisetransaction` was asked to add to fees, also of transactions that are not there.
    public private(set) var feeDeltas: [TransactionID: Satoshi] = [:]
    private var spenders: [OutPoint: TransactionID] = [:]
    private var idsByWitness: [WitnessTransactionID: TransactionID] = [:]

    /// The transaction; nil where it is not there.
    public subscript(_ id: TransactionID) -> MempoolEntry? { entries[id] }

    /// The transaction that spends the output; nil where none does.
    public func spender(of outPoint: OutPoint) -> TransactionID? { spenders[outPoint] }

    /// The identifier of the transaction with that witness identifier; nil where it is not there.
    public func id(_ witnessID: WitnessTransactionID) -> TransactionID? { idsByWitness[witnessID] }

    /// The unconfirmed transactions that it depends on, without itself.
    public func ancestors(of id: TransactionID) -> Set<TransactionID> {
        closure(of: entries[id]?.parents ?? [], \.parents)
    }

    /// Those of `parents` and all that they depend on.
    public func ancestors(including parents: Set<TransactionID>) -> Set<TransactionID> {
        closure(of: parents, \.parents)
    }

    /// The unconfirmed transactions that depend on it, without itself.
    public func descendants(of id: TransactionID) -> Set<TransactionID> {
        closure(of: entries[id]?.children ?? [], \.children)
    }

    /// The figures of a set of transactions.
    public func aggregate(_ ids: some Sequence<TransactionID>) -> MempoolAggregate {
        var aggregate = MempoolAggregate()
        for id in ids { entries[id].map { aggregate.add($0) } }
        return aggregate
    }

    /// The figures of a transaction with all that depend on it.
    public func withDescendants(_ id: TransactionID) -> MempoolAggregate {
        aggregate(descendants(of: id).union([id]))
    }

    /// The figures of a transaction with all that it depends on.
    public func withAncestors(_ id: TransactionID) -> MempoolAggregate {
        aggregate(ancestors(of: id).union([id]))
    }

    /// Adds a transaction and links it to those that it spends from, and those that spend from it.
    mutating func insert(_ new: MempoolEntry) {
        var entry = new
        entry.feeDelta = feeDeltas[entry.id] ?? .zero
        for input in entry.transaction.inputs {
            spenders[input.previousOutput] = entry.id
            let parent = input.previousOutput.transactionID
            if entries[parent] != nil {
                entry.parents.insert(parent)
                entries[parent]?.children.insert(entry.id)
            }
        }
        for index in entry.transaction.outputs.indices {
            guard let child = spenders[OutPoint(entry.id, UInt32(index))] else { continue }
            entry.children.insert(child)
            entries[child]?.parents.insert(entry.id)
        }
        idsByWitness[entry.witnessID] = entry.id
        entries[entry.id] = entry
        virtualSize += entry.virtualSize
        fees += entry.fee
        usage += entry.usage
        sequence += 1
    }

    /// Takes one transaction away and leaves its descendants, as when it was mined.
    @discardableResult mutating func remove(_ id: TransactionID) -> MempoolEntry? {
        guard let entry = entries.removeValue(forKey: id) else { return nil }
        for input in entry.transaction.inputs {
            spenders.removeValue(forKey: input.previousOutput)
        }
        for parent in entry.parents { entries[parent]?.children.remove(id) }
        for child in entry.children { entries[child]?.parents.remove(id) }
        idsByWitness.removeValue(forKey: entry.witnessID)
        virtualSize -= entry.virtualSize
        fees -= entry.fee
        usage -= entry.usage
        sequence += 1
        return entry
    }

    /// Takes a transaction away with all that depend on it; gives them, descendants first.
    mutating func removeWithDescendants(_ id: TransactionID) -> [MempoolEntry] {
        guard entries[id] != nil else { return [] }
        let doomed = topologicallySorted(descendants(of: id).union([id]))
        return doomed.reversed().compactMap { remove($0) }
    }

    /// Adds to what counts as the fee of a transaction, there or not.
    mutating func prioritise(_ id: TransactionID, by delta: Satoshi) {
        let total = (feeDeltas[id] ?? .zero) + delta
        feeDeltas[id] = total == .zero ? nil : total
        entries[id]?.feeDelta = total
    }

    /// Forgets what was added to the fee of a transaction, as it is mined.
    mutating func clearPriority(_ id: TransactionID) {
        feeDeltas.removeValue(forKey: id)
    }

    /// The transactions in an order in which each comes after those that it spends from; otherwise by identifier.
    public func topologicallySorted(_ ids: Set<TransactionID>) -> [TransactionID] {
        var depths: [(depth: Int, id: TransactionID)] = []
        depths.reserveCapacity(ids.count)
        for id in ids { depths.append((ancestors(of: id).count, id)) }
        return depths.sorted { $0 < $1 }.map(\.id)
    }

    private func closure(
        of start: Set<TransactionID>, _ next: KeyPath<MempoolEntry, Set<TransactionID>>
    ) -> Set<TransactionID> {
        var found = start
        var stack = Array(start)
        while let id = stack.popLast() {
            for other in entries[id]?[keyPath: next] ?? [] where found.insert(other).inserted {
                stack.append(other)
            }
        }
        return found
    }
}
