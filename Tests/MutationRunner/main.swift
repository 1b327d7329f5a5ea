// Runs simulated networks with one fault of the core switched on, and prints what was noticed: one process per fault.
//
//   MutationRunner MUTATION|none FIRST-SEED COUNT
//
// Prints one line per seed, and stops at the first violation with exit status 3.
import Bitcoin
import Glibc
import NodeSimulator

let arguments = CommandLine.arguments
guard arguments.count >= 4, let first = UInt64(arguments[2]), let count = UInt64(arguments[3])
else {
    print("usage: MutationRunner MUTATION|none FIRST-SEED COUNT [verbose]")
    exit(2)
}
if arguments[1] != "none" {
    guard let mutation = Mutation(rawValue: arguments[1]), Mutation.isAvailable else {
        print("unknown mutation \(arguments[1])")
        exit(2)
    }
    mutation.activate()
}
for seed in first..<first + count {
    var plan = SimulationPlan(seed: seed)
    if arguments.count > 4 { plan.traceLines = Int(arguments[4]) ?? 60 }
    let outcome: SimulationOutcome
    do {
        outcome = try Simulation(plan).run()
    } catch {
        print("seed \(seed): \(error)")
        exit(4)
    }
    let report = outcome.report
    print(
        "seed \(seed) nodes \(plan.nodeCount) events \(report.events) blocks \(report.blocks)"
            + " paid \(report.paymentsSettled)/\(report.paymentsTried) crashes \(report.crashes)"
            + " hash \("\(outcome.traceHash)".prefix(16))")
    guard let found = report.violations.first else { continue }
    for line in found.lastLines { print("  \(line)") }
    print("caught by \(found.violation.invariant): \(found.violation.message)")
    exit(3)
}
