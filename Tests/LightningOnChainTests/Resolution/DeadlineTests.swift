import Bitcoin
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
        #expect(policy.nextDeadline(htlcs) == BlockHeight(1002))
        #expect(policy.reasonToClose(htlcs, tip: BlockHeight(1001)) == nil)
        #expect(
            policy.reasonToClose(htlcs, tip: BlockHeight(1002))
                == .timeout(id: 7, cltvExpiry: BlockHeight(1000)))
    }

    @Test("a received HTLC whose preimage is known closes the channel in time before its expiry")
    func received() {
        let htlcs = [htlc(.received, hasPreimage: true)]
        #expect(policy.nextDeadline(htlcs) == BlockHeight(982))
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
        #expect(policy.nextDeadline(htlcs) == nil)
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
