import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningOnChain
import LightningWire
import RegtestChain
import Testing

/// Spends of the funding output other than a side's latest commitments, and what is seen before a block has it.
@Suite("Other spends of the funding output") struct OtherSpendTests {
    private static let mine = Script.payToWitnessScriptHash(of: Script([0x51]))
    private static let theirs = Script.payToWitnessScriptHash(of: Script([0x52]))

    private static func closing(_ scene: ChainScene) throws -> Transaction {
        try scene.channel.signed(
            ClosingTransaction(
                scene.channel.funding,
                .simple(
                    SimpleClosing(
                        closer: ClosingOutput(script: mine, amount: MilliSatoshi(700_000_000)),
                        closee: ClosingOutput(script: theirs, amount: MilliSatoshi(300_000_000)),
                        fee: Satoshi(500), lockTime: LockTime(9),
                        variant: .closerAndCloseeOutputs))))
    }

    @Test(
        "a mutual close is known by its identifier, or by where it pays", arguments: [false, true])
    func mutual(isRemembered: Bool) throws {
        var scene = try ChainScene(SceneTerms(htlcs: []))
        let closing = try Self.closing(scene)
        var snapshot = scene.opener.node.snapshot
        if isRemembered { snapshot.closings = [closing.id] }
        snapshot.closingScripts = .init(
            local: Self.mine, remote: isRemembered ? nil : Self.theirs)
        scene.opener.node = OnChainChannel(
            snapshot, policy: scene.terms.policy, tip: scene.start)
        try scene.mine([closing])
        #expect(scene.opener.node.fundingSpend == .mutual)
        #expect(scene.accepter.node.fundingSpend == .unknown(.foreign))
        try scene.mineToTheEnd([.opener])
        let summary = try #require(scene.opener.summary)
        #expect(summary.paidAtOnce == Satoshi(699_500))
        #expect(summary.taken == Satoshi(699_500))
        #expect(summary.closingFee == Satoshi(500))
        #expect(summary.outputs.isEmpty)
    }

    @Test(
        "of a commitment later than is remembered the balance is taken, and with the peer's point HTLCs too",
        arguments: CommitmentFormat.allCases, [false, true])
    func ahead(format: CommitmentFormat, hasPoint: Bool) throws {
        var scene = try ChainScene(SceneTerms(format: format))
        var snapshot = scene.accepter.node.snapshot
        snapshot.isOutdated = true
        // What came after the backup is not known.
        let remembered = Set(scene.terms.htlcs(.latest).map { UInt64($0.id) })
        snapshot.htlcs.removeAll { !remembered.contains($0.id) }
        if hasPoint {
            snapshot.pointOfReestablish = try scene.channel.opener.perCommitmentPoint(42)
        }
        scene.accepter.node = OnChainChannel(
            snapshot, policy: scene.terms.policy, tip: scene.start)
        scene.accepter.isTogether = true
        #expect(throws: OnChainError.outdated) {
            try scene.accepter.node.publish(scene.accepter.signer)
        }
        let later = try scene.commitment(.opener, .next)
        try scene.mine([scene.signed(.opener, .next)])
        #expect(scene.accepter.node.fundingSpend == .unknown(.remoteAhead(number: 42)))
        try scene.mineToTheEnd([.accepter])

        var expected = try later.outputs[#require(later.index(of: .toRemote))].output.amount
        // Of the HTLCs that are known from before, and only of those, the script can be built.
        for output in later.outputs where hasPoint {
            guard case .htlc(let htlc) = output.purpose,
                let known = scene.terms.htlcs.first(where: { $0.id == Int(htlc.id) }),
                known.versions.contains(.latest)
            else { continue }
            let isOurs = (known.offerer == .accepter) != known.isKnown
            if isOurs { expected += output.output.amount }
        }
        // Nobody else takes part: what the peer could take with its preimages comes back as well.
        let peers = scene.terms.htlcs(.next).filter {
            $0.offerer == .accepter && $0.isKnown && $0.versions.contains(.latest)
                && later.contains($0)
        }
        if hasPoint { for htlc in peers { expected += Satoshi(htlc.amount) } }
        #expect(scene.gross(.accepter) - scene.anchors(.accepter) == expected)
        for htlc in scene.terms.htlcs(.latest) where htlc.offerer == .accepter {
            #expect(scene.accepter.events.contains(.offeredFailed(id: UInt64(htlc.id))))
        }
    }

    @Test("this side's own revoked commitment and strangers' transactions are warned of")
    func warnings() throws {
        var scene = try ChainScene(SceneTerms())
        try scene.mine([scene.signed(.opener, .former)])
        #expect(
            scene.opener.node.fundingSpend
                == .unknown(.localRevoked(number: SceneVersion.former.number)))
        #expect(
            scene.accepter.node.fundingSpend == .revoked(number: SceneVersion.former.number))
    }

    @Test(
        "an HTLC that an unknown commitment may hold is given back only some time after its expiry")
    func patience() throws {
        var scene = try ChainScene(SceneTerms())
        let closing = try scene.signed(.opener, .former)
        let offered = scene.opener.node.snapshot.htlcs.filter { $0.direction == .offered }
        #expect(offered.count > 4)
        try scene.mine([closing])
        // Whatever spends it may show a preimage.
        for index in closing.outputs.indices {
            #expect(scene.opener.watched.contains(OutPoint(closing.id, UInt32(index))))
        }
        for _ in 0..<14 {
            #expect(scene.opener.summary == nil)
            try scene.mine([])
            let tip = scene.opener.node.tip
            for htlc in offered {
                let isPast = tip >= htlc.cltvExpiry + scene.terms.policy.safeDepth
                #expect(scene.opener.events.contains(.offeredFailed(id: htlc.id)) == isPast)
            }
        }
        #expect(scene.opener.summary != nil)
    }

    @Test(
        "an HTLC that an unknown commitment may hold is given back before what it forwards expires")
    func upstreamDeadline() throws {
        let htlc = SceneHTLC(id: 0, offerer: .opener, amount: 50_000, expiry: 40, upstream: 20)
        var scene = try ChainScene(SceneTerms(htlcs: [htlc]))
        try scene.mine([scene.signed(.opener, .former)])
        let policy = scene.terms.policy
        let last = scene.start + (20 - policy.grace - policy.reorganisation)
        while scene.opener.node.tip < last {
            #expect(!scene.opener.events.contains(.offeredFailed(id: 0)))
            try scene.mine([])
        }
        #expect(scene.opener.events.contains(.offeredFailed(id: 0)))
    }

    @Test(
        "the balance of a commitment that only a lost database remembers is taken after its delay",
        arguments: CommitmentFormat.allCases)
    func forgotten(format: CommitmentFormat) throws {
        var scene = try ChainScene(SceneTerms(format: format))
        let later = try scene.commitment(.opener, .next)
        try scene.mine([scene.signed(.opener, .next)])
        #expect(scene.opener.node.fundingSpend == .unknown(.localForgotten(number: 42)))
        #expect(scene.opener.claims.isEmpty)
        // The point of another commitment leads to nothing.
        try scene.opener.receive(
            .localPoint(commitment: 42, scene.channel.opener.perCommitmentPoint(43)))
        #expect(scene.opener.claims.isEmpty)
        try scene.opener.receive(
            .localPoint(commitment: 42, scene.channel.opener.perCommitmentPoint(42)))
        let toLocal = try #require(later.index(of: .toLocal))
        let claim = try #require(scene.opener.claims.values.first)
        #expect(claim.outPoint == later.outPoint(toLocal))
        #expect(
            claim.earliest
                == scene.chain.tip.height + UInt32(TestChannel.toSelfDelay(.opener)))
        try scene.mineToTheEnd([.opener])
        #expect(scene.gross(.opener) == later.outputs[toLocal].output.amount)
    }

    @Test("another commitment with the number of the latest one is not taken for it")
    func differs() throws {
        var scene = try ChainScene(SceneTerms())
        let other = try scene.channel.commitment(
            .opener, number: SceneVersion.latest.number, feerate: 500)
        try scene.mine([scene.channel.signed(other, owner: .opener)])
        #expect(
            scene.accepter.node.fundingSpend
                == .unknown(.remoteDiffers(number: SceneVersion.latest.number)))
        // Its balance is found all the same.
        try scene.mine()
        let toRemote = try #require(other.index(of: .toRemote))
        #expect(scene.gross(.accepter) == other.outputs[toRemote].output.amount)
    }

    @Test("a preimage is told from the mempool, once", arguments: CommitmentFormat.allCases)
    func mempool(format: CommitmentFormat) throws {
        var scene = try ChainScene(SceneTerms(format: format))
        scene.seesMempool = true
        // The accepter takes the opener's HTLC from its own commitment, in a block after that.
        try scene.accepter.publish()
        try scene.mine()
        try scene.publishClaims(of: .accepter)
        #expect(!scene.opener.events.contains { $0.isFulfilled })
        try scene.mine([])
        let told = scene.opener.events.filter(\.isFulfilled)
        #expect(told.contains(.offeredFulfilled(id: 1, TestChannel.preimage(1))))
        try scene.mineToTheEnd()
        let end = scene.opener.events.filter(\.isFulfilled)
        #expect(Set(end).count == end.count)
    }

    @Test("the peer's commitment in the mempool is helped along where an HTLC cannot wait")
    func help() throws {
        var scene = try ChainScene(SceneTerms())
        scene.seesMempool = true
        try scene.submit(scene.signed(.opener, .latest))
        try scene.mine([])
        let funding = ClaimID(
            channel: scene.accepter.node.snapshot.keys,
            outPoint: scene.channel.funding.outPoint)
        let claim = try #require(scene.accepter.claims[funding])
        guard case .commitment(let help) = claim.kind else {
            Issue.record("no commitment")
            return
        }
        #expect(help.transaction.id == (try scene.commitment(.opener, .latest).id))
        #expect(help.anchor != nil)
        // The first to expire of those that can be fulfilled, less half of the time for that.
        let expiry = scene.start + 9
        #expect(
            claim.deadline == expiry.saturatingSubtract(scene.terms.policy.fulfillmentTime / 2))
    }

    @Test("a preimage that is decided on later takes an HTLC that was left alone")
    func later() throws {
        var terms = SceneTerms()
        terms.htlcs = [SceneHTLC(id: 3, offerer: .opener, amount: 90_000, expiry: 30)]
        var scene = try ChainScene(terms)
        try scene.accepter.publish()
        for _ in 0..<5 { try scene.mine() }
        let before = scene.accepter.claims
        let wrong = OnChainInput.fulfill(id: 3, TestChannel.preimage(4))
        try scene.accepter.receive(wrong)
        #expect(scene.accepter.claims == before)
        try scene.accepter.receive(.fulfill(id: 3, TestChannel.preimage(3)))
        let claim = try #require(
            scene.accepter.claims.values.first { before[$0.id] == nil })
        #expect(claim.deadline == scene.start + 30)
        try scene.mineToTheEnd()
        #expect(scene.accepter.events.contains(.receivedEnded(id: 3, isOurs: true)))
        #expect(
            scene.opener.events.contains(.offeredFulfilled(id: 3, TestChannel.preimage(3))))
    }

    @Test("HTLCs of both sides with the same number are told apart, after a restart too")
    func sameNumber() throws {
        var terms = SceneTerms()
        terms.htlcs = TestChannel.Side.allCases.map { side in
            let isOpener = side == .opener
            return SceneHTLC(
                id: 0, offerer: side, amount: isOpener ? 50_000 : 60_000, expiry: 5,
                isKnown: isOpener, upstream: 50, secret: isOpener ? 1 : 2)
        }
        var scene = try ChainScene(terms)
        try scene.opener.publish()
        for _ in 0..<3 { try scene.mine() }
        #expect(scene.accepter.events.contains(.receivedEnded(id: 0, isOurs: true)) == false)
        let claim = try #require(
            scene.accepter.claims.values.first { $0.value == Satoshi(60_000) })
        #expect(claim.deadline == scene.start + 47)
        try scene.mineToTheEnd()
        #expect(scene.accepter.events.contains(.receivedEnded(id: 0, isOurs: true)))
        #expect(scene.accepter.events.contains(.offeredFailed(id: 0)))
    }

    @Test("one preimage settles every HTLC with its hash")
    func sharedHash() throws {
        var terms = SceneTerms()
        terms.htlcs = (0..<3).map {
            SceneHTLC(
                id: $0, offerer: .opener, amount: 50_000, expiry: 10 + UInt32($0),
                isKnown: true, secret: 5)
        }
        var scene = try ChainScene(terms)
        scene.accepter.isTogether = true
        try scene.opener.publish()
        try scene.mineToTheEnd()
        for id in 0..<UInt64(3) {
            #expect(
                scene.opener.events.contains(.offeredFulfilled(id: id, TestChannel.preimage(5))))
        }
    }
}

extension OnChainEvent {
    fileprivate var isFulfilled: Bool {
        if case .offeredFulfilled = self { true } else { false }
    }
}

extension CommitmentTransaction {
    fileprivate func contains(_ htlc: SceneHTLC) -> Bool {
        outputs.contains {
            if case .htlc(let other) = $0.purpose { Int(other.id) == htlc.id } else { false }
        }
    }
}
