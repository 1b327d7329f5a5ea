import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningWire
import Testing

@testable import LightningOnChain

@Suite("rules of publishing")
struct PublishingRuleTests {
    private func ramp(
        blocksLeft: UInt32?, estimates: [UInt32: UInt32]? = [1: 1_000, 6: 500, 144: 300]
    ) -> FeerateRamp {
        FeerateRamp(
            policy: PublisherPolicy(),
            estimates: estimates.map {
                FeeEstimates(byTarget: $0.mapValues { FeeratePerKw($0) })
            }, tip: BlockHeight(1_000), deadline: blocksLeft.map { BlockHeight(1_000 + $0) })
    }

    private func offer(_ rate: UInt32, at height: UInt32, round: UInt32 = 1, refused: Bool = false)
        -> Offer
    {
        Offer(
            fee: Satoshi(100), rate: FeeratePerKw(rate), height: BlockHeight(height), round: round,
            isRefused: refused)
    }

    @Test("the first rate is the estimate for half of the blocks that are left")
    func estimate() {
        #expect(ramp(blocksLeft: 2).next(after: nil) == FeeratePerKw(1_000))
        #expect(ramp(blocksLeft: 12).next(after: nil) == FeeratePerKw(500))
        #expect(ramp(blocksLeft: 300).next(after: nil) == FeeratePerKw(300))
        #expect(ramp(blocksLeft: nil).next(after: nil) == FeeratePerKw(300))
        #expect(ramp(blocksLeft: 12, estimates: nil).next(after: nil) == FeeratePerKw(2_500))
    }

    @Test("near the deadline each block raises the rate, and not twice")
    func urgent() {
        #expect(ramp(blocksLeft: 18).next(after: offer(1_000, at: 999)) == FeeratePerKw(1_251))
        #expect(ramp(blocksLeft: 5).next(after: offer(1_000, at: 999)) == FeeratePerKw(1_501))
        #expect(ramp(blocksLeft: 3).next(after: offer(1_000, at: 999)) == FeeratePerKw(2_001))
        #expect(ramp(blocksLeft: 0).next(after: offer(1_000, at: 999)) == FeeratePerKw(2_001))
        #expect(ramp(blocksLeft: 3).next(after: offer(1_000, at: 1_000)) == nil)
        #expect(ramp(blocksLeft: 19).next(after: offer(1_000, at: 999)) == nil)
    }

    @Test("with time, only a market that rises by a quarter raises the rate, and no guess does")
    func patient() {
        #expect(ramp(blocksLeft: 24).next(after: offer(401, at: 999)) == nil)
        #expect(ramp(blocksLeft: 24).next(after: offer(400, at: 1_000)) == FeeratePerKw(500))
        #expect(ramp(blocksLeft: nil).next(after: offer(200, at: 995)) == nil)
        #expect(ramp(blocksLeft: nil).next(after: offer(200, at: 994)) == FeeratePerKw(300))
        #expect(ramp(blocksLeft: 24, estimates: nil).next(after: offer(253, at: 999)) == nil)
    }

    @Test(
        "a refused offer is raised a few times for each block, with time not far above the market")
    func refused() {
        let urgent = ramp(blocksLeft: 10)
        #expect(urgent.next(after: offer(9_000, at: 1_000, refused: true)) == FeeratePerKw(11_251))
        #expect(urgent.next(after: offer(9_000, at: 1_000, round: 4, refused: true)) == nil)
        let patient = ramp(blocksLeft: nil)
        #expect(patient.next(after: offer(1_100, at: 1_000, refused: true)) == FeeratePerKw(1_201))
        #expect(patient.next(after: offer(1_201, at: 999, refused: true)) == nil)
    }

    @Test("shares are of the value, and a penalty's rises at the end")
    func shares() throws {
        let test = try PublishedChain()
        let policy = PublisherPolicy()
        let theirs = try test.commitment(0, .accepter, received: [30_000])
        let penalty = try #require(
            test.penalties(theirs).first { $0.output.amount < Satoshi(40_000) })
        let key = try #require(ChannelKeyNumber(0))
        let claim = Claim(
            channel: key, kind: .output(penalty), value: Satoshi(30_000), earliest: BlockHeight(1),
            deadline: BlockHeight(100))
        #expect(policy.feeLimit(of: claim, tip: BlockHeight(82)) == Satoshi(15_600))
        #expect(policy.feeLimit(of: claim, tip: BlockHeight(81)) == Satoshi(15_000))
        #expect(policy.feeLimit(of: claim, tip: BlockHeight(99)) == Satoshi(27_000))
        #expect(policy.feeLimit(of: claim, tip: BlockHeight(200)) == Satoshi(27_000))
        let ours = Claim(
            channel: key, kind: try test.closing(test.commitment()), value: .maximumMoney,
            earliest: BlockHeight(1), deadline: nil)
        #expect(policy.feeLimit(of: ours, tip: BlockHeight(1)) == Satoshi(525_000_000_000_000))
    }

    @Test("the reserve is for each channel, up to ten")
    func reserve() {
        let policy = PublisherPolicy()
        #expect(policy.requiredReserve(anchorChannels: 0) == .zero)
        #expect(policy.requiredReserve(anchorChannels: 3) == Satoshi(30_000))
        #expect(policy.requiredReserve(anchorChannels: 500) == Satoshi(100_000))
    }

    @Test("Bitcoin Core's words are understood")
    func refusals() {
        #expect(BroadcastRefusal(reason: "mempool min fee not met, 1 < 2") == .feeTooLow)
        #expect(
            BroadcastRefusal(reason: "package RBF failed: insufficient anti-DoS fees") == .outbid)
        #expect(BroadcastRefusal(reason: "insufficient fee, rejecting replacement") == .outbid)
        #expect(BroadcastRefusal(reason: "bad-txns-inputs-missingorspent") == .inputsSpent)
        #expect(BroadcastRefusal(reason: "non-BIP68-final") == .notFinal)
        #expect(BroadcastRefusal(reason: "scriptpubkey") == .other("scriptpubkey"))
    }

    @Test("coins are few, small, and leave room; those in use stay")
    func coins() throws {
        func coin(_ amount: Int64, _ index: UInt32, inUse: Bool = false) -> FeeCoin {
            FeeCoin(
                outPoint: OutPoint(TransactionID(.zero), index),
                output: TransactionOutput(amount: Satoshi(amount), scriptPubKey: Script()),
                inputWeight: Weight(272), isInUse: inUse)
        }
        func choice(_ coins: [FeeCoin], limit: Int64 = 100_000) throws -> [UInt32] {
            try FeeCoinChoice(
                coins: coins, frame: Weight(1_000), surplus: .zero, dust: Satoshi(330),
                bounds: FeeBounds(
                    rate: FeeratePerKw(1_000), minimum: FeeratePerKw(253), limit: Satoshi(limit),
                    replaced: nil, incrementalRate: FeeratePerKw(250), parent: nil)
            ).choose().coins.map(\.outPoint.index)
        }
        #expect(try choice([coin(90_000, 0), coin(9_000, 1), coin(2_000, 2)]) == [1])
        #expect(try choice([coin(2_000, 0), coin(1_000, 1)]) == [0])
        #expect(try choice([coin(900, 0), coin(1_000, 1), coin(1_100, 2)]) == [2, 0])
        #expect(try choice([coin(50_000, 0), coin(5_000, 1, inUse: true)]) == [1])
        #expect(throws: CompositionFailure.self) { try choice([coin(100, 0), coin(900, 1)]) }
        #expect(throws: CompositionFailure.self) { try choice([coin(50_000, 0)], limit: 200) }
    }

    @Test("a record that cannot be read is named")
    func damaged() {
        let record = RecordWrite(.publisherTransaction, key: [0, 0, 0, 1], value: [1, 2, 3])
        let error = #expect(throws: PublisherRecordError.self) {
            try Publisher(records: [record], claims: [Claim](), tip: BlockHeight(1))
        }
        #expect(error?.table == .publisherTransaction && error?.key == [0, 0, 0, 1])
    }
}
