import Bitcoin
import LightningChannel
import LightningGraph
import LightningNode
import LightningPayment
import LightningWire
@testable import NodeFixtures
import Testing

/// How channels and nodes become known to the network (BOLT 7).
struct AnnouncementTests {
    @Test("a public channel is announced by both sides, with the signatures of both")
    func announcement() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1)
        let name = try #require(try network.channel(0, id).names.last)
        var announcements: [ChannelAnnouncement] = []
        for index in 0..<2 {
            let report = try network.channel(index, id)
            #expect(report.announcement == .announced)
            let gossip = network.nodes[index].gossip
            let announcement = try #require(gossip.announcements.first)
            #expect(gossip.announcements.count == 1)
            #expect(announcement.shortChannelID == name)
            #expect(announcement.isSigned)
            announcements.append(announcement)
            let update = try #require(gossip.updates.last)
            #expect(update.shortChannelID == name)
            #expect(update.messageFlags == 1)
            #expect(update.channelFlags & 2 == 0)
            #expect(update.isSigned(by: network.nodes[index].id))
            let node = try #require(gossip.nodes.last)
            #expect(node.nodeID == NodeID(network.nodes[index].id))
        }
        #expect(announcements[0] == announcements[1])
        #expect(
            network.nodes[0].gossip.updates.last?.channelFlags
                != network.nodes[1].gossip.updates.last?.channelFlags)
    }

    @Test("nothing is announced before the funding is six blocks deep")
    func depth() throws {
        var network = try TestNetwork.funded(2)
        try network.connect(0, 1)
        let opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(1_000_000))
        _ = try network.ask(0, .channel(.open([opening], feerate: FeeratePerKw(1_000))))
        try network.mine(5)
        #expect(network.nodes.allSatisfy { $0.gossip.announcements.isEmpty })
        #expect(try network.channels(0).map(\.announcement) == [.waiting])
        // The peer has heard the terms by then.
        #expect(try network.channels(0)[0].peerTerms?.messageFlags == 3)
        try network.mine(1)
        #expect(network.nodes.allSatisfy { $0.gossip.announcements.count == 1 })
    }

    @Test(
        "of a private channel the network hears nothing, and the peer the terms under the alias that it gave"
    )
    func privateChannel() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1) { $0.isAnnounced = false }
        try network.mine(3)
        for index in 0..<2 {
            #expect(network.nodes[index].gossip.isEmpty)
            let report = try network.channel(index, id)
            #expect(report.announcement == .unannounced)
            let terms = try #require(report.peerTerms)
            #expect(terms.messageFlags == 3)
            #expect(report.names.first == terms.shortChannelID)
            #expect(terms == (try network.channel(1 - index, id).terms))
            #expect(terms.isSigned(by: network.nodes[1 - index].id))
        }
    }

    @Test(
        "signatures that were lost with the connection are exchanged after reconnecting",
        arguments: [0, 1])
    func lostSignatures(silent: Int) throws {
        var network = try TestNetwork.funded(2)
        try network.connect(0, 1)
        let opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(1_000_000))
        _ = try network.ask(0, .channel(.open([opening], feerate: FeeratePerKw(1_000))))
        try network.mine(5)
        network.mute = [silent]
        try network.mine(1)
        let id = try network.channels(0)[0].channelID
        // The silent one has both, the other one its own alone.
        #expect(try network.channel(silent, id).announcement == .announced)
        #expect(try network.channel(1 - silent, id).announcement == .waiting)
        network.mute = []
        try network.restart(silent)
        #expect(try network.channel(1 - silent, id).announcement == .announced)
        #expect(network.nodes[1 - silent].gossip.announcements.count == 1)
    }

    @Test("signatures of somebody else end the connection, and nothing is announced")
    func wrongSignatures() throws {
        var network = try TestNetwork.funded(2)
        try network.connect(0, 1)
        let opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(1_000_000))
        _ = try network.ask(0, .channel(.open([opening], feerate: FeeratePerKw(1_000))))
        try network.mine(5)
        let report = try network.channels(0)[0]
        let hash = SHA256.hash([1])
        let wrong = AnnouncementSignatures(
            channelID: report.channelID, shortChannelID: try #require(report.names.last),
            nodeSignature: WireSignature(network.nodes[1].keys.nodeKey.sign(hash)),
            bitcoinSignature: WireSignature(network.nodes[1].keys.nodeKey.sign(hash)))
        try network.inject(wrong.encoded, from: 1, to: 0)
        #expect(!network.isConnected(0, 1))
        try network.mine(1)
        #expect(network.nodes[0].gossip.announcements.isEmpty)
    }

    @Test("after a start the network is told again what it may have lost")
    func restart() throws {
        var network = try TestNetwork.funded(2)
        try network.open(0, 1)
        let before = network.nodes[0].gossip
        network.nodes[0].gossip = []
        try network.restart(0)
        let after = network.nodes[0].gossip
        #expect(after.announcements == before.announcements)
        #expect(after.updates == [try #require(before.updates.last)])
        #expect(after.nodes == [try #require(before.nodes.last)])
        #expect(network.nodes[0].localChannels.values.contains(NodeID(network.nodes[1].id)))
    }

    @Test("a channel whose funding a reorganisation moves is announced at its new place")
    func reorganisation() throws {
        var network = try TestNetwork.funded(2)
        try network.mine(2)
        let id = try network.open(0, 1)
        let old = try #require(try network.channel(0, id).names.last)
        try network.reorganise(8)
        try network.mine(1)
        let new = try #require(try network.channel(0, id).names.last)
        #expect(old != new)
        try network.mine(6)
        for index in 0..<2 {
            #expect(
                network.nodes[index].gossip.announcements.map(\.shortChannelID) == [old, new])
            #expect(network.nodes[index].gossip.updates.last?.shortChannelID == new)
        }
    }

    @Test("a channel is disabled once its peer is away for 20 minutes, and enabled when it is back")
    func away() throws {
        var network = try TestNetwork.funded(2)
        try network.open(0, 1)
        let first = try #require(network.nodes[0].gossip.updates.last)
        try network.disconnect(0, 1)
        network.now += 19 * 60
        try network.take([.tick], at: 0)
        #expect(network.nodes[0].gossip.updates.last == first)
        network.now += 60
        try network.take([.tick], at: 0)
        let second = try #require(network.nodes[0].gossip.updates.last)
        #expect(second.channelFlags & 2 == 2)
        #expect(second.timestamp > first.timestamp)
        // A start does not make it look as if the peer were back.
        network.nodes[0].gossip = []
        try network.restart(0)
        #expect(network.nodes[0].gossip.updates.last?.channelFlags == second.channelFlags)
        try network.connect(0, 1)
        let third = try #require(network.nodes[0].gossip.updates.last)
        #expect(third.channelFlags & 2 == 0)
        #expect(third.timestamp > second.timestamp)
    }

    @Test("what was told is told again before others forget it")
    func refresh() throws {
        var network = try TestNetwork.funded(2)
        try network.open(0, 1)
        let (update, node) = (
            try #require(network.nodes[0].gossip.updates.last),
            try #require(network.nodes[0].gossip.nodes.last)
        )
        network.now += 13 * 86_400
        try network.take([.tick], at: 0)
        let later = try #require(network.nodes[0].gossip.updates.last)
        #expect(later.timestamp == UInt32(network.now))
        #expect(later.feeBase == update.feeBase)
        let said = try #require(network.nodes[0].gossip.nodes.last)
        #expect(said.timestamp > node.timestamp)
        #expect(said.alias == node.alias)
    }

    @Test("a channel that closes is told to be disabled")
    func closing() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1)
        _ = try network.ask(0, .channel(.close(id, to: nil, feerate: nil)))
        for index in 0..<2 {
            #expect(network.nodes[index].gossip.updates.last.map { $0.channelFlags & 2 } == 2)
        }
    }

    @Test("new addresses of the node are announced")
    func addresses() throws {
        var network = try TestNetwork.funded(2)
        try network.open(0, 1)
        let before = try #require(network.nodes[0].gossip.nodes.last)
        let address = AddressDescriptor.ipv4(address: [127, 0, 0, 1], port: 9735)
        try network.take([.reachable([address])], at: 0)
        let after = try #require(network.nodes[0].gossip.nodes.last)
        #expect(try AddressDescriptor.list(decoding: after.addresses) == [address])
        #expect(after.timestamp > before.timestamp)
        // The same again is nothing new.
        let count = network.nodes[0].gossip.count
        try network.take([.reachable([address])], at: 0)
        #expect(network.nodes[0].gossip.count == count)
    }

    @Test("terms of a peer that are older, another's or impossible are not taken")
    func peerTerms() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1)
        let terms = try #require(try network.channel(0, id).peerTerms)
        for change: (inout ChannelUpdate) -> Void in [
            { $0.feeBase += 1 },
            { $0.timestamp -= 1 },
            {
                $0.timestamp += 1
                $0.channelFlags ^= 1
            },
            {
                $0.timestamp += 1
                $0.htlcMaximum = MilliSatoshi(1_000_000_001)
            },
            {
                $0.timestamp += 1
                $0.chainHash = BlockHash(.zero)
            },
            { $0.timestamp += 100_000 },
        ] {
            var update = terms
            change(&update)
            try network.take([.peerTerms(update)], at: 0)
            #expect(try network.channel(0, id).peerTerms == terms)
        }
        var update = terms
        update.timestamp += 1
        update.feeBase += 1
        try network.take([.peerTerms(update)], at: 0)
        #expect(try network.channel(0, id).peerTerms == update)
    }
}

extension [Message] {
    var announcements: [ChannelAnnouncement] {
        compactMap { if case .channelAnnouncement(let message) = $0 { message } else { nil } }
    }

    var updates: [ChannelUpdate] {
        compactMap { if case .channelUpdate(let message) = $0 { message } else { nil } }
    }

    var nodes: [NodeAnnouncement] {
        compactMap { if case .nodeAnnouncement(let message) = $0 { message } else { nil } }
    }
}

extension ChannelAnnouncement {
    /// Whether all four signatures hold.
    fileprivate var isSigned: Bool {
        let signed = [
            (nodeID1.point, nodeSignature1), (nodeID2.point, nodeSignature2),
            (bitcoinKey1, bitcoinSignature1), (bitcoinKey2, bitcoinSignature2),
        ]
        return signed.allSatisfy { key, signature in
            guard let key = try? key.publicKey(), let signature = try? signature.ecdsa() else {
                return false
            }
            return key.verify(signature, signedHash)
        }
    }
}

extension ChannelUpdate {
    fileprivate func isSigned(by key: PublicKey) -> Bool {
        guard let signature = try? signature.ecdsa() else { return false }
        return key.verify(signature, signedHash)
    }
}
