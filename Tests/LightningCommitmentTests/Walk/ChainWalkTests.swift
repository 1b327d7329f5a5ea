import Bitcoin
import CommitmentFixtures
import ChainBackend
import LightningCommitment
import LightningWire
import TestSupport
import Testing

/// Every transaction of a channel on a chain: each output of commitments and HTLC transactions is spent and mined along each
/// of its paths, at the first height that allows it, and refused before.
@Suite("Channels on a chain", .serialized) struct ChainWalkTests {
    @Test("every output is spent along every path in the embedded chain")
    func embedded() throws {
        try Self.run(WalkChain(EmbeddedChain()))
    }

    @Test(
        "every output is spent along every path at a real bitcoind",
        .enabled(if: BitcoindProcess.isAvailable, "\(BitcoindProcess.reason)"))
    func bitcoind() throws {
        let process = try BitcoindProcess(zmq: false)
        try Self.run(WalkChain(process))
    }

    private static func run(_ chain: WalkChain) throws {
        let kinds = CommitmentFormat.allCases.flatMap { format in
            TestChannel.Side.allCases.flatMap { owner in
                [false, true].map { (format: format, owner: owner, isRevoked: $0) }
            }
        }
        let closings = ClosingWalk.all
        let channels = try (0..<kinds.count + closings.count).map { index in
            try TestChannel(
                index < kinds.count ? kinds[index].format : .anchors, number: UInt32(index),
                // As after splices, of which each has funding keys of its own.
                funding: UInt32(index % 3))
        }
        let funding = try chain.fund(channels.map(\.funding.output))
        let funded = channels.enumerated().map { index, channel in
            channel.funded(at: OutPoint(funding.id, UInt32(index)))
        }
        let confirmed = try chain.height.value + 1
        let walks = try zip(kinds, funded).map { kind, channel in
            let published = try PublishedCommitment(
                channel, owner: kind.owner, number: kind.isRevoked ? 40 : 41,
                expiry: confirmed + 10)
            return ChannelWalk(published: published, isRevoked: kind.isRevoked, chain: chain)
        }

        for walk in walks {
            try walk.published.checkWeights()
            try walk.publish()
        }
        for (closing, channel) in zip(closings, funded.dropFirst(kinds.count)) {
            try chain.accept(closing.transaction(channel))
        }
        let steps = try walks.flatMap { try $0.steps(confirmedAt: confirmed) }
        try walk(steps, on: chain) { next in
            guard next == confirmed + 1 else { return }
            for walk in walks where !walk.isRevoked {
                try ChannelRefusals(published: walk.published, chain: chain).run()
            }
        }

        for walk in walks {
            let commitment = walk.published.commitment
            for index in commitment.outputs.indices {
                #expect(
                    try !chain.isUnspent(commitment.outPoint(index)),
                    "\(commitment.outputs[index].purpose)")
            }
        }
    }
}

/// The ways to close a channel together.
struct ClosingWalk {
    let terms: ClosingTerms

    static let all: [ClosingWalk] = {
        let (one, other) = (
            ClosingTests.side(0x44, 600_000_400), ClosingTests.side(0x55, 399_999_600)
        )
        let legacy = [nil, ClosingParty.accepter].map { eliminated in
            ClosingTerms.legacy(
                LegacyClosing(
                    opener: one, accepter: other, fee: Satoshi(900), dustLimit: Satoshi(354),
                    eliminated: eliminated))
        }
        let burnt = ClosingOutput(script: .nullData([7, 7, 7, 7, 7, 7]), amount: other.amount)
        let simple = ClosingVariant.allCases.flatMap { variant in
            [(one, other), (other, one), (one, burnt)].map { closer, closee in
                ClosingTerms.simple(
                    SimpleClosing(
                        closer: closer, closee: closee, fee: Satoshi(700), lockTime: LockTime(50),
                        variant: variant))
            }
        }
        return (legacy + simple).map(ClosingWalk.init)
    }()

    func transaction(_ channel: TestChannel) throws -> Transaction {
        try channel.signed(ClosingTransaction(channel.funding, terms))
    }
}
