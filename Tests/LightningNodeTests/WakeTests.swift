import Bitcoin
import LightningChannel
@testable import LightningNode
import LightningWire
@testable import NodeFixtures
import Testing

/// What waits in a node's channels to be signed in company.
struct WakeTests {
    /// Two nodes with a channel, over which a payment was just made.
    private static func paid() throws -> TestNetwork {
        var network = try TestNetwork.funded(2)
        try network.open(0, 1)
        network.nodes[0].node.policy.channels.patience = SigningPatience()
        #expect(network.nodes[0].node.wakeTime == nil)
        #expect(try network.pay([0, 1], 50_000_000).hasSucceeded)
        #expect(network.nodes[0].node.wakeTime == network.now * 1_000 + 5)
        #expect(Self.held(network) == 1)
        return network
    }

    /// The HTLCs that the payee still has in its commitment.
    private static func held(_ network: TestNetwork) -> Int {
        network.nodes[1].node.allChannels.reduce(0) { $0 + ($1.commitments?.received.count ?? 0) }
    }

    @Test("a node signs without company once it has waited for it, though nothing comes in")
    func wakes() throws {
        var network = try Self.paid()
        try network.take([], at: 0)
        try network.settle()
        #expect(Self.held(network) == 1)
        network.now += 1
        try network.take([], at: 0)
        try network.settle()
        #expect(Self.held(network) == 0)
        #expect(network.nodes[0].node.wakeTime == nil)
    }

    @Test("a clock that is set back does not make a node wait longer")
    func clock() throws {
        var network = try Self.paid()
        network.now -= 3_600
        try network.take([], at: 0)
        try network.settle()
        #expect(Self.held(network) == 0)
        #expect(network.nodes[0].node.wakeTime == nil)
    }

    @Test("a node that loses its peer has nothing to wake up for, and signs after it is back")
    func disconnected() throws {
        var network = try Self.paid()
        try network.disconnect(0, 1)
        #expect(network.nodes[0].node.wakeTime == nil)
        try network.connect(0, 1)
        network.now += 1
        try network.take([], at: 0)
        try network.settle()
        #expect(Self.held(network) == 0)
    }
}
