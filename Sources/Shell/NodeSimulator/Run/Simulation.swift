import Bitcoin
import LightningNode
import RegtestChain

/// A network of real nodes in one process, under a clock, links, disks and a chain that a seed decides.
///
/// ```
///   queue ──> event ──> node's inbox ──> batch ──> disk ──> effects ──> links, chain ──> queue
/// ```
///
/// Used by one thread. The same plan gives the same run, event by event.
package final class Simulation {
    /// What was planned.
    package let plan: SimulationPlan
    var random: SimulationRandom
    var queue = EventQueue<SimulationEvent>()
    var now = VirtualTime.start
    var trace: Trace
    var world: WorldChain
    var nodes: [SimulatedNode] = []
    var links: [Link.Pair: Link] = [:]
    var report = SimulationReport()
    var violations: [Violation] = []
    var phase = Phase.active
    /// The height at which the present phase is over at the latest.
    var phaseEnd: BlockHeight
    var workload: Workload

    var ledger = Ledger()
    var forwards = ForwardWatch()
    /// The highest rate that the market has come to, in sat/vB.
    var highestRate = 1

    /// What a run goes through.
    enum Phase: String {
        /// Payments are made and faults happen.
        case active
        /// Faults are over; payments come to their ends.
        case settling
        /// Channels are closed, and all money comes back to the wallets.
        case closing
        /// Everything has come to its end.
        case done
    }

    /// Blocks within which all payments have ended once faults stop, and within which all channels are closed after that.
    static let settlementLimit: UInt32 = 400

    /// Makes the network of a plan and gives its nodes money.
    package init(_ plan: SimulationPlan) throws {
        self.plan = plan
        random = SimulationRandom(seed: plan.seed &* 0x9e37_79b9_7f4a_7c15 &+ 1)
        trace = Trace(keepingLines: plan.traceLines)
        world = WorldChain(restlessMarket: plan.hasRestlessMarket, random: random.fork())
        phaseEnd = world.height + UInt32(plan.activeBlocks)
        workload = Workload(random: random.fork())
        let dishonest = Set(0..<plan.nodeCount).sorted().shuffled(using: &random)
            .prefix(plan.adversaryCount)
        for index in 0..<plan.nodeCount {
            nodes.append(
                try SimulatedNode(
                    index: index, isHonest: !dishonest.contains(index), disk: plan.disks[index],
                    patience: plan.patience, random: random.fork()))
        }
        try fundNodes()
        planLinks()
        startClocks()
    }

    /// Runs to the end, to the first broken promise, or until `isWanted` says no.
    package func run(while isWanted: () -> Bool = { true }) -> SimulationOutcome {
        while phase != .done, violations.isEmpty, isWanted(), let (time, event) = queue.next() {
            now = time
            handle(event)
        }
        report.networks = 1
        report.events = trace.count
        for violation in violations {
            report.violations.append(
                SeededViolation(
                    seed: plan.seed, violation: violation, traceHash: trace.hash,
                    lastLines: trace.lastLines))
        }
        return SimulationOutcome(
            report: report, traceHash: trace.hash, lastLines: trace.lastLines)
    }

    /// Makes the network of a plan and runs it while `isWanted` says so; a world that cannot be made counts as a broken
    /// promise.
    package static func run(
        _ plan: SimulationPlan, while isWanted: () -> Bool = { true }
    ) -> SimulationOutcome {
        do {
            return try Simulation(plan).run(while: isWanted)
        } catch {
            var report = SimulationReport()
            report.networks = 1
            let violation = Violation(.recovery, "the network cannot be made: \(error)")
            report.violations = [
                SeededViolation(
                    seed: plan.seed, violation: violation, traceHash: .zero, lastLines: [])
            ]
            return SimulationOutcome(report: report, traceHash: .zero, lastLines: [])
        }
    }

    private func handle(_ event: SimulationEvent) {
        switch event {
        case .turn(let index, let life): node(index, life).map { takeTurn($0) }
        case .chainNews(let index, let life): node(index, life).map { follow($0) }
        case .mempoolNews(let index, let life, let transaction):
            node(index, life).map { show(transaction, to: $0) }
        case .offer(let index, let life, let transactions, let tip):
            node(index, life).map { offer(transactions, of: $0, knowing: tip) }
        case .input(let index, let life, let input): node(index, life).map { post(input, to: $0) }
        case .tick(let index, let life): node(index, life).map { tick($0) }
        case .delivery(let end, let generation, let bytes): deliver(bytes, to: end, generation)
        case .connect(let pair): connect(pair)
        case .connectionNoticed(let end, let generation): noticeEnd(of: end, generation)
        case .healed(let pair): heal(pair)
        case .block: findBlock()
        case .restart(let index): restart(nodes[index])
        case .diskFreed(let index): freeDisk(of: nodes[index])
        case .backendBack(let index): restoreBackend(of: nodes[index])
        case .fault(let kind): happen(kind)
        case .mischief(let index): misbehave(index)
        case .workload: work()
        }
    }

    /// The node, where its process has not ended since.
    private func node(_ index: Int, _ life: Int) -> SimulatedNode? {
        let node = nodes[index]
        return node.life == life && node.isRunning ? node : nil
    }

    /// Puts an event in `milliseconds` from now.
    func schedule(_ event: SimulationEvent, in milliseconds: UInt64) {
        queue.insert(event, at: now + milliseconds)
    }

    /// A stretch of time around a mean, in milliseconds.
    func around(_ mean: UInt64) -> UInt64 {
        max(1, mean * UInt64(random.number(in: 20...180)) / 100)
    }

    /// Takes note of a broken promise.
    func report(_ violation: Violation) {
        violations.append(violation)
        trace.note(.phase, at: now, "VIOLATION of \(violation.invariant): \(violation.message)")
    }
}

/// What came of a run.
package struct SimulationOutcome: Sendable {
    /// Its figures.
    package let report: SimulationReport
    /// The hash over everything that happened.
    package let traceHash: Hash256
    /// The last lines of its trace, oldest first; none unless they were kept.
    package let lastLines: [String]
}
