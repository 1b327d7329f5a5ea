import Bitcoin
import LightningNode
import LightningWallet

/// How a run begins.
extension Simulation {
    /// Pays every node some coins, which are mined and known to it.
    func fundNodes() throws {
        var outputs: [TransactionOutput] = []
        for node in nodes {
            if plan.doctoring == .brokenDisk { node.disk.breakPromise() }
            for _ in 0..<random.number(in: 4...8) {
                let id = node.request(for: .funding)
                takeTurn(node, [.request(id, .books(.newAddress(.witness, reuse: false)))])
                guard let address = node.lastAddress else { throw SetupFailure() }
                let amount = Satoshi(Int64(random.magnitude(in: 2_000_000...50_000_000)))
                ledger.note(deposit: amount, of: node.index)
                outputs.append(
                    TransactionOutput(amount: amount, scriptPubKey: address.script))
            }
        }
        guard let transaction = world.faucetTransaction(paying: outputs) else {
            throw SetupFailure()
        }
        try world.submit(transaction, now: now)
        world.mineEverything(now: now)
        _ = world.takeNotices()
        for node in nodes { follow(node) }
    }

    /// Decides who wants to be connected with whom: all in one piece, with some more.
    func planLinks() {
        for index in 1..<nodes.count {
            links[Link.Pair(index, random.number(below: index))] = Link()
        }
        for _ in 0..<nodes.count / 2 {
            let pair = Link.Pair(
                random.number(below: nodes.count), random.number(below: nodes.count))
            if pair.low != pair.high, links[pair] == nil { links[pair] = Link() }
        }
    }

    func startClocks() {
        for pair in links.keys.sorted() { connectSoon(pair) }
        for node in nodes { startTicking(node) }
        for node in nodes where !node.isHonest {
            schedule(.mischief(node: node.index), in: around(plan.mischiefInterval))
        }
        schedule(.block, in: around(plan.blockInterval))
        schedule(.workload, in: around(plan.workloadInterval))
        for (kind, mean) in plan.faults.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            schedule(.fault(kind), in: around(mean))
        }
    }

    func startTicking(_ node: SimulatedNode) {
        schedule(.tick(node: node.index, life: node.life), in: around(10_000))
    }

    /// The world could not be made: its code is wrong.
    struct SetupFailure: Error {}
}
