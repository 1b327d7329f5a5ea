import Bitcoin
import LightningChannel
@testable import LightningNode
import LightningWire
@testable import NodeFixtures
import Testing

/// What peers may take of a node by opening channels that they never fund.
struct OpeningLimitTests {
    private func open(_ network: inout TestNetwork, _ opener: Int, _ accepter: Int) throws {
        let opening = ChannelOpening(
            peer: network.nodes[accepter].id, amount: Satoshi(100_000))
        _ = try network.ask(opener, .channel(.open([opening], feerate: FeeratePerKw(500))))
    }

    @Test(
        "only so many channels of all peers together wait to be mined, and they keep no coins back")
    func unmined() throws {
        var network = try TestNetwork.funded(4)
        network.nodes[1].node.policy.channels.unmined = 2
        for peer in [0, 2, 3] { try network.connect(peer, 1) }
        try open(&network, 0, 1)
        try open(&network, 2, 1)
        #expect(throws: NodeFailure.self) { try open(&network, 3, 1) }
        #expect(try network.channels(1).count == 2)
        #expect(network.nodes[1].node.reserve() == .zero)
        try network.mine(1)
        #expect(network.nodes[1].node.reserve() > .zero)
        try open(&network, 3, 1)
        #expect(try network.channels(1).count == 3)
    }

    @Test(
        "a peer that opens channels without end is refused for a while", arguments: [true, false])
    func rate(isOfOnePeer: Bool) throws {
        var network = try TestNetwork.funded(3)
        if isOfOnePeer {
            network.nodes[1].node.policy.channels.openingsPerPeer = 1
        } else {
            network.nodes[1].node.policy.channels.openingsInAll = 1
        }
        for peer in [0, 2] { try network.connect(peer, 1) }
        try open(&network, 0, 1)
        let keys = network.nodes[1].node.nextKeys
        #expect(throws: NodeFailure.self) { try open(&network, 0, 1) }
        #expect(network.nodes[1].node.nextKeys == keys)
        if isOfOnePeer {
            try open(&network, 2, 1)
        } else {
            #expect(throws: NodeFailure.self) { try open(&network, 2, 1) }
        }
        network.now += 600
        try open(&network, 0, 1)
    }
}
