import Bitcoin
import LightningChannel
import LightningCommitment
import LightningNode
import LightningWire
@testable import NodeFixtures
import Testing

/// Asking the user about channels that peers want to open.
struct OfferTests {
    /// A node that asks, with one channel asked about; answers the opener's request too.
    private func asked(
        _ change: (inout ChannelOpening) -> Void = { _ in }
    ) throws -> (TestNetwork, ChannelOffer, RequestID) {
        var network = try TestNetwork.funded(2)
        try network.connect(0, 1)
        _ = try network.ask(1, .channel(.askAboutOffers(true)))
        var opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(500_000))
        change(&opening)
        let id = network.nodes[0].nextRequest()
        try network.take(
            [.request(id, .channel(.open([opening], feerate: FeeratePerKw(1_000))))], at: 0)
        try network.settle()
        #expect(network.nodes[0].answers[id] == nil)
        guard case .channel(.offered(let offer))? = network.nodes[1].news.last else {
            throw UnexpectedReply()
        }
        return (network, offer, id)
    }

    /// The channels about which whoever was asked was told that it is over.
    private static func ended(_ network: TestNetwork) -> [ChannelID] {
        network.nodes[1].news.compactMap { news in
            if case .channel(.offerEnded(let offer)) = news {
                offer.message.temporaryChannelID
            } else {
                nil
            }
        }
    }

    @Test("a channel that the user takes is opened")
    func accepted() throws {
        var (network, offer, id) = try asked()
        #expect(offer.peer == network.nodes[0].id)
        #expect(offer.message.fundingAmount == Satoshi(500_000))
        var terms = OfferTerms()
        terms.reserve = Satoshi(7_000)
        _ = try network.ask(
            1,
            .channel(
                .answerOffer(offer.message.temporaryChannelID, of: offer.peer, .accept(terms))))
        guard case .opened(let ids, _) = try #require(network.nodes[0].answers[id]).get() else {
            throw UnexpectedReply()
        }
        #expect(Self.ended(network) == [offer.message.temporaryChannelID])
        let details = try #require(try network.channel(0, ids[0]).details)
        #expect(details.parameters.remote.reserveOfOther == Satoshi(7_000))
    }

    @Test("a channel that the user trusts is used before it is mined")
    func trusted() throws {
        var (network, offer, id) = try asked {
            $0.isZeroConfirmation = true
            $0.isAnnounced = false
        }
        var terms = OfferTerms()
        terms.trustsZeroConfirmation = true
        _ = try network.ask(
            1,
            .channel(
                .answerOffer(offer.message.temporaryChannelID, of: offer.peer, .accept(terms))))
        guard case .opened(let ids, _) = try #require(network.nodes[0].answers[id]).get() else {
            throw UnexpectedReply()
        }
        #expect(try network.channel(1, ids[0]).state == .normal)
    }

    @Test("a channel that the user refuses is not opened, and the opener reads why")
    func refused() throws {
        var (network, offer, id) = try asked()
        _ = try network.ask(
            1,
            .channel(
                .answerOffer(
                    offer.message.temporaryChannelID, of: offer.peer, .refuse(reason: "too small")))
        )
        guard
            case .failure(.channel(.forgotten(.failed(.peerFailed(let text))))) = try #require(
                network.nodes[0].answers[id])
        else { throw UnexpectedReply() }
        #expect(String(decoding: text, as: UTF8.self) == "too small")
    }

    @Test(
        "a channel that nobody answers about is refused after a while, and answers are too late then"
    )
    func late() throws {
        var (network, offer, id) = try asked()
        network.now += 16
        try network.take([.tick], at: 1)
        try network.settle()
        #expect(network.nodes[0].answers[id] != nil)
        #expect(Self.ended(network) == [offer.message.temporaryChannelID])
        #expect(throws: (any Error).self) {
            try network.ask(
                1,
                .channel(
                    .answerOffer(
                        offer.message.temporaryChannelID, of: offer.peer, .accept(OfferTerms()))))
        }
    }

    @Test("a peer cannot wait with more channels than may be pending")
    func bounded() throws {
        var (network, _, _) = try asked()
        for _ in 0..<5 {
            let opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(30_000))
            let id = network.nodes[0].nextRequest()
            try network.take(
                [.request(id, .channel(.open([opening], feerate: FeeratePerKw(1_000))))], at: 0)
            try network.settle()
        }
        let offers = network.nodes[1].news.count { news in
            if case .channel(.offered) = news { true } else { false }
        }
        #expect(offers == 5)
    }

    @Test("what a peer wanted is forgotten with its connection")
    func gone() throws {
        var (network, offer, _) = try asked()
        try network.disconnect(0, 1)
        #expect(Self.ended(network) == [offer.message.temporaryChannelID])
        #expect(throws: (any Error).self) {
            try network.ask(
                1,
                .channel(
                    .answerOffer(
                        offer.message.temporaryChannelID, of: offer.peer, .accept(OfferTerms()))))
        }
    }
}
