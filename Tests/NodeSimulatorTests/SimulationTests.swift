import NodeSimulator
import Testing

/// Whole networks.
struct SimulationTests {
    @Test(
        "a seed gives the same run twice, and another seed another", arguments: [UInt64(1), 2, 3])
    func replay(seed: UInt64) throws {
        let first = try Simulation(SimulationPlan(seed: seed)).run()
        let second = try Simulation(SimulationPlan(seed: seed)).run()
        #expect(first.traceHash == second.traceHash)
        #expect(first.report.violations.isEmpty, "\(first.report.violations)")
        let other = try Simulation(SimulationPlan(seed: seed + 100)).run()
        #expect(first.traceHash != other.traceHash)
    }
}
