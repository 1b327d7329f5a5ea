import Bitcoin
import LightningNode
import RegtestChain

/// A chain for a network of nodes, under the test's command. Times are in seconds since 1970.
protocol TestChain: Sendable {
    /// The height of the last block.
    var height: BlockHeight { get }

    /// The best chain's block at a height; nil above the tip.
    func blockHash(at height: BlockHeight) -> BlockHash?

    /// A known block; nil for others.
    func contents(of hash: BlockHash) -> Block?

    /// What waits to be mined, parents first.
    func waiting() -> [Transaction]

    /// Offers a transaction, or several as a package.
    mutating func offer(_ transactions: [Transaction], now: UInt32) -> BroadcastOutcome

    /// Mines a block of what waits.
    mutating func mineBlock(to script: Script, now: UInt32) throws

    /// Mines a block of exactly these transactions.
    mutating func mineBlock(of transactions: [Transaction], to script: Script, now: UInt32) throws

    /// Takes the chain back to before a block, for good.
    mutating func takeBack(_ hash: BlockHash, now: UInt32) throws
}

extension RegtestChain: TestChain {
    var height: BlockHeight { tip.height }

    func contents(of hash: BlockHash) -> Block? { block(hash)?.block }

    func waiting() -> [Transaction] {
        mempool.topologicallySorted(Set(mempool.entries.keys)).compactMap {
            mempool[$0]?.transaction
        }
    }

    mutating func offer(_ transactions: [Transaction], now: UInt32) -> BroadcastOutcome {
        // What a bitcoind does, too: it refuses nothing that is there.
        let unknown = transactions.filter { !isKnown($0.id) }
        guard unknown.count > 1 else {
            do throws(TransactionRejection) {
                for transaction in unknown { _ = try submit(transaction, now: now) }
                return .accepted
            } catch {
                return .rejected(reason: error.reason)
            }
        }
        let result = submit(package: unknown, now: now)
        guard let rejection = result.rejection else { return .accepted }
        for transaction in unknown {
            if case .rejected(let own) = result.outcomes[transaction.witnessID] {
                return .rejected(reason: own.reason)
            }
        }
        return .rejected(reason: rejection.reason)
    }

    mutating func mineBlock(to script: Script, now: UInt32) throws {
        _ = try mine(to: script, now: now)
    }

    mutating func mineBlock(
        of transactions: [Transaction], to script: Script, now: UInt32
    ) throws {
        _ = try mine(to: script, transactions: transactions, now: now)
    }

    mutating func takeBack(_ hash: BlockHash, now: UInt32) throws {
        try invalidate(hash, now: now)
    }

    func isKnown(_ id: TransactionID) -> Bool { mempool[id] != nil || blockHolding(id) != nil }
}
