// Runs simulated networks, with a fault of the core switched on where `--mutation=NAME` says so.
//
//   MutationRunner FIRST-SEED COUNT [TRACE-LINES] [--mutation=NAME]
//
// Prints a line for each seed, and stops at the first broken promise with exit status 3 and its name in the last line.
import Bitcoin
import Glibc
import NodeSimulator

let words = CommandLine.arguments.dropFirst().filter { !$0.hasPrefix("--") }
guard words.count >= 2, let first = UInt64(words[0]), let count = UInt64(words[1]) else {
    print("usage: MutationRunner FIRST-SEED COUNT [TRACE-LINES] [--mutation=NAME]")
    exit(2)
}
for seed in first..<first + count {
    var plan = SimulationPlan(seed: seed)
    plan.traceLines = words.count > 2 ? Int(words[2]) ?? 0 : 0
    let outcome = Simulation.run(plan)
    let report = outcome.report
    print(
        "seed \(seed) nodes \(plan.nodeCount) events \(report.events) blocks \(report.blocks)"
            + " paid \(report.paymentsSettled)/\(report.paymentsTried) crashes \(report.crashes)"
            + " breaches \(report.breachesPunished)/\(report.breachesTried)"
            + " ends \(report.closes.sorted { $0.key < $1.key })"
            + " hash \("\(outcome.traceHash)".prefix(16))")
    for line in outcome.lastLines { print("  \(line)") }
    guard let found = report.violations.first else { continue }
    print("caught by \(found.violation.invariant): \(found.violation.message)")
    exit(3)
}
