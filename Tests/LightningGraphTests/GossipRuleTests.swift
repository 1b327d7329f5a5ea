import Bitcoin
import LightningGraph
import LightningWire
import Testing

/// One rule of BOLT 7 and what it makes of a message.
struct GossipRule: CustomTestStringConvertible, Sendable {
    /// The specification's words.
    let quote: String
    /// Sets the scene and sends the message.
    let act: @Sendable (inout GossipWorld) -> Void
    /// What has to hold then.
    let holds: @Sendable (GossipWorld) -> Bool

    var testDescription: String { quote }

    init(
        _ quote: String, _ act: @escaping @Sendable (inout GossipWorld) -> Void,
        _ holds: @escaping @Sendable (GossipWorld) -> Bool
    ) {
        self.quote = quote
        self.act = act
        self.holds = holds
    }
}

struct GossipRuleTests {
    @Test("rules of channel_announcement", arguments: GossipRule.channels)
    func channels(_ rule: GossipRule) {
        var world = GossipWorld()
        rule.act(&world)
        #expect(rule.holds(world))
    }

    @Test("rules of channel_update", arguments: GossipRule.updates)
    func updates(_ rule: GossipRule) {
        var world = GossipWorld()
        rule.act(&world)
        #expect(rule.holds(world))
    }

    @Test("rules of node_announcement", arguments: GossipRule.nodes)
    func nodes(_ rule: GossipRule) {
        var world = GossipWorld()
        rule.act(&world)
        #expect(rule.holds(world))
    }
}

private let channel = TrueChannel(1)

private func announce(
    _ world: inout GossipWorld, change: (inout ChannelAnnouncement) -> Void = { _ in },
    damage: (inout ChannelAnnouncement) -> Void = { _ in }
) {
    world.outputs[channel.id] = channel.output
    world.receive(
        .channelAnnouncement(channel.announcement(change: change, damage: damage)))
}

extension GossipRule {
    static let channels: [GossipRule] = [
        GossipRule("SHOULD store this `channel_announcement`") {
            announce(&$0)
        } _: {
            $0.believes(channel) && $0.records.count == 1 && $0.warnings.isEmpty
        },
        GossipRule(
            "if the specified `chain_hash` is unknown to the receiver: MUST ignore the message"
        ) {
            announce(&$0) { $0.chainHash = BlockHash(.zero) }
        } _: {
            !$0.believes(channel) && $0.checked == 0
        },
        GossipRule("`node_id_1` is the lexicographically-lesser of the two compressed keys") {
            announce(&$0) { swap(&$0.nodeID1, &$0.nodeID2) }
        } _: {
            !$0.believes(channel) && $0.checked == 0 && $0.warnings.count == 1
        },
        GossipRule(
            "if the `short_channel_id`'s output does NOT have at least 6 confirmations: SHOULD ignore"
        ) {
            announce(&$0) { $0.shortChannelID = TrueChannel(1, height: 997).id }
        } _: {
            $0.machine.graph.channelCount == 0 && $0.checked == 0
        },
        GossipRule("MAY accept the message if the output is close to 6 confirmations") {
            let near = TrueChannel(1, height: 996)
            $0.believe(near, updates: false)
        } _: {
            $0.machine.graph.channelCount == 1
        },
        GossipRule("OR the output is spent: MUST ignore the message") {
            $0.outputs[channel.id] = .missing
            $0.receive(.channelAnnouncement(channel.announcement()))
            $0.receive(.channelAnnouncement(channel.announcement()))
        } _: {
            !$0.believes(channel) && $0.asked == 1 && $0.warnings.isEmpty
        },
        GossipRule("using `bitcoin_key_1` and `bitcoin_key_2`") {
            $0.outputs[channel.id] = TrueChannel(1).output
            var other = channel
            other.fundings = [TrueChannel.key(101), TrueChannel.key(103)]
            $0.receive(.channelAnnouncement(other.announcement()))
        } _: {
            !$0.believes(channel) && $0.warnings.count == 1
        },
        GossipRule("a chain that does not answer proves nothing, and the channel may come again") {
            $0.outputs[channel.id] = .unanswered
            $0.receive(.channelAnnouncement(channel.announcement()))
            announce(&$0)
        } _: {
            $0.believes(channel) && $0.asked == 2
        },
        GossipRule(
            "if `node_signature_1` is invalid: SHOULD send a `warning`. MUST ignore the message"
        ) {
            announce(&$0, damage: { $0.nodeSignature1 = $0.nodeSignature2 })
        } _: {
            !$0.believes(channel) && $0.warnings.count == 1 && $0.asked == 0
        },
        GossipRule("if `node_signature_2` is invalid") {
            announce(&$0, damage: { $0.nodeSignature2 = $0.nodeSignature1 })
        } _: {
            !$0.believes(channel) && $0.warnings.count == 1
        },
        GossipRule("if `bitcoin_signature_1` is invalid") {
            announce(&$0, damage: { $0.bitcoinSignature1 = $0.nodeSignature1 })
        } _: {
            !$0.believes(channel) && $0.warnings.count == 1
        },
        GossipRule("if `bitcoin_signature_2` is invalid") {
            announce(&$0, damage: { $0.bitcoinSignature2 = .blank })
        } _: {
            !$0.believes(channel) && $0.warnings.count == 1
        },
        GossipRule(
            "hashes the rest of the message, including any future fields appended to the end"
        ) {
            announce(&$0) { $0.extensionBytes = [1, 2, 3] }
        } _: {
            $0.believes(channel)
        },
        GossipRule("what is appended after signing is refused") {
            announce(&$0, damage: { $0.extensionBytes = [1] })
        } _: {
            !$0.believes(channel)
        },
        GossipRule(
            "if there is an unknown even bit in the `features` field: MUST NOT attempt to route"
        ) {
            announce(&$0) { $0.features = Features(bits: [200]) }
        } _: {
            $0.machine.graph.channel(channel.id).map($0.machine.graph.isRoutable) == false
        },
        GossipRule("an unknown odd bit is no hindrance") {
            announce(&$0) { $0.features = Features(bits: [201]) }
        } _: {
            $0.machine.graph.channel(channel.id).map($0.machine.graph.isRoutable) == true
        },
        GossipRule("the same announcement again is not checked again") {
            announce(&$0)
            announce(&$0)
        } _: {
            $0.checked == 4
        },
        GossipRule(
            "for a different `node_id_1` or `node_id_2`: SHOULD blacklist AND forget any channels connected to them"
        ) {
            $0.believe(channel)
            $0.believe(TrueChannel(5, 1, 9))
            var other = TrueChannel(1, 3, 4)
            other.id = channel.id
            $0.receive(.channelAnnouncement(other.announcement()))
            $0.receive(.channelAnnouncement(TrueChannel(6, 3, 8).announcement()))
        } _: {
            $0.machine.graph.channelCount == 0 && $0.removed.count == 2 && $0.records.isEmpty
                && $0.asked == 3
        },
        GossipRule(
            "who has not the keys of the funding output harms nobody with another announcement"
        ) {
            $0.believe(channel)
            var other = TrueChannel(1, 3, 4)
            other.id = channel.id
            other.fundings = [103, 104].map(TrueChannel.key)
            $0.receive(.channelAnnouncement(other.announcement()))
            $0.believe(TrueChannel(6, 3, 8))
        } _: {
            $0.believes(channel) && $0.machine.graph.channelCount == 2 && $0.warnings.count == 1
        },
        GossipRule("without its signatures a different announcement harms nobody") {
            $0.believe(channel)
            var other = TrueChannel(1, 3, 4)
            other.id = channel.id
            $0.receive(
                .channelAnnouncement(other.announcement(damage: { $0.nodeSignature1 = .blank })))
        } _: {
            $0.believes(channel) && $0.warnings.count == 1
        },
    ]

    static let updates: [GossipRule] = [
        GossipRule("a `channel_update` tells the terms of its direction") {
            $0.believe(channel)
        } _: {
            $0.fee(channel, 0) == 1 && $0.fee(channel, 1) == 1 && $0.records.count == 3
        },
        GossipRule(
            "if the `short_channel_id` does NOT match a previous `channel_announcement`: MUST ignore"
        ) {
            $0.receive(.channelUpdate(channel.update(0)))
        } _: {
            $0.checked == 0 && $0.records.isEmpty
        },
        GossipRule("if `signature` is not a valid signature: SHOULD send a `warning`") {
            $0.believe(channel, updates: false)
            var update = channel.update(0)
            update.feeBase += 1
            $0.receive(.channelUpdate(update))
        } _: {
            $0.fee(channel, 0) == nil && $0.warnings.count == 1
        },
        GossipRule(
            "`node_id_1` if the least-significant bit of flags is 0 or `node_id_2` otherwise"
        ) {
            $0.believe(channel, updates: false)
            var update = channel.update(1)
            update.signature = WireSignature(channel.nodes[0].sign(update.signedHash))
            $0.receive(.channelUpdate(update))
        } _: {
            $0.fee(channel, 1) == nil && $0.warnings.count == 1
        },
        GossipRule("ECDSA signatures are malleable: -s holds too") {
            $0.believe(channel, updates: false)
            var update = channel.update(0)
            update.signature = negated(update.signature)
            $0.receive(.channelUpdate(update))
        } _: {
            $0.fee(channel, 0) == 1 && $0.warnings.isEmpty
        },
        GossipRule("if the specified `chain_hash` value is unknown: MUST ignore the channel update")
        {
            $0.believe(channel, updates: false)
            $0.receive(.channelUpdate(channel.update(0) { $0.chainHash = BlockHash(.zero) }))
        } _: {
            $0.fee(channel, 0) == nil
        },
        GossipRule(
            "if `timestamp` is lower than that of the last-received: SHOULD ignore the message"
        ) {
            $0.believe(channel)
            $0.receive(.channelUpdate(channel.update(0, at: $0.time - 1, fee: 9)))
        } _: {
            $0.fee(channel, 0) == 1 && $0.checked == 6
        },
        GossipRule("if the fields below `timestamp` are equal: SHOULD ignore this message") {
            $0.believe(channel)
            $0.receive(.channelUpdate(channel.update(0)))
        } _: {
            $0.checked == 6
        },
        GossipRule("a later one replaces it") {
            $0.believe(channel)
            $0.receive(.channelUpdate(channel.update(0, at: $0.time + 1, fee: 9)))
        } _: {
            $0.fee(channel, 0) == 9 && $0.fee(channel, 1) == 1
        },
        GossipRule(
            "SHOULD NOT create redundant `channel_update`s: the same soon again is not taken"
        ) {
            $0.believe(channel)
            $0.receive(.channelUpdate(channel.update(0, at: $0.time + 3_600)))
        } _: {
            $0.checked == 6
        },
        GossipRule("if the `timestamp` is unreasonably far in the future: MAY discard") {
            $0.believe(channel)
            $0.receive(.channelUpdate(channel.update(0, at: $0.time + 90_000, fee: 9)))
        } _: {
            $0.fee(channel, 0) == 1
        },
        GossipRule("older than two weeks (1209600 seconds): MAY ignore the channel") {
            $0.believe(channel, updates: false)
            $0.receive(.channelUpdate(channel.update(0, at: $0.time - 1_209_601)))
        } _: {
            $0.fee(channel, 0) == nil
        },
        GossipRule("MUST set `timestamp` to greater than 0") {
            $0.believe(channel, updates: false)
            $0.time = 100
            $0.receive(.channelUpdate(channel.update(0, at: 0)))
        } _: {
            $0.fee(channel, 0) == nil
        },
        GossipRule(
            "if `htlc_maximum_msat` is greater than channel capacity: SHOULD ignore this channel"
        ) {
            $0.believe(channel, updates: false)
            $0.receive(
                .channelUpdate(
                    channel.update(0) { $0.htlcMaximum = MilliSatoshi(1_000_000_001) }))
        } _: {
            $0.fee(channel, 0) == 1 && !$0.hasPath(channel)
        },
        GossipRule("if `htlc_maximum_msat` < `htlc_minimum_msat`: SHOULD ignore this channel") {
            $0.believe(channel, updates: false)
            $0.receive(
                .channelUpdate(channel.update(0) { $0.htlcMinimum = MilliSatoshi(900_000_001) }))
        } _: {
            $0.fee(channel, 0) == 1 && !$0.hasPath(channel)
        },
        GossipRule("otherwise: SHOULD consider the `htlc_maximum_msat` when routing") {
            $0.believe(channel)
        } _: {
            $0.hasPath(channel)
        },
        GossipRule("MUST NOT forward such a `channel_update` to other peers, for privacy reasons") {
            $0.believe(channel, updates: false)
            $0.receive(.channelUpdate(channel.update(0) { $0.messageFlags = 3 }))
        } _: {
            $0.fee(channel, 0) == nil && $0.localUpdates.isEmpty
        },
        GossipRule("SHOULD accept `channel_update`s for its own channels (even if non-public)") {
            let peer = channel.nodeIDs[0]
            $0.receive(.localChannels([channel.id: peer]))
            $0.connect(peer)
            $0.receive(
                .channelUpdate(channel.update(0) { $0.messageFlags = 3 }), from: peer)
            $0.receive(.channelUpdate(channel.update(0) { $0.messageFlags = 3 }))
        } _: {
            $0.localUpdates.count == 1 && $0.machine.graph.channelCount == 0
        },
        GossipRule(
            "if the channel output has been spent: MUST ignore `channel_update`s, unless they have the `disable` bit"
        ) {
            $0.believe(channel)
            $0.receive(.blockConnected(BlockHeight(1_001), spent: [channel.outPoint]))
            $0.receive(.channelUpdate(channel.update(0, at: $0.time + 1, fee: 9)))
            $0.receive(
                .channelUpdate(
                    channel.update(1, at: $0.time + 1, fee: 9) { $0.channelFlags |= 2 }))
        } _: {
            $0.fee(channel, 0) == 1 && $0.fee(channel, 1) == 9
        },
        GossipRule("an update that comes while its channel is checked waits for it") {
            $0.outputs[channel.id] = channel.output
            $0.answersChecks = false
            $0.receive(.channelAnnouncement(channel.announcement()))
            $0.receive(.channelUpdate(channel.update(0)))
            $0.receive(.channelUpdate(channel.update(0, at: $0.time + 1, fee: 2)))
            $0.answersChecks = true
            $0.receive(.signaturesChecked(GossipJobID(1), [true, true, true, true]))
        } _: {
            $0.fee(channel, 0) == 2 && $0.checked == 5
        },
        GossipRule("an inbound fee is read from behind the fields") {
            $0.believe(channel, updates: false)
            $0.receive(
                .channelUpdate(
                    channel.update(0) {
                        $0.extensionBytes =
                            [0xfd, 0xd9, 0x03, 8] + [0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 5]
                    }))
        } _: {
            let graph = $0.machine.graph
            return graph.channel(channel.id).flatMap { graph.inboundFee($0.direction(1)) }
                == InboundFee(base: -2, proportionalMillionths: 5)
        },
    ]

    static let nodes: [GossipRule] = [
        GossipRule(
            "if `node_id` is NOT previously known from a `channel_announcement`: SHOULD ignore"
        ) {
            $0.receive(.nodeAnnouncement(channel.node(0)))
        } _: {
            $0.checked == 0
        },
        GossipRule("if `signature` is NOT a valid signature: SHOULD send a `warning`") {
            $0.believe(channel)
            var node = channel.node(0)
            node.alias[0] = 65
            $0.receive(.nodeAnnouncement(node))
        } _: {
            $0.warnings.count == 1 && $0.announced(channel, 0) == 0
        },
        GossipRule("a node announces itself") {
            $0.believe(channel)
            $0.receive(.nodeAnnouncement(channel.node(0)))
        } _: {
            $0.announced(channel, 0) == $0.time && $0.records.count == 4
        },
        GossipRule(
            "if `timestamp` is NOT greater than the last-received: SHOULD ignore the message"
        ) {
            $0.believe(channel)
            $0.receive(.nodeAnnouncement(channel.node(0)))
            $0.receive(.nodeAnnouncement(channel.node(0)))
        } _: {
            $0.checked == 7
        },
        GossipRule(
            "if `features` field contains unknown even bits: MUST NOT route a payment through the node"
        ) {
            $0.believe(channel)
            $0.receive(
                .nodeAnnouncement(channel.node(0) { $0.features = Features(bits: [300]) }))
        } _: {
            $0.machine.graph.node(channel.nodeIDs[0]).map($0.machine.graph.isRoutable) == false
        },
        GossipRule(
            "if `addrlen` is insufficient to hold the address descriptors: SHOULD send a `warning`"
        ) {
            $0.believe(channel)
            $0.receive(.nodeAnnouncement(channel.node(0) { $0.addresses = [1, 127, 0] }))
        } _: {
            $0.warnings.count == 1 && $0.checked == 6
        },
        GossipRule("an announcement that comes while a channel of its node is checked waits for it")
        {
            $0.outputs[channel.id] = channel.output
            $0.answersChecks = false
            $0.receive(.channelAnnouncement(channel.announcement()))
            $0.receive(.nodeAnnouncement(channel.node(1)))
            $0.answersChecks = true
            $0.receive(.signaturesChecked(GossipJobID(1), [true, true, true, true]))
        } _: {
            $0.announced(channel, 1) == $0.time
        },
    ]

    /// The same signature with the other s: the group's order less s.
    private static func negated(_ signature: WireSignature) -> WireSignature {
        guard let s = try? PrivateKey(signature.s),
            let other = try? Hash256(s.negated.exposedBytes()),
            let result = try? ECDSASignature(compact: signature.r.bytes + other.bytes)
        else { return .blank }
        return WireSignature(result)
    }
}

extension GossipWorld {
    /// Whether a payment can go from the channel's first node to its second.
    func hasPath(_ channel: TrueChannel) -> Bool {
        let request = PathRequest(
            payer: channel.nodeIDs[0], payee: .node(channel.nodeIDs[1]),
            amount: MilliSatoshi(1_000))
        return (try? PathFinder().path(request, in: machine.graph, knowing: LiquidityView()))
            != nil
    }

    func announced(_ channel: TrueChannel, _ side: Int) -> UInt64? {
        machine.graph.node(channel.nodeIDs[side])
            .map { UInt64(machine.graph.announcementTimestamp($0)) }
    }
}
