import Bitcoin
import LightningCommitment
import Testing

@testable import LightningNode

@Suite("Watching outputs")
struct WatcherTests {
    private static let outPoint = OutPoint(TransactionID(SHA256.hash([1])), 0)

    private static func key(_ number: UInt8) throws -> PublicKey {
        try PrivateKey(SHA256.hash([number])).publicKey
    }

    private static func funding(_ number: UInt8) throws -> ChannelFunding {
        ChannelFunding(
            outPoint: outPoint, amount: Satoshi(100_000),
            script: FundingScript(try key(number), try key(100)))
    }

    @Test("a peer that claims another channel's funding takes nothing from that channel's watch")
    func claimed() throws {
        let (real, bogus) = (
            try #require(ChannelKeyNumber(3)), try #require(ChannelKeyNumber(4))
        )
        for order in [[real, bogus], [bogus, real]] {
            var watchers = Watchers()
            for number in order {
                let isNews = watchers.insert(try Self.funding(UInt8(number.value)), for: number)
                #expect(isNews)
            }
            #expect(watchers.channels(watching: Self.outPoint) == [real, bogus])
            watchers.remove(bogus)
            #expect(watchers.channels(watching: Self.outPoint) == [real])
            #expect(watchers.watch.contains(Self.outPoint))
            let script = try Self.funding(3).script.scriptPubKey
            #expect(watchers.channel(fundedBy: script) == real)
            watchers.remove(real)
            #expect(!watchers.watch.contains(Self.outPoint))
        }
    }

    @Test("what is watched already is not news")
    func twice() throws {
        let number = try #require(ChannelKeyNumber(3))
        var watchers = Watchers()
        let first = watchers.insert(try Self.funding(3), for: number)
        let second = watchers.insert(try Self.funding(3), for: number)
        let third = watchers.insert(Self.outPoint, for: number)
        #expect([first, second, third] == [true, false, false])
        #expect(watchers.channels(watching: Self.outPoint) == [number])
    }
}
