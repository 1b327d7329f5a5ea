import Bitcoin
import RegtestChain

/// The chain that all nodes are on: blocks with a fee market, a mempool that runs over, reorganisations, a faucet.
package struct WorldChain: Sendable {
    package internal(set) var chain: RegtestChain
    package var market: FeeMarket
    var random: SimulationRandom
    /// Coins of the faucet that are mature and unspent.
    private var faucetCoins: [(OutPoint, Satoshi)] = []
    /// The fees of every transaction that was taken, by identifier.
    private(set) package var fees: [TransactionID: Satoshi] = [:]

    /// What pays to the faucet and the miners: anybody may spend it, and only the faucet does.
    static let faucetWitness = Script([0x51])
    static let faucetScript = Script.payToWitnessScriptHash(of: faucetWitness)
    static let minerScript = Script.payToWitnessScriptHash(of: Script([0x52]))

    /// The height at which every run begins.
    package static let firstHeight: UInt32 = 110

    /// Blocks until coins of the faucet are mature, the same for every run.
    private static let base: RegtestChain = {
        var chain = RegtestChain()
        for height in 1...firstHeight {
            let script = height <= 10 ? faucetScript : minerScript
            let time = UInt32(VirtualTime.epoch) - (firstHeight + 1 - height) * 600
            _ = try? chain.mine(to: script, now: time)
        }
        _ = chain.takeNotices()
        return chain
    }()

    /// The chain of a run; `random` decides its market and its miners.
    package init(restlessMarket: Bool, random: SimulationRandom) {
        var random = random
        market = FeeMarket(isRestless: restlessMarket, &random)
        self.random = random
        chain = Self.base
        for height in UInt32(1)...10 {
            guard let hash = chain.blockHash(at: BlockHeight(height)),
                let coinbase = chain.block(hash)?.block.transactions.first,
                let reward = coinbase.outputs.first
            else { continue }
            faucetCoins.append((OutPoint(coinbase.id, 0), reward.amount))
        }
    }

    /// The height of the best chain.
    package var height: BlockHeight { chain.tip.height }

    /// Whether the transaction is in the mempool or mined.
    package func isKnown(_ id: TransactionID) -> Bool {
        chain.mempool[id] != nil || chain.blockHolding(id) != nil
    }

    /// What happened to blocks and mempool since the last call.
    mutating func takeNotices() -> [ChainNotice] { chain.takeNotices() }

    /// A transaction of the faucet that pays `outputs`; nil where it has no coins left.
    mutating func faucetTransaction(paying outputs: [TransactionOutput]) -> Transaction? {
        guard let (outPoint, amount) = faucetCoins.popLast() else { return nil }
        let spent = outputs.reduce(Satoshi.zero) { $0 + $1.amount }
        let fee = Satoshi(100_000)
        let change = amount - spent - fee
        guard change > .zero else { return nil }
        let transaction = Transaction(
            inputs: [
                TransactionInput(
                    previousOutput: outPoint, witness: [Self.faucetWitness.bytes])
            ],
            outputs: outputs
                + [TransactionOutput(amount: change, scriptPubKey: Self.faucetScript)])
        faucetCoins.append((OutPoint(transaction.id, UInt32(outputs.count)), change))
        return transaction
    }
}

/// Transactions.
extension WorldChain {
    /// Offers a transaction as a backend does: what is known already counts as taken.
    package mutating func submit(
        _ transaction: Transaction, now: VirtualTime
    ) throws(TransactionRejection) {
        do throws(TransactionRejection) {
            let accepted = try chain.submit(transaction, now: UInt32(now.seconds))
            fees[accepted.id] = accepted.fee
        } catch .alreadyInMempool, .alreadyKnown {
            return
        } catch {
            throw error
        }
    }

    /// Offers a package as a backend does; nil where all of it is taken, or else why not.
    package mutating func submit(
        package: [Transaction], now: VirtualTime
    ) -> (reason: String, culprits: [TransactionRejection])? {
        let result = chain.submit(package: package, now: UInt32(now.seconds))
        var culprits: [TransactionRejection] = []
        for transaction in package {
            switch result.outcomes[transaction.witnessID] {
            case .accepted(let accepted): fees[accepted.id] = accepted.fee
            case .rejected(.alreadyKnown), .alreadyThere: break
            case .rejected(let rejection): culprits.append(rejection)
            case .differentWitness, nil: break
            }
        }
        if package.allSatisfy({ isKnown($0.id) }) { return nil }
        let reason = culprits.first?.reason ?? result.rejection.map { "\($0)" } ?? "not taken"
        return (reason, culprits)
    }

    /// The output that a transaction spends, in the chain or the mempool or given back by a block; nil where it is spent.
    package func output(_ outPoint: OutPoint) -> TransactionOutput? {
        chain.unspentOutput(outPoint, includingMempool: false)?.output
            ?? chain.mempool[outPoint.transactionID]?.transaction.outputs[
                checked: Int(outPoint.index)]
    }
}

/// Blocks.
extension WorldChain {
    /// Mines a block of what pays the market's rate, and moves the market on.
    package mutating func mineBlock(now: VirtualTime) {
        mine(chosen(at: market.blockRate), now: now)
        market.move(&random)
        chain.crowdOut(below: market.mempoolRate, now: UInt32(now.seconds))
    }

    /// Mines a block of everything that may be mined.
    package mutating func mineEverything(now: VirtualTime) {
        mine(chosen(at: .zero), now: now)
    }

    private mutating func mine(_ transactions: [Transaction], now: VirtualTime) {
        do throws(MiningError) {
            _ = try chain.mine(
                to: Self.minerScript, transactions: transactions, now: UInt32(now.seconds))
        } catch {
            preconditionFailure("the mempool offers what cannot be mined: \(error)")
        }
    }

    /// What a miner takes who wants at least `rate` for each transaction with the ancestors that it needs.
    private func chosen(at rate: FeeratePerKvB) -> [Transaction] {
        let mempool = chain.mempool
        var picked: Set<TransactionID> = []
        var order: [TransactionID] = []
        while true {
            var best: (rate: FeeratePerKvB, id: TransactionID)?
            for id in mempool.entries.keys where !picked.contains(id) {
                let needed = mempool.ancestors(of: id).subtracting(picked)
                let total = mempool.aggregate(needed.union([id]))
                let own = FeeratePerKvB(fee: total.fees, virtualSize: total.virtualSize)
                guard own >= rate else { continue }
                if let best, (best.rate, best.id) > (own, id) { continue }
                best = (own, id)
            }
            guard let best else { break }
            let needed = mempool.ancestors(of: best.id).subtracting(picked).union([best.id])
            order += mempool.topologicallySorted(needed)
            picked.formUnion(needed)
        }
        return order.compactMap { mempool[$0]?.transaction }
    }
}

extension Array {
    /// The element at `index`; nil where there is none.
    subscript(checked index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
