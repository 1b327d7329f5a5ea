import Bitcoin
import LightningChannel
import LightningCommitment
import LightningGraph
import LightningWire

/// How channels become known to the network (BOLT 7).
///
///     this node                                          peer
///         ---- announcement_signatures -->    6 blocks deep, open, nothing closing: on each connection
///         <--- announcement_signatures ---    kept until the announcement can be made of both
///     channel_announcement, channel_update ──> the network
extension LightningNode {
    /// Tells what has become due to be told: of channels and of the node.
    mutating func tellGossip(at moment: Moment) -> Step {
        var step = Step()
        let due = gossip.due.sorted()
        gossip.due = []
        for number in due {
            step.append(announce(number, at: moment))
            step.append(tellTerms(of: number, at: moment))
        }
        if gossip.isNodeDue { step.append(announceNode(at: moment)) }
        step.append(nameChannels())
        return step
    }

    /// What the runtime is to know again after a start: who may tell terms, and what the network was told. All of it may be
    /// lost with the records of gossip.
    mutating func startGossip(at moment: Moment) -> Step {
        gossip.names = nil
        gossip.isNodeDue = true
        var messages: [Message] = []
        for number in channels.numbers {
            guard channels[number]?.established != nil, closings[number] == nil else { continue }
            gossip.awaySince[number] = moment.time
            gossip.due.insert(number)
            guard let known = gossip.channels[number], let announcement = known.announcement
            else { continue }
            messages.append(.channelAnnouncement(announcement))
            if let update = known.update { messages.append(.channelUpdate(update)) }
        }
        if !messages.isEmpty, let node = gossip.node { messages.append(.nodeAnnouncement(node)) }
        var step = Step()
        if !messages.isEmpty { step.request(.gossip(messages)) }
        return step
    }

    /// Tells the runtime under which names the channels may be spoken of, where that has changed.
    private mutating func nameChannels() -> Step {
        guard gossip.names == nil else { return Step() }
        var names: [ShortChannelID: NodeID] = [:]
        for channel in channels.channels.values {
            guard let established = channel.established else { continue }
            let all = established.names + [established.shortChannelID].compactMap { $0 }
            for name in all { names[name] = NodeID(channel.peer) }
        }
        gossip.names = names
        var step = Step()
        step.request(.localChannels(names))
        return step
    }

    /// Does what is due for a channel to become known.
    private mutating func announce(_ number: ChannelKeyNumber, at moment: Moment) -> Step {
        gossip.waiting.remove(number)
        guard let channel = channels[number]?.established, closings[number] == nil,
            // BOLT 7: "If the `open_channel` message has the `announce_channel` bit set AND a `shutdown` message has not been
            // sent".
            channel.isAnnounced, channel.state == .normal, let name = channel.shortChannelID,
            let position = channel.position
        else { return Step() }
        var step = Step()
        if var known = gossip.channels[number], let announced = known.announcement {
            guard announced.shortChannelID != name else { return step }
            // A reorganisation has moved the funding.
            known.announcement = nil
            step.writes.append(gossip.put(number, known))
        }
        guard height - position.height + 1 >= NodeGossip.depth else {
            gossip.waiting.insert(number)
            return step
        }
        step.append(signAnnouncement(of: number))
        step.append(assemble(number, at: moment))
        return step
    }

    /// Sends this node's signatures, once on each connection.
    private mutating func signAnnouncement(of number: ChannelKeyNumber) -> Step {
        guard let channel = channels[number]?.established, channel.isConnected,
            gossip.signed[number] != channel.shortChannelID,
            let announcement = signedAnnouncement(of: number)
        else { return Step() }
        gossip.signed[number] = announcement.shortChannelID
        let isFirst = isFirstNode(of: channel.peer)
        let message = AnnouncementSignatures(
            channelID: channel.commitments.parameters.channelID,
            shortChannelID: announcement.shortChannelID,
            nodeSignature: isFirst ? announcement.nodeSignature1 : announcement.nodeSignature2,
            bitcoinSignature: isFirst
                ? announcement.bitcoinSignature1 : announcement.bitcoinSignature2)
        var step = Step()
        step.request(.send(channel.peer, [.announcementSignatures(message)]))
        return step
    }

    /// Takes the peer's signatures, and answers with this node's where they have not gone out over this connection.
    ///
    /// BOLT 7: "If it receives `announcement_signatures` for the funding transaction: MUST respond with its own
    /// `announcement_signatures` message."
    mutating func take(
        _ message: AnnouncementSignatures, of number: ChannelKeyNumber, at moment: Moment
    ) -> Step {
        guard let channel = channels[number]?.established, channel.isAnnounced,
            channel.isConnected
        else { return Step() }
        if let name = channel.shortChannelID, message.shortChannelID != name {
            // BOLT 7: "If the `short_channel_id` doesn't match one of its funding transactions: SHOULD send a `warning`."
            var step = log(.warn, number, "is elsewhere in the chain for its peer")
            let text = "announcement_signatures: the funding is at \(name)"
            step.request(
                .send(
                    channel.peer,
                    [
                        .warning(
                            WarningMessage(channelID: message.channelID, data: Array(text.utf8)))
                    ]))
            return step
        }
        if gossip.channels[number]?.announcement?.shortChannelID == message.shortChannelID {
            return signAnnouncement(of: number)
        }
        if channel.shortChannelID != nil, !holds(message, of: number) {
            return hangUp(
                on: channel.peer, because: "announcement_signatures: a signature does not hold",
                channel: message.channelID)
        }
        var known = gossip.channels[number] ?? ChannelGossip()
        guard known.peerSignatures != message else { return Step() }
        known.peerSignatures = message
        gossip.due.insert(number)
        return Step(writes: [gossip.put(number, known)])
    }

    /// Makes the announcement of both sides' signatures, keeps it and tells the network.
    private mutating func assemble(_ number: ChannelKeyNumber, at moment: Moment) -> Step {
        guard let channel = channels[number]?.established, let name = gossip.signed[number],
            name == channel.shortChannelID, var known = gossip.channels[number],
            let peers = known.peerSignatures,
            peers.shortChannelID == channel.shortChannelID, holds(peers, of: number),
            var announcement = signedAnnouncement(of: number)
        else { return Step() }
        if isFirstNode(of: channel.peer) {
            announcement.nodeSignature2 = peers.nodeSignature
            announcement.bitcoinSignature2 = peers.bitcoinSignature
        } else {
            announcement.nodeSignature1 = peers.nodeSignature
            announcement.bitcoinSignature1 = peers.bitcoinSignature
        }
        known.peerSignatures = nil
        known.announcement = announcement
        gossip.isNodeDue = true
        var step = Step(writes: [gossip.put(number, known)])
        step.append(log(.info, number, "is announced as \(announcement.shortChannelID)"))
        step.request(.gossip([.channelAnnouncement(announcement)]))
        return step
    }

    /// Whether the peer's signatures are for the channel where it is in the chain.
    private func holds(_ message: AnnouncementSignatures, of number: ChannelKeyNumber) -> Bool {
        guard let channel = channels[number]?.established, let plain = announcement(of: number),
            plain.shortChannelID == message.shortChannelID,
            let byNode = try? message.nodeSignature.ecdsa(),
            let byFunding = try? message.bitcoinSignature.ecdsa()
        else { return false }
        let hash = plain.signedHash
        return channel.peer.verify(byNode.normalized, hash)
            && channel.commitments.fundings[0].remoteKey.verify(byFunding.normalized, hash)
    }

    /// The announcement with this node's two signatures.
    private func signedAnnouncement(of number: ChannelKeyNumber) -> ChannelAnnouncement? {
        guard var announcement = announcement(of: number), let signer = channels.signers[number],
            let channel = channels[number]?.established,
            let signature = try? signer.sign(
                AnnouncementRequest(announcement: announcement, funding: channel.funding.number))
        else { return nil }
        let byNode = WireSignature(keys.nodeKey.sign(announcement.signedHash))
        if isFirstNode(of: channel.peer) {
            announcement.nodeSignature1 = byNode
            announcement.bitcoinSignature1 = WireSignature(signature)
        } else {
            announcement.nodeSignature2 = byNode
            announcement.bitcoinSignature2 = WireSignature(signature)
        }
        return announcement
    }

    /// The announcement without signatures. No feature of BOLT 9 that this node has stands in it.
    private func announcement(of number: ChannelKeyNumber) -> ChannelAnnouncement? {
        guard let channel = channels[number]?.established, let name = channel.shortChannelID
        else { return nil }
        let funding = channel.commitments.fundings[0]
        let own = (NodeID(keys.nodePublicKey), Point(funding.localKey))
        let other = (NodeID(channel.peer), Point(funding.remoteKey))
        let (first, second) = own.0 < other.0 ? (own, other) : (other, own)
        var announcement = ChannelAnnouncement()
        announcement.chainHash = wallet.network.genesisHash
        announcement.shortChannelID = name
        announcement.nodeID1 = first.0
        announcement.nodeID2 = second.0
        announcement.bitcoinKey1 = first.1
        announcement.bitcoinKey2 = second.1
        return announcement
    }

    /// How far a channel is on its way to be known.
    func announcementState(of number: ChannelKeyNumber) -> AnnouncementState {
        guard channels[number]?.established?.isAnnounced == true else { return .unannounced }
        return gossip.channels[number]?.announcement == nil ? .waiting : .announced
    }
}

// MARK: - node_announcement

extension LightningNode {
    /// The node can be reached elsewhere.
    mutating func take(_ addresses: [AddressDescriptor]) -> Step {
        gossip.addresses = addresses
        gossip.isNodeDue = true
        return Step()
    }

    /// Tells who this node is, where the network knows of a channel of its and has not been told so.
    private mutating func announceNode(at moment: Moment) -> Step {
        gossip.isNodeDue = false
        guard gossip.channels.values.contains(where: { $0.announcement != nil }) else {
            return Step()
        }
        let id = NodeID(keys.nodePublicKey)
        var wanted = NodeAnnouncement()
        var features = Features()
        for feature in Feature.allCases where policy.features.supports(feature) {
            guard feature.contexts.contains(.nodeAnnouncement) else { continue }
            features.add(feature, required: policy.features.requires(feature))
        }
        wanted.features = features
        wanted.nodeID = id
        let color = policy.identity.color
        wanted.color = [color.red, color.green, color.blue]
        wanted.alias = policy.identity.aliasBytes(of: id)
        wanted.addresses = AddressDescriptor.encode(
            gossip.addresses ?? policy.identity.addresses)
        let last = gossip.node?.timestamp ?? 0
        if var same = gossip.node {
            same.signature = wanted.signature
            same.timestamp = wanted.timestamp
            guard same != wanted || moment.time >= UInt64(last) + NodeGossip.refreshTime else {
                return Step()
            }
        }
        // BOLT 7: "MUST set `timestamp` to be greater than that of any previous `node_announcement` it has previously
        // created."
        wanted.timestamp = max(UInt32(clamping: moment.time), last == .max ? last : last + 1)
        wanted.signature = WireSignature(keys.nodeKey.sign(wanted.signedHash))
        gossip.node = wanted
        var step = Step(writes: [
            RecordWrite(.meta, key: NodeGossip.nodeKey, value: wanted.encoded)
        ])
        step.request(.gossip([.nodeAnnouncement(wanted)]))
        return step
    }
}
