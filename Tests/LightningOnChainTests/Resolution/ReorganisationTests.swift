import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningOnChain
import LightningWire
import RegtestChain
import TestSupport
import Testing

/// Blocks that go and others that come, with other transactions.
@Suite("Reorganisations") struct ReorganisationTests {
    @Test("another commitment may take the place of the one that was confirmed")
    func otherCommitment() throws {
        var scene = try ChainScene(SceneTerms())
        try scene.accepter.publish()
        try scene.mine([scene.signed(.opener, .latest)])
        #expect(scene.accepter.node.fundingSpend == .remote)
        let funding = scene.accepter.claims.values.first {
            $0.outPoint == scene.channel.funding.outPoint
        }
        #expect(funding != nil, "what is to be published stands until the spend is final")
        let claims = scene.accepter.claims.count

        try scene.reorganise(1, blocks: [[], []])
        #expect(scene.accepter.node.fundingSpend == nil)
        #expect(scene.accepter.events.contains(.fundingUnspent))
        #expect(scene.accepter.claims.count == 1)

        try scene.mine([scene.signed(.accepter, .latest)])
        #expect(scene.accepter.node.fundingSpend == .local)
        #expect(scene.accepter.claims.count > 1 && claims > 1)
        for claim in scene.accepter.claims.values
        where claim.outPoint != scene.channel.funding.outPoint {
            let id = try scene.commitment(.accepter, .latest).id
            #expect(claim.outPoint.transactionID == id)
        }
        try scene.mineToTheEnd()
    }

    @Test("nothing is told before it is deep enough, and then it stays told")
    func depth() throws {
        var terms = SceneTerms()
        terms.htlcs = [SceneHTLC(id: 0, offerer: .opener, amount: 50_000, expiry: 2)]
        var scene = try ChainScene(terms)
        scene.order = [.opener]
        try scene.opener.publish()
        let failed = OnChainEvent.offeredFailed(id: 0)
        let isTimedOut: (ChainScene) throws -> Bool = { scene in
            let commitment = try scene.commitment(.opener, .latest)
            let output = try #require(commitment.outputs.firstIndex { $0.purpose.isHTLC })
            return scene.chain.coins[commitment.outPoint(output)] == nil
                && scene.chain.blockHolding(commitment.id) != nil
        }
        while try !isTimedOut(scene) {
            try scene.mine()
            #expect(!scene.opener.events.contains(failed))
        }
        try scene.mine([])
        #expect(!scene.opener.events.contains(failed))
        // The third block would be deep enough; instead two are taken back, with the timeout.
        try scene.reorganise(2, blocks: [[], [], []])
        #expect(!scene.opener.events.contains(failed))
        try scene.mine()
        try scene.mine()
        #expect(!scene.opener.events.contains(failed))
        try scene.mine()
        #expect(scene.opener.events.contains(failed))
        try scene.reorganise(5, blocks: [[], [], [], [], [], []])
        try scene.mineToTheEnd([.opener])
        #expect(scene.opener.events.count { $0 == failed } == 1)
    }

    @Test("an HTLC that no valid commitment has an output for is failed at once, others are not")
    func trimmed() throws {
        var scene = try ChainScene(SceneTerms())
        func failed() -> Set<UInt64> {
            Set(
                scene.opener.events.compactMap {
                    if case .offeredFailed(let id) = $0 { id } else { nil }
                })
        }
        // The HTLC of 600 satoshi has an output in the opener's commitment, and none in the accepter's.
        try scene.accepter.publish()
        try scene.mine()
        let dust = scene.terms.htlcs.filter {
            $0.offerer == .opener && $0.isOpen
                && ($0.amount < 354 || !$0.versions.contains(.latest))
        }
        #expect(failed() == Set(dust.map { UInt64($0.id) }))
        try scene.mine()
        #expect(!failed().contains(4))
        try scene.mine()
        #expect(failed().contains(4))
    }

    @Test("random histories leave no side worse off", arguments: 0..<16)
    func random(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var terms = SceneTerms(format: seed % 2 == 0 ? .anchors : .staticRemoteKey)
        // Deeper than any reorganisation here.
        terms.policy = OnChainPolicy(safeDepth: 21, finalDepth: 25)
        let cheat: TestChannel.Side? =
            seed % 3 == 0 ? [.opener, .accepter][Int(seed / 3 % 2)] : nil
        var history = RandomHistory(
            scene: try ChainScene(terms, cheat: cheat), cheat: cheat)
        for _ in 0..<60 { try history.step(&random) }
        try history.end()
    }
}

/// A history of blocks with some of what waits, of reorganisations, and of sides that publish or do not.
struct RandomHistory {
    var scene: ChainScene
    let cheat: TestChannel.Side?

    mutating func step(_ random: inout SeededGenerator) throws {
        switch UInt8.random(in: 0..<12, using: &random) {
        case 0:
            let side = TestChannel.Side.allCases.randomElement(using: &random) ?? .opener
            // An honest side does not publish while the cheat does it.
            if cheat == nil || side == cheat { try scene[side].publish() }
        case 1:
            for side in TestChannel.Side.allCases {
                scene[side].isTogether = Bool.random(using: &random)
            }
            scene.order.shuffle(using: &random)
            scene.seesMempool.toggle()
        case 2...3:
            try reorganise(&random)
        case 4:
            try scene.mine([])
        default:
            // Whoever is cheated has to be awake; else nobody has to be quick.
            if let cheat { try scene.publishClaims(of: cheat.other) }
            for side in scene.order where Bool.random(using: &random) {
                try scene.publishClaims(of: side)
            }
            try scene.mine(scene.waiting(&random, all: cheat != nil))
        }
        try checkHistory()
    }

    private mutating func reorganise(_ random: inout SeededGenerator) throws {
        let possible = scene.chain.tip.height - scene.start
        guard possible > 0 else { return }
        let depth = UInt32.random(in: 1...UInt32(min(20, possible)), using: &random)
        try scene.reorganise(depth, blocks: Array(repeating: [], count: Int(depth) + 1))
    }

    /// The state is that of a machine that has seen only the best chain, whatever was before.
    private func checkHistory() throws {
        for side in TestChannel.Side.allCases {
            let node = scene[side].node
            guard scene[side].summary == nil else { continue }
            var fresh = OnChainChannel(
                node.snapshot, policy: scene.terms.policy, tip: scene.start)
            for height in scene.start.value + 1...max(node.tip.value, scene.start.value + 1)
            where height <= node.tip.value {
                let hash = try #require(scene.chain.blockHash(at: BlockHeight(height)))
                let block = try #require(scene.chain.block(hash)).block
                _ = fresh.receive(
                    .blockConnected(
                        BlockHeight(height),
                        block.transactions.enumerated().map {
                            ConfirmedTransaction(
                                $1, height: BlockHeight(height), position: UInt32($0))
                        }))
            }
            for part in SceneParty.parts(scene[side].former) { _ = fresh.receive(part) }
            #expect(fresh.fundingSpend == node.fundingSpend)
            // What is spent is claimed or not by when it was known how.
            let funding = node.snapshot.funding.outPoint
            let isOpen = { (id: ClaimID) in
                id.outPoint != funding && scene.chain.coins[id.outPoint] != nil
            }
            #expect(
                fresh.claims.filter { isOpen($0.key) } == node.claims.filter { isOpen($0.key) })
        }
    }

    /// Once nothing disturbs them both sides come to an end, with the money that is theirs.
    mutating func end() throws {
        let publisher = cheat ?? .opener
        try scene[publisher].publish()
        scene.order = [publisher.other, publisher]
        try scene.mineToTheEnd([publisher.other])
        let honest = publisher.other
        let summary = try #require(scene[honest].summary)
        #expect(summary.outputs.allSatisfy { $0.end != .lost || !$0.isOwed(cheat != nil) })
        let total = [TestChannel.Side.opener, .accepter].reduce(Satoshi.zero) {
            $0 + scene.gross($1)
        }
        #expect(total + summary.closingFee <= scene.channel.funding.amount)
        guard cheat == nil else {
            #expect(scene.gross(publisher) - scene.anchors(publisher) <= Satoshi(8 * 703))
            return
        }
        // What the other side has failed back, this side did not take.
        for htlc in scene.terms.htlcs where htlc.isOpen && htlc.offerer == honest {
            let id = UInt64(htlc.id)
            let events = scene[honest].events
            #expect(
                !events.contains(.offeredFailed(id: id))
                    || !summary.outputs.contains {
                        $0.purpose == .htlc(HTLCName(.offered, id)) && $0.end == .lost
                    })
        }
    }
}

extension ClosedOutput {
    /// Whether the output was this side's whatever the peer does in time.
    fileprivate func isOwed(_ isRevoked: Bool) -> Bool {
        switch purpose {
        case .balance: true
        case .forfeitedBalance, .secondStage: isRevoked
        case .anchor, .peersAnchor, .htlc, .unidentified: false
        }
    }
}

extension ChainScene {
    /// Some or all of the transactions that wait, parents before children.
    mutating func waiting(_ random: inout SeededGenerator, all: Bool) -> [Transaction] {
        let entries = chain.mempool.entries.values.sorted { $0.id < $1.id }
        var chosen: [TransactionID: Transaction] = [:]
        var order: [Transaction] = []
        for entry in entries where all || UInt8.random(in: 0..<4, using: &random) > 0 {
            let family = chain.mempool.ancestors(of: entry.id).sorted {
                chain.mempool.ancestors(of: $0).count < chain.mempool.ancestors(of: $1).count
            }
            for id in family + [entry.id] where chosen[id] == nil {
                guard let transaction = chain.mempool[id]?.transaction else { continue }
                chosen[id] = transaction
                order.append(transaction)
            }
        }
        return order
    }
}
