import Bitcoin
import LightningNode
import LightningWallet
import RegtestChain

/// How nodes learn of the chain, and how their transactions reach it.
extension Simulation {
    func findBlock() {
        // What the last block led to has come to its end by now.
        checkBetweenBlocks()
        moveOn()
        guard phase != .done, violations.isEmpty else { return }
        decideHolds()
        world.mineBlock(now: now)
        noteChain()
        trace.note(
            .block, at: now, world.chain.tip.hash.hash.bytes,
            "block \(world.height), market at \(world.market.rate) sat/vB")
        for node in nodes where random.chance(40) {
            let estimates = world.market.estimates(&random)
            schedule(
                .input(node: node.index, life: node.life, .feeEstimates(estimates)),
                in: UInt64(random.number(in: 1...2_000)))
        }
        schedule(.block, in: phase == .active ? around(plan.blockInterval) : 20_000)
    }

    /// Tells every node of what changed, each in its own time.
    func noteChain() {
        var hasNewTip = false
        for notice in world.takeNotices() {
            switch notice {
            case .blockConnected: report.blocks += 1
            case .tipChanged: hasNewTip = true
            case .transactionAdded(let transaction, let id, _):
                trace.note(.mempool, at: now, id.hash.bytes, "takes \(id)")
                for node in nodes {
                    schedule(
                        .mempoolNews(node: node.index, life: node.life, transaction),
                        in: UInt64(random.magnitude(in: 20...4_000)))
                }
            case .transactionRemoved(let id, _):
                trace.note(.mempool, at: now, [0] + id.hash.bytes, "drops \(id)")
            case .blockDisconnected: break
            }
        }
        guard hasNewTip else { return }
        for node in nodes {
            // Mostly at once, sometimes blocks later.
            let delay =
                random.chance(90) || phase != .active
                ? random.magnitude(in: 20...4_000)
                : random.number(below: Int(plan.blockInterval) * 2)
            schedule(.chainNews(node: node.index, life: node.life), in: UInt64(delay))
        }
    }

    /// Brings a node to the tip of the best chain, as its chain worker does.
    func follow(_ node: SimulatedNode) {
        guard !node.isStalled else { return }
        guard !node.isBackendOut else {
            _ = fallBehind(node)
            return
        }
        if plan.doctoring == .deafNode, phase != .active, node.index == 0 { return }
        var hasMoved = !node.hasCaughtUp
        while true {
            guard let position = currentPosition(of: node) else { return }
            guard let step = nextMovement(of: node, from: position) else { break }
            if case .blocksConnected(let matches) = step, matches.count >= Self.runLength {
                guard fallBehind(node) else { return }
            }
            guard move(node, step) else { return }
            hasMoved = true
        }
        if hasMoved { reconcile(node) }
    }

    /// How many blocks a node is told of at once.
    private static let runLength = 20

    /// Tells a node that it does not know the present any more, unless it has been told; false where it takes nothing in.
    private func fallBehind(_ node: SimulatedNode) -> Bool {
        guard node.hasCaughtUp else { return true }
        node.hasCaughtUp = false
        node.workingSince = nil
        // What the node decided before it heard so goes out with the same batch.
        guard move(node, .behind) else { return false }
        node.isBlind = true
        return true
    }

    /// Where the node stands; nil where it crashes or stalls over the question.
    private func currentPosition(of node: SimulatedNode) -> FollowedPosition? {
        if let position = node.position, !node.isWatchStale { return position }
        return move(node, .positionWanted) ? node.position : nil
    }

    /// The next movement towards the best chain; nil where the node has arrived.
    private func nextMovement(
        of node: SimulatedNode, from position: FollowedPosition
    ) -> ChainInput? {
        let chain = world.chain
        let next = position.nextHeight
        if let tip = node.core?.wallet.tip, chain.blockHash(at: tip.height) != tip.hash {
            return .blockDisconnected(tip.hash)
        }
        guard next <= chain.tip.height else { return nil }
        var scanner = position.scanner
        var matches: [BlockMatch] = []
        var height = next
        while height <= chain.tip.height, matches.count < Self.runLength,
            let hash = chain.blockHash(at: height), let stored = chain.block(hash)
        {
            matches.append(scanner.scan(stored.block, at: height))
            height = height + 1
        }
        return .blocksConnected(matches)
    }

    /// Hands a node a movement and waits for its answer; false where none comes.
    private func move(_ node: SimulatedNode, _ input: ChainInput) -> Bool {
        let life = node.life
        let id = node.request(for: .chain)
        takeTurn(node, [.chain(id, input)])
        guard node.life == life, !node.isStalled else { return false }
        // The node had moved on since the blocks were scanned: it tells anew where it is.
        if node.position == nil { return move(node, .positionWanted) }
        return true
    }

    /// Tells a node which of its transactions the mempool has lost.
    private func reconcile(_ node: SimulatedNode) {
        guard let position = node.position else { return }
        let lost = position.unconfirmed.filter { world.chain.mempool[$0] == nil }
        if !lost.isEmpty { post(.transactionsEvicted(lost.sorted()), to: node) }
        if !position.unconfirmed.isEmpty { post(.rebroadcastDue, to: node) }
        if !node.hasCaughtUp {
            node.isBlind = false
            guard move(node, .caughtUp) else { return }
            node.hasCaughtUp = true
            node.workingSince = world.height
            post(.feeEstimates(world.market.estimates(&random)), to: node)
            for id in world.chain.mempool.entries.keys.sorted() {
                if let entry = world.chain.mempool[id] { show(entry.transaction, to: node) }
            }
        }
    }

    /// A node's backend shows it a transaction of the mempool.
    func show(_ transaction: Transaction, to node: SimulatedNode) {
        guard !node.isBackendOut, !node.isStalled else { return }
        guard let position = currentPosition(of: node) else { return }
        if position.scanner.isRelevant(transaction) {
            post(.transactionSeen(transaction), to: node)
        }
    }

    func offerSoon(_ transactions: [Transaction], of node: SimulatedNode) {
        let ids = transactions.map(\.id)
        trace.note(
            .release, at: now, node: node.index, [2] + ids.flatMap { $0.hash.bytes },
            "broadcasts \(ids)")
        for id in ids { ledger.note(publisher: node.index, of: id) }
        schedule(
            .offer(
                node: node.index, life: node.life, transactions,
                tip: node.core?.wallet.tip?.hash),
            in: UInt64(random.number(in: 1...400)))
    }

    /// A node's backend is asked to broadcast transactions, which it published when `tip` was the last block it knew.
    func offer(_ offered: [Transaction], of node: SimulatedNode, knowing tip: BlockHash?) {
        let transactions = plan.doctoring == .invalidTransaction ? offered.map(spoilt) : offered
        let outcome: BroadcastOutcome
        if node.isBackendOut {
            outcome = .unanswered(reason: "the backend is away")
        } else if let transaction = transactions.first, transactions.count == 1 {
            do throws(TransactionRejection) {
                try world.submit(transaction, now: now)
                outcome = .accepted
            } catch {
                outcome = .rejected(reason: error.reason)
                judge(error, of: transaction, by: node, knowing: tip)
            }
        } else if let failure = world.submit(package: transactions, now: now) {
            outcome = .rejected(reason: failure.reason)
            for culprit in failure.culprits {
                judge(culprit, of: transactions.last, by: node, knowing: tip)
            }
        } else {
            outcome = .accepted
        }
        noteChain()
        for transaction in transactions {
            schedule(
                .input(
                    node: node.index, life: node.life,
                    .broadcastAnswered(transaction.id, outcome)),
                in: UInt64(random.number(in: 1...300)))
        }
    }

    /// The transaction with a bit of a signature turned over, for the test of a checker.
    private func spoilt(_ transaction: Transaction) -> Transaction {
        var spoilt = transaction
        if let item = spoilt.inputs[0].witness.firstIndex(where: { $0.count > 60 }) {
            spoilt.inputs[0].witness[item][30] ^= 1
        }
        return spoilt
    }

    func restoreBackend(of node: SimulatedNode) {
        guard node.isBackendOut else { return }
        node.isBackendOut = false
        // Even a node that has noticed nothing may have missed something.
        node.hasCaughtUp = false
        node.workingSince = nil
        schedule(.chainNews(node: node.index, life: node.life), in: 100)
    }

    /// Ends a phase when its time has come.
    private func moveOn() {
        switch phase {
        case .active where world.height >= phaseEnd: beginSettling()
        case .settling: settleOn()
        case .closing: closeOn()
        case .active, .done: break
        }
    }
}
