import Bitcoin
import ChainBackend
import LightningNode
import NodeRuntime
import NodeStorage
import Testing

/// Nodes that talk over real sockets.
struct PeerTests {
    @Test("two nodes connect, open a channel and pay each other over it")
    func story() throws {
        let alice = try NodeFixture()
        let bob = try NodeFixture(chain: alice.chain)
        try alice.fund()
        try alice.connect(to: bob)
        try eventually { try bob.isConnected(to: alice) }
        try alice.open(to: bob)
        let before = try alice.channelBalance()
        #expect(try alice.pay(100_000_000, to: bob))
        try eventually { try alice.channelBalance() == before - 100_000_000 }
        try eventually { try bob.channelBalance() == 100_000_000 }
        #expect(try bob.pay(30_000_000, to: alice))
        try eventually { try alice.channelBalance() == before - 70_000_000 }
        let report = try #require(alice.service.peers.reports.first)
        #expect(!report.isInbound && report.isKept)
        #expect(report.messagesSent > 5 && report.messagesReceived > 5)
        #expect(report.features.supports(.staticRemoteKey))
        #expect(try #require(bob.service.peers.reports.first).isInbound)
        alice.service.stop()
        bob.service.stop()
    }

    @Test("a node that comes back is connected again by the peer with a channel to it, and pays on")
    func restart() throws {
        let alice = try NodeFixture()
        let bob = try NodeFixture(chain: alice.chain)
        try alice.fund()
        try alice.connect(to: bob)
        try alice.open(to: bob)
        #expect(try alice.pay(50_000_000, to: bob))
        let endpoint = try bob.peerAddress.endpoint
        bob.service.stop()
        try eventually { alice.service.peers.reports.isEmpty }
        var settings = PeerSettings.local
        settings.listen = [endpoint]
        let again = try NodeFixture(chain: alice.chain, store: bob.store, peers: settings)
        try eventually { try again.isConnected(to: alice) }
        try eventually { try alice.channels().allSatisfy { $0.isConnected } }
        #expect(try alice.pay(50_000_000, to: again))
        // The way to the peer is durable.
        alice.service.stop()
        let alice2 = try NodeFixture(chain: alice.chain, store: alice.store)
        try eventually { try alice2.isConnected(to: again) }
        alice2.service.stop()
        again.service.stop()
    }
}
