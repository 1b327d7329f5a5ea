import Bitcoin
import JSON
import LightningGraph
import LightningNode
import LightningWire
import NodeRuntime

/// Gossip that is false, about nothing, or too much.
extension SoakAttacks {
    func spamGossip() throws -> SoakRecord.Event {
        let (port, key) = (try victim.peerPort, try PublicKey(Hex.decode(victim.key)))
        let height = UInt32(try network.chain.height)
        let real = try victim.client.get("/v1/graph").list("edges").compactMap {
            UInt64($0.text("channel_id")).map { ShortChannelID($0) }
        }
        let mallory = network.attackers[0]
        let what = try Siege.run(4) { siege, number in
            guard number < 3 else { return try Self.flap(mallory, siege) }
            let stranger = try Stranger(port, key)
            let forger = try Forger(height: height, real: real)
            while !siege.isOver {
                let messages = (0..<20).map { _ in
                    switch number {
                    case 0: forger.falseAnnouncement()
                    case 1: forger.groundlessAnnouncement()
                    default: forger.falseUpdate()
                    }
                }
                try stranger.send(messages.map(\.encoded))
                siege.count(
                    ["false announcements", "announcements of nothing", "false updates"][number],
                    messages.count)
            }
        } meanwhile: {
            try network.pass(seconds * 0.95)
        }
        return .done(what)
    }

    /// Changes the terms of a node's channel again and again, each time in earnest.
    private static func flap(_ node: LocalNode, _ siege: Siege) throws {
        for base in ["0", "5000"] {
            _ = try node.client.post(
                "/v1/chanpolicy",
                [
                    "global": true, "base_fee_msat": .string(base),
                    "fee_rate_ppm": .integer(Int.random(in: 0...1_000)), "time_lock_delta": 80,
                ])
            siege.count("changes of terms")
            siege.rest(200)
        }
    }
}

/// Makes announcements and terms of channels that it has no part in.
private struct Forger {
    let height: UInt32
    /// Channels that the network knows.
    let real: [ShortChannelID]
    private let keys: [PrivateKey]

    init(height: UInt32, real: [ShortChannelID]) throws {
        self.height = height
        self.real = real
        keys = try (0..<4).map { _ in try Stranger.freshKey() }.sorted {
            NodeID($0.publicKey) < NodeID($1.publicKey)
        }
    }

    private var anywhere: ShortChannelID {
        ShortChannelID(
            height: BlockHeight(UInt32.random(in: 1...height)),
            transactionIndex: UInt32.random(in: 1...2_000),
            outputIndex: UInt16.random(in: 0...10)) ?? .blank
    }

    private func announcement() -> ChannelAnnouncement {
        ChannelAnnouncement(
            nodeSignature1: .blank, nodeSignature2: .blank, bitcoinSignature1: .blank,
            bitcoinSignature2: .blank, features: Features(),
            chainHash: Network.regtest.genesisHash, shortChannelID: anywhere,
            nodeID1: NodeID(keys[0].publicKey), nodeID2: NodeID(keys[1].publicKey),
            bitcoinKey1: Point(keys[2].publicKey), bitcoinKey2: Point(keys[3].publicKey),
            extensionBytes: [])
    }

    /// Signed by nobody.
    func falseAnnouncement() -> Message {
        var message = announcement()
        let signature = WireSignature(keys[0].sign(SystemEntropy.hash()))
        (message.nodeSignature1, message.nodeSignature2) = (signature, signature)
        (message.bitcoinSignature1, message.bitcoinSignature2) = (signature, signature)
        return .channelAnnouncement(message)
    }

    /// Signed as it has to be, about an output that is not there.
    func groundlessAnnouncement() -> Message {
        var message = announcement()
        let hash = message.signedHash
        message.nodeSignature1 = WireSignature(keys[0].sign(hash))
        message.nodeSignature2 = WireSignature(keys[1].sign(hash))
        message.bitcoinSignature1 = WireSignature(keys[2].sign(hash))
        message.bitcoinSignature2 = WireSignature(keys[3].sign(hash))
        return .channelAnnouncement(message)
    }

    /// New terms of a channel that is not ours, or is nowhere, on and off again.
    func falseUpdate() -> Message {
        let isReal = Bool.random()
        var message = ChannelUpdate(
            signature: .blank, chainHash: Network.regtest.genesisHash,
            shortChannelID: isReal ? real.randomElement() ?? anywhere : anywhere,
            timestamp: UInt32(clamping: WallClock.now.seconds), messageFlags: 1,
            channelFlags: UInt8.random(in: 0...3), cltvExpiryDelta: 40, htlcMinimum: .zero,
            feeBase: UInt32.random(in: 0...5_000), feeProportionalMillionths: 1,
            htlcMaximum: MilliSatoshi(5_000_000_000), extensionBytes: [])
        message.signature = WireSignature(keys[0].sign(message.signedHash))
        return .channelUpdate(message)
    }
}
