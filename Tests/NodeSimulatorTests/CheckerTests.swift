import Bitcoin
import LightningChannel
import LightningWire
import NodeSimulator
import Testing

/// Each checker notices what it is for: a run that is spoilt on purpose, or the very data that it judges.
struct CheckerTests {
    /// The first broken promise of runs that are spoilt in one way.
    private func firstViolation(
        _ doctoring: Doctoring, seeds: Range<UInt64>,
        change: (inout SimulationPlan) -> Void = { _ in }
    ) -> Violation? {
        for seed in seeds {
            var plan = SimulationPlan.small(seed: seed)
            plan.doctoring = doctoring
            change(&plan)
            if let found = Simulation.run(plan).report.violations.first { return found.violation }
        }
        return nil
    }

    @Test("a run that nobody spoils keeps every promise")
    func honest() {
        for seed in UInt64(1)...3 {
            let report = Simulation.run(.small(seed: seed)).report
            #expect(report.violations.isEmpty, "\(report.violations)")
        }
    }

    @Test("conservation: a satoshi that is only in a wallet's books is found")
    func conservation() {
        #expect(firstViolation(.phantomCoin, seeds: 1..<3)?.invariant == .conservation)
        var books = ConservationChecker.Books()
        books.deposits = Satoshi(1_000)
        books.wallets = Satoshi(900)
        books.fees = Satoshi(99)
        #expect(ConservationChecker.check(books)?.invariant == .conservation)
        books.leftover = Satoshi(1)
        #expect(ConservationChecker.check(books) == nil)
    }

    @Test("no loss: money that goes where it was not meant to is missed")
    func loss() {
        #expect(firstViolation(.theft, seeds: 1..<6)?.invariant == .noLoss)
        var account = LossChecker.Account()
        account.start = 10_000
        account.end = 9_000
        account.costs = 999
        #expect(LossChecker.check(account)?.invariant == .noLoss)
        account.costs = 1_000
        #expect(LossChecker.check(account) == nil)
    }

    @Test("agreement: a millisatoshi that one end alone believes in is found")
    func agreement() {
        #expect(firstViolation(.driftingBalance, seeds: 1..<6)?.invariant == .agreement)
    }

    @Test("recovery: a record that is lost from a disk is missed after the next start")
    func recovery() {
        #expect(firstViolation(.lostRecord, seeds: 1..<8)?.invariant == .recovery)
    }

    @Test(
        "resolution: an HTLC past its deadline in an open channel is found, and one given back though it was paid out"
    )
    func resolution() {
        let key = HTLCKey(offerer: .local, id: 7)
        let expiry = BlockHeight(100)
        func check(_ key: HTLCKey, _ outcome: ChannelHTLC.Outcome?, _ tip: UInt32) -> Invariant? {
            ResolutionChecker.check(
                key, cltvExpiry: expiry, outcome: outcome, tip: BlockHeight(tip))?.invariant
        }
        #expect(check(key, nil, 100 + ResolutionChecker.grace) == nil)
        #expect(check(key, nil, 101 + ResolutionChecker.grace) == .resolution)
        let preimage = PaymentPreimage(.zero)
        let received = HTLCKey(offerer: .remote, id: 7)
        #expect(check(received, .fulfilled(preimage), 99) == nil)
        #expect(check(received, .fulfilled(preimage), 100) == .resolution)
        for doctoring in [Doctoring.forgedFailure, .earlierExpiry] {
            #expect(firstViolation(doctoring, seeds: 1..<12)?.invariant == .resolution)
        }
    }

    @Test("durability: effects that a broken disk let out too early are found")
    func durability() {
        let found = firstViolation(.brokenDisk, seeds: 1..<12) { plan in
            plan.faults = [.crashInBatch: 20_000]
        }
        #expect(found?.invariant == .durability)
    }

    @Test("validity: a transaction with a spoilt signature is found")
    func validity() {
        #expect(firstViolation(.invalidTransaction, seeds: 1..<4)?.invariant == .validity)
        #expect(ValidityChecker.judge(.nonFinal)?.invariant == .validity)
        #expect(ValidityChecker.judge(.missingInputs) == nil)
    }

    @Test("settlement: a node that never hears of another block is found")
    func settlement() {
        #expect(firstViolation(.deafNode, seeds: 1..<3)?.invariant == .settlement)
    }
}

extension SimulationPlan {
    /// A network of three honest nodes and few blocks, with the faults of the seed.
    static func small(seed: UInt64) -> SimulationPlan {
        var plan = SimulationPlan(seed: seed)
        plan.nodeCount = 3
        plan.adversaryCount = 0
        plan.activeBlocks = 30
        plan.workloadInterval = 4_000
        plan.blockInterval = 30_000
        plan.disks = [.memory, .memory, .sqlite]
        return plan
    }
}
