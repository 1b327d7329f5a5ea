import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import Testing

@Suite("Following fee rates")
struct FeeUpdateTests {
    private static func ready(
        _ format: CommitmentFormat, amount: Int64 = 1_000_000, pushed: UInt64 = 0
    ) throws -> ChannelPair {
        try ChannelPair.ready {
            $0.request.format = format
            $0.request.amount = Satoshi(amount)
            $0.request.pushed = MilliSatoshi(pushed)
        }
    }

    private static func feerate(_ side: ChannelSide) -> UInt32? {
        side.channel?.commitments?.feerate.value
    }

    @Test(
        "the opener follows a fee rate that moved much, and no other",
        arguments: CommitmentFormat.allCases,
        [(2500, 2500), (3000, 2500), (3001, 3001), (1667, 2500), (1666, 1666), (100, 253)])
    func follow(format: CommitmentFormat, rates: (target: UInt32, expected: UInt32)) throws {
        var pair = try Self.ready(format)
        for name in TestPair.Name.allCases {
            pair[name].context.feerates = ChannelFeerates(FeeratePerKw(rates.target))
        }
        try pair.settle()
        #expect(Self.feerate(pair.opener) == rates.expected)
        #expect(Self.feerate(pair.accepter) == rates.expected)
    }

    @Test("an opener that cannot pay for all of a rise pays for a part of it")
    func unaffordable() throws {
        var pair = try Self.ready(.anchors, amount: 100_000, pushed: 80_000_000)
        pair.opener.context.feerates = ChannelFeerates(FeeratePerKw(100_000))
        try pair.settle()
        let feerate = try #require(Self.feerate(pair.opener))
        #expect(feerate > 10_000 && feerate < 17_000)
        #expect(Self.feerate(pair.accepter) == feerate)
        #expect(pair.accepter.state == .normal)
    }

    @Test(
        "with anchors a fee rate far from the own is taken, without them refused and nothing lost")
    func disagree() throws {
        var anchored = try Self.ready(.anchors)
        anchored.accepter.context.feerates = ChannelFeerates(FeeratePerKw(100_000))
        anchored.opener.context.feerates = ChannelFeerates(FeeratePerKw(253))
        try anchored.settle()
        #expect(Self.feerate(anchored.accepter) == 253)

        var plain = try Self.ready(.staticRemoteKey)
        plain.accepter.context.feerates = ChannelFeerates(FeeratePerKw(100_000))
        plain.opener.context.feerates = ChannelFeerates(FeeratePerKw(253))
        plain.opener.receive(.flush)
        try plain.deliver(from: .opener)
        let refused = ChannelError.feerateOutOfRange(
            FeeratePerKw(25_000)...FeeratePerKw(1_000_000), actual: FeeratePerKw(253))
        #expect(plain.accepter.events.last == .failed(.channel(refused), .disconnect))
        #expect(plain.accepter.state == .normal)
    }

    @Test("an accepter changes no fee rate")
    func accepter() throws {
        var pair = try Self.ready(.anchors)
        pair.accepter.context.feerates = ChannelFeerates(FeeratePerKw(10_000))
        try pair.settle()
        #expect(Self.feerate(pair.accepter) == 2500)
    }
}
