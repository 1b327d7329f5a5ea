import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import TestSupport
import Testing

/// Closings with random balances, scripts, fees, losses of connection and memory.
@Suite("Random closings of a channel")
struct RandomClosingTests {
    @Test(
        "whatever happens meanwhile, both sides publish the same, and nobody pays for the other",
        arguments: 1...40)
    func simple(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var closing = try Self.pair(simple: true, &random)
        for _ in 0..<60 {
            let name: TestPair.Name = Bool.random(using: &random) ? .opener : .accepter
            do {
                switch Int.random(in: 0..<12, using: &random) {
                case 0..<3: try closing.start([name])
                case 3..<9: try closing.deliver(from: name)
                case 9: try closing.bump(name, .random(in: 253..<5000, using: &random))
                case 10:
                    try closing.bump(name, 1000, to: Self.scripts.randomElement(using: &random))
                default: try closing.reconnect(restarting: name)
                }
            } catch let error as ChannelError {
                try recover(&closing, error)
            }
        }
        // At rest everything is agreed.
        try closing.reconnect()
        try closing.deliverAll()
        try closing.start()
        try closing.deliverAll()
        let (mine, theirs) = (closing.published[.opener] ?? [], closing.published[.accepter] ?? [])
        #expect(!mine.isEmpty)
        #expect(Set(mine.suffix(2)).intersection(theirs.suffix(2)).count >= 1)
        for transaction in mine + theirs { try check(transaction, closing) }
    }

    /// What a node does about an error: a script that the other side does not know yet, a proposal that is not answered, or
    /// one that cannot be paid.
    private func recover(_ closing: inout ClosingPair, _ error: ChannelError) throws {
        switch error {
        case .closeeScriptOutdated, .closingSigWithoutProposal: try closing.reconnect()
        case .closingUnanswered, .notNegotiatingClose, .noClosingTransaction: break
        default: throw error
        }
    }

    /// One side gets all that it has, to the satoshi, or its output is dust or burnt; the other one pays.
    private func check(_ transaction: Transaction, _ closing: ClosingPair) throws {
        let settled = closing.pair.opener.commitments.fundings[0].settled
        let amounts = [settled.local.roundedDown, settled.remote.roundedDown]
        let whole = transaction.outputs.contains { amounts.contains($0.amount) }
        let isPoor = amounts.contains { $0 < Satoshi(354) }
        let isBurnt = transaction.outputs.contains { $0.scriptPubKey.isUnspendable }
        #expect(whole || isPoor || isBurnt)
        #expect(closing.fee(transaction) > .zero)
    }

    @Test("the older form ends in the same transaction, or in no agreement", arguments: 1...40)
    func legacy(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var closing = try Self.pair(simple: false, &random)
        let old: TestPair.Name? = [nil, .opener, .accepter].randomElement(using: &random) ?? nil
        closing.tamper = { name, message in
            guard name == old, case .closingSigned(var message) = message else { return message }
            message.tlvs.feeRange = nil
            return .closingSigned(message)
        }
        do {
            for _ in 0..<12 {
                switch Int.random(in: 0..<8, using: &random) {
                case 0: try closing.reconnect(restarting: .accepter)
                case 1, 2: try closing.start()
                default:
                    try closing.deliver(from: Bool.random(using: &random) ? .opener : .accepter)
                }
            }
            try closing.reconnect()
            try closing.deliverAll()
            try closing.start()
            try closing.deliverAll()
        } catch let error as ChannelError {
            switch error {
            case .closingFeesDisjoint, .closingFeeRefused, .closingFeeNotBetween,
                .closingOutputIsDust, .noClosingTransaction:
                return
            default: throw error
            }
        }
        let transaction = try #require(closing.published[.opener]?.last)
        #expect(closing.published[.accepter]?.last == transaction)
    }

    private static let scripts = [
        ClosingPair.witnessKeyHash(1), ClosingPair.witnessScriptHash(2), ClosingPair.taproot(3),
        Script([0x52, 2, 1, 2]), Script([0x60, 40] + [UInt8](repeating: 4, count: 40)),
    ]

    private static func pair(
        simple: Bool, _ random: inout SeededGenerator
    ) throws -> ClosingPair {
        var terms = TestTerms()
        terms.format = Bool.random(using: &random) ? .anchors : .staticRemoteKey
        let poor: UInt64 = .random(in: 0..<900_000, using: &random)
        terms.pushed = MilliSatoshi(
            [poor, 1_000_000_000 - poor, 400_000_123].randomElement(using: &random) ?? poor)
        func wishes() -> ClosingPair.Wishes {
            var script = scripts.randomElement(using: &random) ?? Script()
            if simple, Int.random(in: 0..<5, using: &random) == 0 { script = ClosingPair.burning }
            let low = UInt32.random(in: 253..<1500, using: &random)
            return ClosingPair.Wishes(
                script: script, feerate: .random(in: 253..<3000, using: &random),
                acceptable: low...(low + .random(in: 0..<3000, using: &random)))
        }
        return try ClosingPair(simple: simple, opener: wishes(), accepter: wishes(), terms)
    }
}
