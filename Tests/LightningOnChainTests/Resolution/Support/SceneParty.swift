import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningOnChain
import LightningWire
import RegtestChain
import Testing

/// A side of a scene: its machine, its disk, its wallet, and a publisher that does what it is told.
struct SceneParty {
    let side: TestChannel.Side
    let signer: InProcessSigner
    let policy: OnChainPolicy
    /// What it remembers of HTLCs that are settled.
    let former: [FormerHTLC]
    var node: OnChainChannel
    var shelf: [RecordTable: [[UInt8]: [UInt8]]] = [:]

    /// The claims that stand, as a publisher would have them.
    var claims: [ClaimID: Claim] = [:]
    var watched: Set<OutPoint> = []
    /// What the machine told, but for claims and what to watch.
    var events: [OnChainEvent] = []
    var summary: ClosingSummary?

    /// Coins for fees.
    var feeCoins: [OutPoint] = []
    /// What was paid for each transaction.
    var fees: [TransactionID: Satoshi] = [:]
    /// The anchors that went into its transactions.
    var anchors: [TransactionID: Satoshi] = [:]

    /// Whether it puts what it can into one transaction.
    var isTogether = false
    /// What it does not publish at a height, out of laziness or malice.
    var holdsBack: @Sendable (Claim, BlockHeight) -> Bool = { _, _ in false }

    init(
        _ terms: SceneTerms, _ side: TestChannel.Side, _ channel: TestChannel,
        start: BlockHeight, isCheat: Bool
    ) throws {
        self.side = side
        signer = channel.signer(side)
        policy = terms.policy
        former = terms.former(side, start: start)
        node = OnChainChannel(
            try terms.snapshot(side, channel, start: start, isCheat: isCheat),
            policy: terms.policy, tip: start)
        apply(node.openingWrites)
        note(node.standing)
    }

    /// An output that only this side spends, by convention.
    var witness: [[UInt8]] { [[side == .opener ? 0x51 : 0x52]] }
    var script: Script { .payToWitnessScriptHash(of: Script(witness[0])) }

    /// The HTLCs of the past are loaded in two parts, as from a large table.
    static func parts(_ former: [FormerHTLC]) -> [OnChainInput] {
        let middle = former.count / 2
        return [
            .formerHTLCs(Array(former[..<middle]), isLast: false),
            .formerHTLCs(Array(former[middle...]), isLast: true),
        ]
    }

    mutating func receive(_ input: OnChainInput) throws {
        carryOut(node.receive(input))
        if summary == nil { try checkRecords() }
    }

    mutating func publish() throws {
        carryOut(try node.publish(signer))
        try checkRecords()
    }

    private mutating func carryOut(_ step: OnChainStep) {
        apply(step.writes)
        note(step.events)
    }

    private mutating func apply(_ writes: [RecordWrite]) {
        for write in writes { shelf[write.table, default: [:]][write.key] = write.value }
    }

    private mutating func note(_ news: [OnChainEvent]) {
        for event in news {
            switch event {
            case .claim(let claim): claims[claim.id] = claim
            case .withdraw(let id): claims[id] = nil
            case .watch(let outPoints): watched.formUnion(outPoints)
            case .closed(let result):
                summary = result
                events.append(event)
            case .loadFormerHTLCs(let number):
                #expect(number == SceneVersion.former.number)
                events.append(event)
            case .fundingSpent, .fundingUnspent, .offeredFulfilled, .offeredFailed,
                .receivedEnded:
                events.append(event)
            }
        }
    }

    var isShelfEmpty: Bool { shelf.values.allSatisfy { $0.isEmpty } }

    /// Whether the machine asks for the past and has not got it.
    var wantsFormer: Bool {
        node.standing.contains {
            if case .loadFormerHTLCs = $0 { true } else { false }
        }
    }

    /// What a restart makes of the records is what is in memory, and hands the publisher the same claims.
    private func checkRecords() throws {
        var snapshot = node.snapshot
        // What an HTLC forwards may be settled, and forgotten where the snapshot is made.
        for index in snapshot.htlcs.indices { snapshot.htlcs[index].upstreamExpiry = nil }
        let restarted = try OnChainChannel(
            snapshot, policy: policy, tip: node.tip,
            records: { table in
                (shelf[table] ?? [:]).sorted { $0.key.lexicographicallyPrecedes($1.key) }
                    .map { (key: $0.key, value: $0.value) }
            })
        #expect(restarted.isEquivalent(to: node))
        for case .claim(let claim) in restarted.standing { #expect(claims[claim.id] == claim) }
    }
}

extension OnChainChannel {
    /// Whether the two want and know the same. What was watched before a reorganisation need not be the same.
    func isEquivalent(to other: OnChainChannel) -> Bool {
        func rest(_ channel: OnChainChannel) -> [OnChainEvent] {
            channel.standing.filter { if case .watch = $0 { false } else { true } }
        }
        return tip == other.tip && fundingSpend == other.fundingSpend
            && isPublishing == other.isPublishing && rest(self) == rest(other)
    }
}
