import Bitcoin
import LightningWire

// MARK: - Telling others

extension GossipMachine {
    /// Sends the news of the last interval to every peer that wants them.
    ///
    /// BOLT 7: "MUST not send gossip it did not generate itself, until it receives `gossip_timestamp_filter`." And: "SHOULD
    /// NOT forward gossip messages to peers who sent `networks` in `init` and did not specify the `chain_hash`".
    mutating func flush(_ step: inout GossipStep) {
        let graph = graph
        func timestamps(_ id: ShortChannelID) -> [UInt32] {
            guard let channel = graph.channel(id) else { return [] }
            return (UInt8(0)...1).compactMap { graph.policy(channel.direction($0))?.timestamp }
        }
        // BOLT 7: "MUST consider the `timestamp` of the `channel_announcement` to be the `timestamp` of a corresponding
        // `channel_update`."
        let ready = relay.takeReady { !timestamps($0).isEmpty }
        guard ready.count > 0 else { return }
        for (id, peer) in peers.sorted(by: { $0.key < $1.key }) where peer.followsChain {
            guard let filter = peer.filter else { continue }
            let messages = ready.messages(for: id, in: filter) { timestamps($0).max() ?? 0 }
            if !messages.isEmpty { step.effects.append(.send(id, messages)) }
        }
    }

    /// BOLT 7: "SHOULD send all gossip messages whose `timestamp` is greater or equal to `first_timestamp`, and less than
    /// `first_timestamp` plus `timestamp_range`."
    mutating func receive(
        _ filter: GossipTimestampFilter, from peer: NodeID, _ step: inout GossipStep
    ) {
        guard filter.chainHash == chainHash else { return }
        guard filter.timestampRange > 0 else {
            peers[peer]?.filter = nil
            peers[peer]?.answer?.endBacklog()
            return
        }
        let (end, isOver) = filter.firstTimestamp.addingReportingOverflow(
            filter.timestampRange - 1)
        let range = filter.firstTimestamp...(isOver ? .max : end)
        peers[peer]?.filter = range
        // Note that this filter replaces any previous one: what is left of an earlier backlog is given up.
        startBacklog(range, for: peer)
        continueAnswers(&step)
    }

    /// What this node says itself goes to everybody at once. BOLT 7: "SHOULD send gossip messages as it generates them
    /// regardless of `timestamp`."
    mutating func takeLocal(_ message: Message, at time: UInt64, _ step: inout GossipStep) {
        if case .channelAnnouncement(let announcement) = message {
            if graph.channel(announcement.shortChannelID) == nil {
                beginLocal(announcement)
            } else {
                let job = newJob(.ownRecord(announcement))
                let key = GossipRecordKey.channel(announcement.shortChannelID)
                step.effects.append(.load(job, for: localID, [key]))
            }
        } else if case .channelUpdate(let update) = message {
            pending[update.shortChannelID]?.localUpdate = update
            if let channel = graph.channel(update.shortChannelID) {
                apply(update, to: channel.direction(update.channelFlags & 1), &step)
            }
        } else if case .nodeAnnouncement(let announcement) = message {
            localNode = announcement
            if let node = graph.node(announcement.nodeID) { apply(announcement, to: node, &step) }
        } else {
            return
        }
        for peer in peers.keys.sorted() { step.effects.append(.send(peer, [message])) }
    }

    /// Has the chain asked for the node's own channel, whatever others have said of it meanwhile: anybody can announce
    /// something else under its id.
    mutating func beginLocal(_ announcement: ChannelAnnouncement) {
        let id = announcement.shortChannelID
        let former = pending[id]
        guard former == nil || former?.source != nil else { return }
        var channel = PendingChannel(announcement: announcement, source: nil)
        channel.updates = former?.updates ?? [:]
        if let early = earlyUpdates.removeValue(forKey: id), let peer = localChannels[id] {
            channel.updates[early.channelFlags & 1] = (early, peer)
        }
        heldUpdates += channel.updates.count
        // In this order, so that what is held for its nodes stays.
        begin(channel)
        if let former { release(former) }
        fundingWanted.insert(id, at: 0)
    }
}
