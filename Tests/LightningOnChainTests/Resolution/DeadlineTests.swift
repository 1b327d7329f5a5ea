import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningOnChain
import LightningWire
import Testing

/// When HTLCs close a channel, and when one is failed back early.
@Suite("Deadlines of HTLCs") struct DeadlineTests {
    private let policy = OnChainPolicy()

    private func htlc(
        _ direction: HTLCDirection, expiry: UInt32 = 1000, hasPreimage: Bool = false
    ) -> OpenHTLC {
        let preimage = PaymentPreimage(SHA256.hash([1]))
        return OpenHTLC(
            direction: direction, id: 7, amount: MilliSatoshi(1000),
            paymentHash: preimage.paymentHash, cltvExpiry: BlockHeight(expiry),
            preimage: hasPreimage ? preimage : nil)
    }

    @Test("the policy is that of the specification")
    func figures() {
        #expect(policy.fulfillmentTime == 18)
        #expect(policy.cltvExpiryDelta == 34)
    }

    @Test("an offered HTLC closes the channel a grace period after its expiry")
    func offered() {
        let htlcs = [htlc(.offered)]
        #expect(policy.reasonToClose(htlcs, tip: BlockHeight(1001)) == nil)
        #expect(
            policy.reasonToClose(htlcs, tip: BlockHeight(1002))
                == .timeout(id: 7, cltvExpiry: BlockHeight(1000)))
    }

    @Test("a received HTLC whose preimage is known closes the channel in time before its expiry")
    func received() {
        let htlcs = [htlc(.received, hasPreimage: true)]
        #expect(policy.reasonToClose(htlcs, tip: BlockHeight(981)) == nil)
        #expect(
            policy.reasonToClose(htlcs, tip: BlockHeight(982))
                == .fulfillment(id: 7, cltvExpiry: BlockHeight(1000)))
        // At the very start of the chain there is no time left either.
        let early = [htlc(.received, expiry: 3, hasPreimage: true)]
        #expect(policy.reasonToClose(early, tip: BlockHeight(0)) != nil)
    }

    @Test("HTLCs at no risk close nothing")
    func harmless() {
        let htlcs = [htlc(.received), htlc(.offered, hasPreimage: true)]
        #expect(policy.reasonToClose(htlcs, tip: BlockHeight(5000)) == nil)
    }

    @Test("a stuck HTLC is failed back before the peer upstream closes, if that costs more")
    func earlyFailure() {
        func fails(_ amount: UInt64, tip: UInt32) -> Bool {
            policy.failsBackEarly(
                atStake: MilliSatoshi(amount), upstreamExpiry: BlockHeight(1000),
                closureCost: Satoshi(2_000), tip: BlockHeight(tip))
        }
        #expect(!fails(2_000_000, tip: 995))
        #expect(fails(2_000_000, tip: 996))
        #expect(!fails(2_000_001, tip: 996))
    }

    @Test("claims of forwarded HTLCs come in time for the peer upstream, others in their own time")
    func claims() throws {
        var terms = SceneTerms()
        terms.htlcs = [
            SceneHTLC(id: 0, offerer: .opener, amount: 50_000, expiry: 10, upstream: 60),
            SceneHTLC(id: 1, offerer: .opener, amount: 51_000, expiry: 12),
            SceneHTLC(id: 2, offerer: .accepter, amount: 52_000, expiry: 70, isKnown: true),
            SceneHTLC(id: 3, offerer: .accepter, amount: 53_000, expiry: 5),
        ]
        let policy = terms.policy
        for owner in TestChannel.Side.allCases {
            var scene = try ChainScene(terms)
            scene.opener.holdsBack = { _, _ in true }
            if owner == .opener {
                try scene.opener.publish()
                let claim = try #require(scene.opener.claims.values.first)
                // The commitment leaves time for what comes after it; the HTLCs that hurry are at stake.
                #expect(claim.deadline == scene.start + (60 - 3 - 12))
                #expect(claim.value == Satoshi(50_000 + 52_000))
            }
            try scene.mine([scene.signed(owner, .latest)])
            func claim(_ amount: Int64) throws -> Claim {
                try #require(scene.opener.claims.values.first { $0.value == Satoshi(amount) })
            }
            #expect(try claim(50_000).deadline == scene.start + 57)
            #expect(try claim(50_000).earliest == scene.start + 11)
            #expect(try claim(51_000).deadline == scene.start + (13 + policy.patience))
            #expect(try claim(52_000).deadline == scene.start + 70)
            #expect(try claim(52_000).earliest == scene.start + 2)
            #expect(!scene.opener.claims.values.contains { $0.value == Satoshi(53_000) })
        }
    }

    @Test("an HTLC that is stuck on the chain is named while its end is open")
    func stuck() throws {
        var terms = SceneTerms()
        terms.htlcs = [
            SceneHTLC(id: 0, offerer: .opener, amount: 5_000, expiry: 2, upstream: 10),
            SceneHTLC(id: 1, offerer: .opener, amount: 5_001, expiry: 2, upstream: 10),
            SceneHTLC(id: 2, offerer: .opener, amount: 4_000, expiry: 2),
            SceneHTLC(
                id: 3, offerer: .opener, amount: 4_000, expiry: 9, isKnown: true, upstream: 10),
        ]
        var scene = try ChainScene(terms)
        scene.opener.holdsBack = { claim, _ in if case .htlc = claim.kind { true } else { false } }
        try scene.opener.publish()
        func stuck() -> [UInt64] {
            scene.opener.node.stuckForwards { _ in Satoshi(5_000) }.map(\.id)
        }
        while scene.chain.tip.height < scene.start + 5 { try scene.mine() }
        #expect(stuck().isEmpty)
        try scene.mine()
        #expect(stuck() == [0])
        scene.opener.holdsBack = { _, _ in false }
        for _ in 0..<4 { try scene.mine() }
        #expect(stuck().isEmpty)
        #expect(scene.opener.events.contains(.offeredFailed(id: 0)))
    }

    @Test("the cost of a closure grows with fees and HTLCs", arguments: CommitmentFormat.allCases)
    func cost(format: CommitmentFormat) {
        let cheap = policy.closureCost(format, feerate: FeeratePerKw(253), htlcOutputs: 0)
        let dear = policy.closureCost(format, feerate: FeeratePerKw(2530), htlcOutputs: 0)
        let full = policy.closureCost(format, feerate: FeeratePerKw(253), htlcOutputs: 10)
        #expect(cheap > format.anchorsAmount)
        #expect(dear - format.anchorsAmount > cheap - format.anchorsAmount)
        // Ten HTLC outputs, ten transactions that spend them, ten inputs that sweep those.
        #expect((full - cheap).value > 253 * 10 * (172 + 703 + 300) / 1000)
    }
}
