import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningOnChain
import LightningWire
import Testing

/// A peer that publishes a commitment which it has revoked, and fights for each output with HTLC transactions.
@Suite("A revoked commitment") struct RevokedTests {
    /// One way to cheat and to be caught.
    struct Way: CustomTestStringConvertible {
        var format: CommitmentFormat
        var cheat: TestChannel.Side
        /// Who gets into each block where both want the same output.
        var cheatIsFirst: Bool
        var isTogether: Bool
        /// The blocks for which the honest side leaves HTLCs alone, so that the cheat takes what it can.
        var lag: UInt32
        /// The blocks for which nothing is known of the HTLCs of the past.
        var loading: Int

        var testDescription: String {
            "\(format), by \(cheat)\(cheatIsFirst ? ", cheat first" : "")"
                + "\(isTogether ? ", together" : ""), lag \(lag), loading \(loading)"
        }

        static let all: [Way] = CommitmentFormat.allCases.flatMap { format in
            TestChannel.Side.allCases.flatMap { cheat in
                [(false, 0, 0), (true, 0, 0), (true, 14, 0), (true, 0, 3), (false, 14, 6)].flatMap {
                    cheatIsFirst, lag, loading in
                    [false, true].map {
                        Way(
                            format: format, cheat: cheat, cheatIsFirst: cheatIsFirst,
                            isTogether: $0, lag: lag, loading: loading)
                    }
                }
            }
        }
    }

    @Test("all of it goes to the honest side, whatever the cheat does", arguments: Way.all)
    func punished(way: Way) throws {
        let honest = way.cheat.other
        var scene = try ChainScene(SceneTerms(format: way.format), cheat: way.cheat)
        scene.order = way.cheatIsFirst ? [way.cheat, honest] : [honest, way.cheat]
        scene.loadsFormer = false
        for side in TestChannel.Side.allCases { scene[side].isTogether = way.isTogether }
        let first = scene.start + way.lag
        scene[honest].holdsBack = { claim, height in
            guard height <= first, case .output(let output) = claim.kind,
                case .revokedHTLC = output.path
            else { return false }
            return true
        }
        try scene[way.cheat].publish()
        for _ in 0...way.loading { try scene.mine() }
        scene.loadsFormer = true
        try scene.mineToTheEnd([honest])

        let commitment = try scene.commitment(way.cheat, .former)
        let everything = commitment.outputs.reduce(Satoshi.zero) {
            $1.purpose.isAnchor ? $0 : $0 + $1.output.amount
        }
        // What the cheat has of it went to miners: fees that HTLC transactions without anchors carry in themselves.
        let burnt = scene.gross(way.cheat) - scene.anchors(way.cheat)
        let most = way.format == .anchors ? Satoshi.zero : Satoshi(8 * 703)
        #expect(burnt >= .zero && burnt <= most)
        #expect(scene.gross(honest) - scene.anchors(honest) == everything - burnt)
        if way.cheatIsFirst && way.lag > 0 && way.format == .staticRemoteKey {
            #expect(burnt > .zero, "the cheat did not even try")
        }

        let summary = try #require(scene[honest].summary)
        #expect(summary.spend == .revoked(number: SceneVersion.former.number))
        for output in summary.outputs { #expect(output.end != .lost, "\(output.purpose)") }
        for htlc in scene.terms.htlcs where htlc.isOpen { checkNews(of: htlc, scene[honest]) }
    }

    /// Each HTLC that was open ends once, with the preimage where the cheat has shown it.
    private func checkNews(of htlc: SceneHTLC, _ honest: SceneParty) {
        let id = UInt64(htlc.id)
        let events = honest.events
        if htlc.offerer == honest.side {
            let fulfilled = events.count { $0 == .offeredFulfilled(id: id, htlc.preimage) }
            let failed = events.count { $0 == .offeredFailed(id: id) }
            #expect(fulfilled + failed == 1, "\(htlc)")
            if !htlc.isKnown { #expect(failed == 1) }
        } else {
            let ends = events.filter {
                if case .receivedEnded(id, _) = $0 { true } else { false }
            }
            #expect(ends.count == 1, "\(htlc)")
        }
    }

    @Test("a cheat that nobody stops keeps what it takes, and the books say so")
    func unpunished() throws {
        var scene = try ChainScene(SceneTerms(), cheat: .opener)
        let awake = scene.start + 40
        scene.accepter.holdsBack = { claim, height in claim.isPenalty && height < awake }
        try scene.opener.publish()
        try scene.mineToTheEnd()
        let commitment = try scene.commitment(.opener, .former)
        let lost = try #require(scene.accepter.summary).outputs.filter { $0.end == .lost }
        #expect(lost.contains { $0.purpose == .forfeitedBalance })
        // What is left for it are the HTLCs whose preimages the cheat has not got.
        var expected = try commitment.outputs[#require(commitment.index(of: .toRemote))].output
            .amount
        for htlc in scene.terms.htlcs(.former) where htlc.offerer == .accepter && !htlc.isKnown {
            if htlc.amount > 354 { expected += Satoshi(htlc.amount) }
        }
        #expect(scene.gross(.accepter) - scene.anchors(.accepter) == expected)
    }

    @Test(
        "what was spent before it was known how to take it is claimed after a reorganisation only")
    func lateKnowledge() throws {
        var scene = try ChainScene(SceneTerms(), cheat: .opener)
        scene.loadsFormer = false
        scene.accepter.holdsBack = { _, _ in true }
        try scene.opener.publish()
        for _ in 0..<3 { try scene.mine() }
        // The cheat has the preimage of an HTLC that was settled long ago.
        let commitment = try scene.commitment(.opener, .former)
        let old = try #require(
            commitment.outputs.firstIndex {
                if case .htlc(let htlc) = $0.purpose { htlc.id == 27 } else { false }
            })
        let claim = ClaimID(
            channel: scene.accepter.node.snapshot.keys, outPoint: commitment.outPoint(old))
        #expect(scene.chain.coins[claim.outPoint] == nil)
        for part in SceneParty.parts(scene.accepter.former) { try scene.accepter.receive(part) }
        #expect(scene.accepter.claims[claim] == nil)
        #expect(!scene.accepter.wantsFormer)
        scene.loadsFormer = true
        try scene.reorganise(2, blocks: [[], [], []])
        #expect(scene.accepter.claims[claim] != nil)
        try scene.mine()
        #expect(scene.chain.coins[claim.outPoint] == nil)
        #expect(scene.accepter.claims[claim] != nil, "now the publisher has seen the spend")
    }

    @Test("HTLCs with one script are told apart by their amounts")
    func oneScript() throws {
        var terms = SceneTerms()
        terms.htlcs = [
            SceneHTLC(id: 1, offerer: .accepter, amount: 50_000, expiry: 30, secret: 9),
            SceneHTLC(
                id: 2, offerer: .accepter, amount: 60_000, expiry: 30, versions: [.former],
                secret: 9),
        ]
        var scene = try ChainScene(terms, cheat: .opener)
        try scene.opener.publish()
        try scene.mineToTheEnd([.accepter])
        let outputs = try #require(scene.accepter.summary).outputs
        for htlc in terms.htlcs {
            let output = outputs.first { $0.purpose == .htlc(htlc.name(.accepter)) }
            #expect(output?.amount == Satoshi(htlc.amount))
        }
    }

    @Test("the past of one revoked commitment is not taken for that of another")
    func twoCommitments() throws {
        let terms = SceneTerms()
        let scene = try ChainScene(terms)
        let other = try scene.channel.commitment(
            .opener, number: 9, feerate: 1000,
            htlcs: [scene.channel.htlc(.offered, id: 50, MilliSatoshi(70_000_000), expiry: 300)])
        func past(_ commitment: UInt64) -> FormerHTLC {
            let id = commitment == 9 ? 50 : 27
            return FormerHTLC(
                name: HTLCName(commitment == 9 ? .received : .offered, UInt64(id)),
                paymentHash: TestChannel.preimage(id).paymentHash, cltvExpiry: BlockHeight(300),
                remoteCommitments: commitment..<commitment + 1)
        }
        var node = scene.accepter.node
        let first = ConfirmedTransaction(
            try scene.signed(.opener, .former), height: scene.start + 1, position: 1)
        _ = node.receive(.blockConnected(scene.start + 1, [first]))
        // The first half of the answer comes before the reorganisation, the second after it.
        _ = node.receive(.formerHTLCs([past(9)], isLast: false))
        _ = node.receive(.blockDisconnected(scene.start + 1))
        let second = ConfirmedTransaction(
            try scene.channel.signed(other, owner: .opener), height: scene.start + 1, position: 1)
        let step = node.receive(.blockConnected(scene.start + 1, [second]))
        #expect(step.events.contains(.loadFormerHTLCs(remoteCommitment: 9)))
        _ = node.receive(.formerHTLCs([past(7)], isLast: true))
        let output = try #require(other.outputs.firstIndex { $0.purpose.isHTLC })
        let claim = ClaimID(channel: node.snapshot.keys, outPoint: other.outPoint(output))
        #expect(node.claims[claim] == nil)
        _ = node.receive(.formerHTLCs([past(9)], isLast: false))
        _ = node.receive(.formerHTLCs([past(7)], isLast: true))
        #expect(node.claims[claim]?.isPenalty == true)
    }

    @Test("the order in which the past of a revoked commitment is read makes no difference")
    func readingOrder() throws {
        let terms = SceneTerms()
        let scene = try ChainScene(terms)
        let closing = ConfirmedTransaction(
            try scene.signed(.opener, .former), height: scene.start + 1, position: 1)
        let former = terms.former(.accepter, start: scene.start)
        #expect(former.count > 1)
        let records = [former, former.reversed()].map { past in
            var node = scene.accepter.node
            _ = node.receive(.blockConnected(scene.start + 1, [closing]))
            _ = node.receive(.formerHTLCs(past, isLast: true))
            return node.records
        }
        #expect(records[0] == records[1])
    }

    @Test("a start asks for the past of a revoked commitment once")
    func askedOnceByStart() throws {
        let terms = SceneTerms()
        let scene = try ChainScene(terms)
        var node = scene.accepter.node
        let closing = ConfirmedTransaction(
            try scene.signed(.opener, .former), height: scene.start + 1, position: 1)
        var writes = node.openingWrites
        writes += node.receive(.blockConnected(scene.start + 1, [closing])).writes
        var restarted = try OnChainChannel(
            node.snapshot, policy: terms.policy, tip: node.tip,
            records: { table in
                writes.filter { $0.table == table }.compactMap { write in
                    write.value.map { (key: write.key, value: $0) }
                }.suffix(table == .onChain ? 1 : .max)
            })
        let question = OnChainEvent.loadFormerHTLCs(remoteCommitment: SceneVersion.former.number)
        #expect(restarted.standing.contains(question))
        let step = restarted.receive(.blockConnected(scene.start + 2, []))
        #expect(!step.events.contains(question))
    }

    @Test("the penalties come in time for what the cheat can take")
    func deadlines() throws {
        var scene = try ChainScene(SceneTerms(), cheat: .opener)
        scene.accepter.holdsBack = { _, _ in true }
        try scene.opener.publish()
        try scene.mine()
        let height = scene.chain.tip.height
        let delay = UInt32(TestChannel.toSelfDelay(.opener))
        let penalties = scene.accepter.claims.values.filter(\.isPenalty)
        let commitment = try scene.commitment(.opener, .former)
        #expect(penalties.count == 1 + commitment.outputs.count { $0.purpose.isHTLC })
        for claim in penalties {
            #expect(claim.deadline == height + (delay - 1))
            #expect(claim.earliest <= height + 1)
        }
    }
}

extension CommitmentOutput.Purpose {
    var isAnchor: Bool { self == .localAnchor || self == .remoteAnchor }
}
