import Bitcoin
import CommitmentFixtures
import LightningCommitment
import TestSupport
import Testing

@testable import LightningOnChain

@Suite("publishing at random")
struct RandomPublishingTests {
    @Test(
        "whatever markets, miners, rivals and restarts do, no claim worth its fee is lost and no coin leaks",
        arguments: 0..<24)
    func random(seed: UInt64) throws {
        var play = try RandomPlay(seed: seed)
        for _ in 0..<40 { try play.step() }
        try play.settle()
        play.check()
    }
}

/// Three channels closed in different ways, and a world that does what it likes.
private struct RandomPlay {
    private var test: PublishedChain
    private var random: SeededGenerator
    /// This side's own commitment of the first channel, which the publisher has to get into a block.
    private let own: CommitmentTransaction
    private let ownHTLCs: [Claim.Kind]
    private let closing: ClaimID
    /// Claims that a rival may win by rights, as it can spend the output at any time.
    private var disputed: Set<ClaimID> = []
    /// All claims that were ever made.
    private var made: Set<ClaimID> = []
    private let expiry: UInt32

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        test = try PublishedChain(
            channels: 3, coins: seed % 3 == 0 ? [150_000] : [60_000, 80_000, 150_000, 400_000])
        expiry = test.height.value + 12
        let deadline = expiry + 40
        own = try test.commitment(
            0, feerate: 500, offered: [120_000, 90_000], received: [150_000, 100_000],
            expiry: expiry)
        ownHTLCs = try test.htlcClaims(own)
        test.restartsAlways = seed % 2 == 0
        test.estimate([1: 10, 6: 5, 144: 1])
        let theirs = try test.commitment(
            1, .accepter, offered: [100_000, 110_000], received: [120_000], expiry: expiry)
        let revoked = try test.commitment(
            2, .accepter, offered: [100_000], received: [130_000], expiry: expiry)
        try test.mineTheirs(theirs, 1)
        try test.mineTheirs(revoked, 2)
        try test.mine(exactly: [])
        closing = try test.claim(test.closing(own), value: 250_000, deadline: expiry)
        made = [closing]
        for output in test.outputClaims(theirs) {
            switch output.path {
            case .timeout:
                made.insert(
                    try test.claim(
                        .output(output), of: 1, earliest: BlockHeight(expiry + 1),
                        deadline: deadline))
            case .preimage:
                made.insert(try test.claim(.output(output), of: 1, deadline: deadline))
            default: made.insert(try test.claim(.output(output), of: 1))
            }
        }
        for output in try test.penalties(revoked, 2) {
            made.insert(try test.claim(.output(output), of: 2, deadline: deadline))
        }
        try test.run()
    }

    // MARK: The world

    mutating func step() throws {
        switch random.next() % 100 {
        case 0..<45: try mine()
        case 45..<60:
            let market = UInt32.random(in: 1...60, using: &random)
            test.marketRate = FeeratePerKw(market * 250)
        case 60..<75:
            let rate = UInt32.random(in: 1...40, using: &random)
            test.estimate([1: rate, 6: max(rate / 2, 1), 144: max(rate / 8, 1)])
            try test.run()
        case 75..<85: try rivals()
        case 85..<90: try reorganise()
        case 90..<95:
            try test.restart()
            try test.run()
        default:
            // The mempool forgets everything.
            test.now += 15 * 86_400
            test.tell(.rebroadcastDue)
            try test.run()
        }
        try follow()
    }

    private mutating func mine() throws {
        try test.mine()
        try follow()
    }

    /// What the resolution of the first channel would say: its HTLCs can be claimed while its commitment is mined.
    private mutating func follow() throws {
        let isMined = test.purse.spends[closing.outPoint] == own.id
        for kind in ownHTLCs {
            guard case .htlc(let htlc) = kind else { continue }
            let isOffered = htlc.preimage == nil
            let id = ClaimID(channel: closing.channel, outPoint: htlc.outPoint)
            let stands = test.publisher.claims[id] != nil
            if isMined, !stands {
                let earliest = isOffered ? BlockHeight(expiry + 1) : test.height + 1
                _ = try test.claim(
                    kind, earliest: max(earliest, test.height + 1), deadline: expiry + 40)
                made.insert(id)
                if isOffered { disputed.insert(id) }
            } else if !isMined, stands {
                test.tell(.withdraw(id))
            }
        }
        try test.run()
    }

    /// The other side takes an HTLC that this side offered, with the preimage, for any fee.
    private mutating func rivals() throws {
        guard let position = (0..<2).randomElement(using: &random),
            test.purse.spends[closing.outPoint] == own.id
        else { return }
        let claims = own.outputs.indices.compactMap { index -> ClaimableOutput? in
            guard case .htlc(let htlc) = own.outputs[index].purpose, htlc.direction == .offered
            else { return nil }
            return own.counterpartyClaim(index, preimage: TestChannel.preimage(Int(htlc.id)))
        }
        let fee = Satoshi(Int64.random(in: 300...40_000, using: &random))
        let claim = try ClaimTransaction(
            [claims[position]], to: .payToWitnessScriptHash(SHA256.hash([1])), fee: fee,
            height: BlockHeight(100), dustLimit: Satoshi(330))
        // Refused where it pays too little, or what it wants is gone.
        try? test.submit(try claim.signed(by: test.channels[0].accepter))
    }

    private mutating func reorganise() throws {
        let depth = UInt32.random(in: 1...4, using: &random)
        guard test.height.value > expiry - 12 + 4 + depth else { return }
        try test.reorganise(depth, empty: false)
        try follow()
        let market = test.marketRate
        test.marketRate = FeeratePerKw(0)
        for _ in 0...depth { try mine() }
        test.marketRate = market
    }

    // MARK: The end

    mutating func settle() throws {
        test.marketRate = FeeratePerKw(250)
        test.estimate([1: 3, 6: 2, 144: 1])
        try test.mine(until: expiry + 1)
        for _ in 0..<12 { try mine() }
    }

    mutating func check() {
        for id in made.sorted() {
            let isSpent = test.purse.spends[id.outPoint] != nil
            #expect(isSpent, "nobody took \(id)")
            #expect(test.isWon(id) || disputed.contains(id), "somebody else took \(id)")
        }
        for id in test.publisher.standingClaims.map(\.id) { test.tell(.withdraw(id)) }
        #expect(test.purse.held.isEmpty || !test.purse.handedOver.isEmpty)
        #expect(test.publisher.pending.isEmpty)
        #expect(test.publisher.publications.isEmpty && test.publisher.claims.isEmpty)
        for table in Publisher.tables {
            #expect((test.records[table] ?? [:]).isEmpty, "records of \(table) are left")
        }
    }
}
