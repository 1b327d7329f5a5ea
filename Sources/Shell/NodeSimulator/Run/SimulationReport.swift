import Bitcoin

/// What came of one run, or of several added up.
package struct SimulationReport: Sendable {
    /// How many networks were run.
    package var networks = 0
    /// How many things happened at nodes and in the world.
    package var events: UInt64 = 0
    /// Blocks that became part of the best chain.
    package var blocks = 0
    package var reorganisations = 0
    package var crashes = 0
    package var connectionsLost = 0
    package var channelsOpened = 0
    package var paymentsTried = 0
    package var paymentsSettled = 0
    package var closes: [String: Int] = [:]
    package var breachesPunished = 0
    package var breachesTried = 0
    /// What honest nodes have lost beyond fees and what they paid for.
    package var satoshisLost = Satoshi.zero
    package var violations: [SeededViolation] = []

    /// Nothing yet.
    package init() {}

    /// Adds another's figures.
    package mutating func add(_ other: SimulationReport) {
        networks += other.networks
        events += other.events
        blocks += other.blocks
        reorganisations += other.reorganisations
        crashes += other.crashes
        connectionsLost += other.connectionsLost
        channelsOpened += other.channelsOpened
        paymentsTried += other.paymentsTried
        paymentsSettled += other.paymentsSettled
        closes.merge(other.closes) { $0 + $1 }
        breachesPunished += other.breachesPunished
        breachesTried += other.breachesTried
        satoshisLost += other.satoshisLost
        violations += other.violations
    }
}

/// A broken promise with what replays it.
package struct SeededViolation: Sendable {
    /// The seed of the run.
    package let seed: UInt64
    /// What was broken.
    package let violation: Violation
    /// The trace's hash when it was noticed.
    package let traceHash: Hash256
    /// The last lines of the trace, oldest first; none unless they were kept.
    package let lastLines: [String]
}
