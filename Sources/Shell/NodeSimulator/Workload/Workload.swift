import Bitcoin
import LightningNode
import LightningPayment
import LightningWallet
import LightningWire

/// What users ask of the nodes, and what they were told.
struct Workload {
    var random: SimulationRandom
    private var nextTask = 0
    private var tasks: [Int: Task] = [:]
    /// The payments that their payees hold.
    var holds: [Hold] = []

    /// Something that was asked for and not answered yet.
    enum Task {
        /// An invoice to be paid along a path of nodes, whose last is the payee.
        case invoice(path: [Int], hold: Hold?)
        /// A payment on its way.
        case payment
        /// Anything of which the answer does not matter.
        case other
    }

    /// A payment that waits for its payee's word.
    struct Hold {
        let payee: Int
        let preimage: PaymentPreimage
        /// From this height on the payee decides.
        var decision: BlockHeight
        /// Whether the payee takes it.
        let isTaken: Bool
    }

    init(random: SimulationRandom) { self.random = random }

    mutating func begin(_ task: Task) -> Int {
        nextTask += 1
        tasks[nextTask] = task
        return nextTask
    }

    mutating func finish(_ number: Int) -> Task? { tasks.removeValue(forKey: number) }
}

extension Simulation {
    /// Lets a user ask something of a node.
    func work() {
        guard phase == .active else { return }
        schedule(.workload, in: around(plan.workloadInterval))
        switch workload.random.number(below: 100) {
        case ..<12: openChannel()
        case ..<80: pay(holding: false)
        case ..<90: pay(holding: true)
        case ..<93: closeChannel(alone: false)
        case ..<94: closeChannel(alone: true)
        case ..<97: spendOutside()
        default: stopAndStart()
        }
    }

    /// Hands a node a request of the workload's.
    func ask(_ node: SimulatedNode, _ request: NodeRequest, for task: Workload.Task = .other) {
        guard node.isRunning else { return }
        let number = workload.begin(task)
        post(.request(node.request(for: .task(number)), request), to: node)
    }

    /// Takes note of the answer to a request of the workload's.
    func noteTask(
        _ number: Int, _ result: Result<NodeReply, NodeFailure>, at node: SimulatedNode
    ) {
        guard case .invoice(let path, let hold)? = workload.finish(number),
            case .success(.invoice(let invoice, _)) = result
        else { return }
        pay(invoice, along: path, hold)
    }

    /// A node that runs, and that the workload may ask.
    func workingNode() -> SimulatedNode? {
        workload.random.element(of: nodes.filter { $0.isRunning && !$0.isOutlaw })
    }

    /// A node pays somebody outside of the network from its wallet.
    private func spendOutside() {
        guard let node = workingNode() else { return }
        let amount = Satoshi(Int64(workload.random.magnitude(in: 1_000...200_000)))
        let rate = FeeratePerKw(satoshiPerVirtualByte: UInt64(world.market.rate + 2))
        let output = TransactionOutput(amount: amount, scriptPubKey: node.outsideScript)
        let request = SpendRequest(outputs: [output], feeRate: rate ?? .minimumRelay)
        ask(node, .spend(.send(request, label: "")))
    }

    /// A node is stopped in order and started again.
    private func stopAndStart() {
        guard let node = workingNode(), !node.isStalled, !node.isTurnDue else { return }
        trace.note(.restart, at: now, node: node.index, "is stopped")
        end(node)
        node.disk.close()
        node.disk.crash(losingUnsynced: false)
        schedule(.restart(node: node.index), in: UInt64(random.magnitude(in: 10...10_000)))
    }
}
