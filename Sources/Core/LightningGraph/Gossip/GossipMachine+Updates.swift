import Bitcoin
import LightningWire

// MARK: - channel_update

extension GossipMachine {
    mutating func receive(
        _ message: ChannelUpdate, from peer: NodeID, at time: UInt64, _ step: inout GossipStep
    ) {
        // BOLT 7: "if the specified `chain_hash` value is unknown [...]: MUST ignore the channel update."
        guard message.chainHash == chainHash else { return }
        // BOLT 7: "SHOULD accept `channel_update`s for its own channels (even if non-public), in order to learn the
        // associated origin nodes' forwarding parameters."
        guard let source = source(peer) else { return }
        // Of a public channel the peer tells this side's terms too, where it is asked for all that it knows.
        if let remote = localChannels[message.shortChannelID], remote == peer,
            message.channelFlags & 1 == (remote < localID ? 0 : 1)
        {
            let check = SignatureCheck(
                key: remote.point, hash: message.signedHash, signature: message.signature)
            self.check(.localUpdate(message, source), [check], &step)
        }
        // BOLT 7: "MUST NOT forward such a `channel_update` to other peers, for privacy reasons."
        guard message.messageFlags & 2 == 0 else { return }
        guard let channel = graph.channel(message.shortChannelID) else {
            return hold(message, from: peer)
        }
        guard isFresh(message, of: channel, at: time) else { return }
        let sender = graph.id(graph.sender(channel.direction(message.channelFlags & 1)))
        guard !blacklist.contains(sender) else { return }
        let check = SignatureCheck(
            key: sender.point, hash: message.signedHash, signature: message.signature)
        self.check(.update(message, source), [check], &step)
    }

    /// Keeps an update whose channel is being checked; otherwise remembers to ask for the channel.
    ///
    /// BOLT 7: "if the `short_channel_id` does NOT match a previous `channel_announcement`: MUST ignore `channel_update`s that
    /// do NOT correspond to one of its own channels." And: "MAY send this if it receives a `channel_update` for a
    /// `short_channel_id` for which it has no `channel_announcement`."
    private mutating func hold(_ message: ChannelUpdate, from peer: NodeID) {
        let (id, side) = (message.shortChannelID, message.channelFlags & 1)
        guard let channel = pending[id] else {
            if let remote = localChannels[id] {
                // The peer was the first of the two to know that the channel may be announced.
                if remote == peer { earlyUpdates[id] = message }
                return
            }
            guard !refused.contains(id), let wanted = peers[peer]?.wanted,
                wanted.count < limits.channelsPerQuery, !wanted.contains(id)
            else { return }
            peers[peer]?.wanted.append(id)
            return
        }
        if let held = channel.updates[side] {
            guard held.message.timestamp < message.timestamp else { return }
        } else {
            guard heldUpdates + heldNodes.count < limits.heldMessages else { return }
            heldUpdates += 1
        }
        pending[id]?.updates[side] = (message, peer)
    }

    /// Whether an update tells something that is not known, at a time that can be right.
    private func isFresh(
        _ message: ChannelUpdate, of channel: ChannelIndex, at time: UInt64
    ) -> Bool {
        // BOLT 7: "MUST set `timestamp` to greater than 0". "if the `timestamp` is unreasonably far in the future: MAY
        // discard the `channel_update`." Older than two weeks: "MAY ignore the channel."
        let timestamp = UInt64(message.timestamp)
        guard timestamp > 0, timestamp <= time + limits.timeAhead,
            timestamp + limits.staleAfter >= time
        else { return false }
        // BOLT 7: "if the channel output has been spent: MUST ignore `channel_update`s, unless they have the `disable` bit
        // set to 1."
        if closing[message.shortChannelID] != nil, message.channelFlags & 2 == 0 { return false }
        let direction = channel.direction(message.channelFlags & 1)
        guard let known = graph.policy(direction) else { return true }
        // BOLT 7: "if `timestamp` is lower than that of the last-received `channel_update` [...]: SHOULD ignore the message."
        // Equal with other fields is left unpunished, as the sender may be another than the one who signed both.
        guard message.timestamp > known.timestamp else { return false }
        return graph.checksum(direction) != message.checksum
            || timestamp >= UInt64(known.timestamp) + limits.keepAliveInterval
    }

    /// The signature holds: what was checked before may have changed since, and updates may come too often.
    mutating func accept(
        _ message: ChannelUpdate, from peer: NodeID, at time: UInt64, _ step: inout GossipStep
    ) {
        guard let channel = graph.channel(message.shortChannelID),
            isFresh(message, of: channel, at: time)
        else { return }
        let direction = channel.direction(message.channelFlags & 1)
        let isFirst = graph.policy(direction) == nil
        guard isFirst || mayCome(.direction(message.direction), at: time) else { return }
        apply(message, to: direction, &step)
        if let remote = localChannels[message.shortChannelID], remote != peer,
            graph.id(graph.sender(direction)) == remote
        {
            step.effects.append(.localUpdate(message))
        }
        // BOLT 7: "SHOULD NOT rebroadcast `channel_update`s to its peers, unless they have the `disable` bit set to 1."
        relay.add(message, from: peer, limit: limits.relayedMessages)
    }

    mutating func apply(
        _ message: ChannelUpdate, to direction: DirectionIndex, _ step: inout GossipStep
    ) {
        graph.update(direction, message)
        step.put(.update(message.direction), message.encoded)
    }

    mutating func mayCome(_ key: AllowanceKey, at time: UInt64) -> Bool {
        var allowance = allowances[key] ?? Allowance()
        defer { allowances[key] = allowance }
        return allowance.take(
            at: time, burst: limits.updateBurst, interval: limits.updateInterval)
    }
}

// MARK: - node_announcement

extension GossipMachine {
    mutating func receive(
        _ message: NodeAnnouncement, from peer: NodeID, at time: UInt64, _ step: inout GossipStep
    ) {
        let id = message.nodeID
        let timestamp = UInt64(message.timestamp)
        guard timestamp <= time + limits.timeAhead, !blacklist.contains(id) else { return }
        // BOLT 7: "if `addrlen` is insufficient to hold the address descriptors of the known types: SHOULD send a `warning`."
        guard (try? AddressDescriptor.list(decoding: message.addresses)) != nil else {
            return warn(peer, "node \(id) has addresses that are cut off", &step)
        }
        guard let node = graph.node(id) else { return hold(message, from: peer) }
        // BOLT 7: "if `timestamp` is NOT greater than the last-received `node_announcement` from this `node_id`: SHOULD
        // ignore the message."
        guard message.timestamp > graph.announcementTimestamp(node), let source = source(peer)
        else { return }
        let check = SignatureCheck(
            key: id.point, hash: message.signedHash, signature: message.signature)
        self.check(.node(message, source), [check], &step)
    }

    /// Keeps an announcement whose node has a channel that is being checked.
    ///
    /// BOLT 7: "if `node_id` is NOT previously known from a `channel_announcement` message [...]: SHOULD ignore the message."
    private mutating func hold(_ message: NodeAnnouncement, from peer: NodeID) {
        guard pendingNodes[message.nodeID] != nil else { return }
        if let held = heldNodes[message.nodeID] {
            guard held.message.timestamp < message.timestamp else { return }
        } else {
            guard heldUpdates + heldNodes.count < limits.heldMessages else { return }
        }
        heldNodes[message.nodeID] = (message, peer)
    }

    mutating func accept(
        _ message: NodeAnnouncement, from peer: NodeID, at time: UInt64, _ step: inout GossipStep
    ) {
        guard let node = graph.node(message.nodeID),
            message.timestamp > graph.announcementTimestamp(node)
        else { return }
        let isFirst = graph.announcementTimestamp(node) == 0
        guard isFirst || mayCome(.node(message.nodeID), at: time) else {
            return
        }
        apply(message, to: node, &step)
        guard message.mayBeForwarded else { return }
        relay.add(message, from: peer, limit: limits.relayedMessages)
    }

    mutating func apply(
        _ message: NodeAnnouncement, to node: NodeIndex, _ step: inout GossipStep
    ) {
        graph.announce(
            node, timestamp: message.timestamp, isRoutable: message.features.areUnderstood)
        step.put(.node(message.nodeID), message.encoded)
    }
}
