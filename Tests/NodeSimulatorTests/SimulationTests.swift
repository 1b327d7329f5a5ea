import NodeSimulator
import Synchronization
import TestSupport
import Testing
import Threads

/// Whole networks.
struct SimulationTests {
    @Test("a seed gives the same run twice, and another seed another", arguments: [UInt64(2), 6])
    func replay(seed: UInt64) {
        let first = Simulation.run(SimulationPlan(seed: seed))
        let second = Simulation.run(SimulationPlan(seed: seed))
        #expect(first.traceHash == second.traceHash)
        #expect(first.report.violations.isEmpty, "\(first.report.violations)")
        let other = Simulation.run(SimulationPlan(seed: seed + 100))
        #expect(first.traceHash != other.traceHash)
    }

    @Test(
        "networks whose payers look for routes themselves keep every promise",
        arguments: [UInt64(4), 7])
    func searches(seed: UInt64) {
        var plan = SimulationPlan(seed: seed)
        plan.searchedPayments = 70
        let report = Simulation.run(plan).report
        #expect(report.violations.isEmpty, "\(report.violations)")
    }

    /// 1772: a preimage comes when the node has given the connection up. 2296: a payer is gone for good, and its HTLC, which
    /// the payee has failed, stays until the channel is closed.
    @Test("networks that checkers have once blamed wrongly", arguments: [UInt64(1772), 2296])
    func blamed(seed: UInt64) {
        let report = Simulation.run(SimulationPlan(seed: seed)).report
        #expect(report.violations.isEmpty, "\(report.violations)")
    }

    @Test("networks with all faults on keep every promise")
    func many() {
        let count = PackageFiles.environment("SALAMA_SIMULATIONS").flatMap(UInt64.init) ?? 300
        let next = Atomic<UInt64>(1)
        let total = Mutex(SimulationReport())
        let threads = (0..<2).map { number in
            SystemThread("simulate-\(number)") {
                while true {
                    let seed = next.add(1, ordering: .relaxed).oldValue
                    guard seed <= count, total.withLock({ $0.violations.count }) < 3 else { return }
                    let report = Simulation.run(SimulationPlan(seed: seed)).report
                    total.withLock { $0.add(report) }
                }
            }
        }
        for thread in threads { thread.join() }
        let report = total.withLock { $0 }
        for found in report.violations {
            Issue.record(
                "seed \(found.seed): \(found.violation.invariant) is broken: \(found.violation.message)"
            )
        }
        #expect(report.networks == Int(count) || !report.violations.isEmpty)
        // A simulation in which nothing happens proves nothing.
        #expect(report.paymentsSettled > Int(count) * 4)
        #expect(report.crashes > Int(count))
        #expect(report.reorganisations > Int(count) / 4)
        #expect(report.breachesPunished > Int(count) / 60)
        #expect(report.closes.count >= 4, "\(report.closes)")
    }
}
