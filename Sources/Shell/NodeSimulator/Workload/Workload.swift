import Bitcoin
import LightningNode
import LightningWallet

/// What users ask of the nodes, and what they were told.
struct Workload {
    var random: SimulationRandom
    private(set) var nextTask = 0
    var tasks: [Int: Task] = [:]

    /// Something that was asked for and not answered yet.
    enum Task {
        /// An address of a node that another is going to pay.
        case address(payer: Int, Satoshi)
        case payment
    }

    init(random: SimulationRandom) { self.random = random }

    mutating func begin(_ task: Task) -> Int {
        nextTask += 1
        tasks[nextTask] = task
        return nextTask
    }
}

extension Simulation {
    /// Lets a user ask something of a node.
    func work() {
        guard phase == .active else { return }
        schedule(.workload, in: around(plan.workloadInterval))
        payOnChain()
    }

    /// A node wants to pay another on the chain: the other makes an address first.
    private func payOnChain() {
        let payer = workload.random.number(below: nodes.count)
        let payee = workload.random.number(below: nodes.count)
        let amount = Satoshi(Int64(workload.random.magnitude(in: 1_000...2_000_000)))
        guard payer != payee, nodes[payee].isRunning else { return }
        let task = workload.begin(.address(payer: payer, amount))
        ask(nodes[payee], .books(.newAddress(.taproot, reuse: false)), for: task)
    }

    /// Hands a node a request of the workload's.
    func ask(_ node: SimulatedNode, _ request: NodeRequest, for task: Int) {
        post(.request(node.request(for: .task(task)), request), to: node)
    }

    /// Takes note of the answer to a request of the workload's.
    func noteTask(
        _ number: Int, _ result: Result<NodeReply, NodeFailure>, at node: SimulatedNode
    ) {
        switch workload.tasks.removeValue(forKey: number) {
        case .address(let payer, let amount):
            guard case .success(.address(let address, _)) = result, nodes[payer].isRunning
            else { return }
            let rate = FeeratePerKw(satoshiPerVirtualByte: UInt64(world.market.rate + 2))
            let request = SpendRequest(
                outputs: [TransactionOutput(amount: amount, scriptPubKey: address.script)],
                feeRate: rate ?? .minimumRelay)
            let task = workload.begin(.payment)
            ask(nodes[payer], .spend(.send(request, label: "")), for: task)
        case .payment, nil: break
        }
    }
}
