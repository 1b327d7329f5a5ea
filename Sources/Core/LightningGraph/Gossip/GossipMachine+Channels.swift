import Bitcoin
import LightningWire

// MARK: - channel_announcement

extension GossipMachine {
    mutating func receive(
        _ message: ChannelAnnouncement, from peer: NodeID, _ step: inout GossipStep
    ) {
        let id = message.shortChannelID
        // BOLT 7: "if the specified `chain_hash` is unknown to the receiver: MUST ignore the message."
        guard message.chainHash == chainHash else { return }
        // BOLT 7: "`node_id_1` is the lexicographically-lesser of the two compressed keys".
        guard message.nodeID1 < message.nodeID2 else {
            return warn(peer, "the nodes of channel \(id) are not in order", &step)
        }
        // BOLT 7: "if the `short_channel_id`'s output does NOT have at least 6 confirmations: [...] SHOULD ignore the
        // message." One block of grace is for a chain that lags behind the peer's.
        guard UInt64(id.height.value) + UInt64(limits.confirmations) <= UInt64(tip.value) + 2,
            !refused.contains(id),
            !isBlacklisted(message), pending[id] == nil
        else { return }
        if let channel = graph.channel(id) {
            // The same again is nothing new; by other nodes it is a matter for both signatures.
            guard !matches(channel, message) else { return }
        }
        guard pending.count < limits.pendingChannels,
            let count = peers[peer]?.pendingChannels, count < limits.pendingChannelsPerPeer,
            check(.channel(message, peer), message.checks, &step)
        else { return }
        begin(PendingChannel(announcement: message, peer: peer))
    }

    mutating func begin(_ channel: PendingChannel) {
        let message = channel.announcement
        pending[message.shortChannelID] = channel
        if let peer = channel.peer { peers[peer]?.pendingChannels += 1 }
        for node in [message.nodeID1, message.nodeID2] { pendingNodes[node, default: 0] += 1 }
    }

    private func isBlacklisted(_ message: ChannelAnnouncement) -> Bool {
        blacklist.contains(message.nodeID1) || blacklist.contains(message.nodeID2)
    }

    private func matches(_ channel: ChannelIndex, _ message: ChannelAnnouncement) -> Bool {
        let ends = graph.ends(channel)
        return graph.id(ends.0) == message.nodeID1 && graph.id(ends.1) == message.nodeID2
    }

    /// Queues a message for a worker, and sends the batch once it is large enough; false where the peer has too many there.
    @discardableResult
    mutating func check(
        _ message: CheckedMessage, _ checks: [SignatureCheck], _ step: inout GossipStep
    ) -> Bool {
        if let peer = message.peer {
            guard let count = peers[peer]?.checking, count < limits.checkedMessagesPerPeer else {
                return false
            }
            peers[peer]?.checking += 1
        }
        self.checks.messages.append(message)
        self.checks.checks += checks
        if self.checks.checks.count >= limits.signaturesPerJob { sendChecks(&step) }
        return true
    }

    mutating func sendChecks(_ step: inout GossipStep) {
        guard !checks.checks.isEmpty else { return }
        let id = newJob(.signatures(checks.messages))
        step.effects.append(.checkSignatures(id, checks.checks))
        checks = CheckBatch()
    }

    mutating func take(
        _ results: [Bool], of id: GossipJobID, at time: UInt64, _ step: inout GossipStep
    ) {
        guard case .signatures(let messages)? = jobs.removeValue(forKey: id) else { return }
        var rest = results[...]
        for message in messages {
            let mine = rest.prefix(message.signatureCount)
            rest = rest.dropFirst(message.signatureCount)
            if let peer = message.peer { peers[peer]?.checking -= 1 }
            let holds = mine.count == message.signatureCount && mine.allSatisfy { $0 }
            switch message {
            case .channel(let announcement, let peer):
                holds
                    ? accept(announcement, &step)
                    : refuse(announcement, from: peer, "has a wrong signature", &step)
            case .update(let update, let peer):
                if holds {
                    accept(update, from: peer, at: time, &step)
                } else {
                    warn(peer, "an update of \(update.direction) has a wrong signature", &step)
                }
            case .localUpdate(let update, let peer):
                if holds {
                    step.effects.append(.localUpdate(update))
                } else {
                    warn(peer, "an update of \(update.direction) has a wrong signature", &step)
                }
            case .node(let node, let peer):
                if holds {
                    accept(node, from: peer, at: time, &step)
                } else {
                    warn(peer, "node \(node.nodeID) has a wrong signature", &step)
                }
            }
        }
    }

    /// The signatures hold: next the chain is asked. Anybody can sign with keys of his own, so nothing is believed before.
    private mutating func accept(_ message: ChannelAnnouncement, _ step: inout GossipStep) {
        fundingWanted.append(message.shortChannelID)
        if fundingWanted.count >= limits.fundingsPerJob { sendFundingQuestions(&step) }
    }

    /// Takes note that those who hold the keys of a believed channel's funding have announced it by other nodes.
    ///
    /// BOLT 7: "if it has previously received a valid `channel_announcement`, for the same transaction, in the same block, but
    /// for a different `node_id_1` or `node_id_2`: SHOULD blacklist the previous message's `node_id_1` and `node_id_2`, as well
    /// as this `node_id_1` and `node_id_2` AND forget any channels connected to them."
    private mutating func takeContradiction(
        _ message: ChannelAnnouncement, to channel: ChannelIndex, _ step: inout GossipStep
    ) {
        let ends = graph.ends(channel)
        let nodes = [graph.id(ends.0), graph.id(ends.1), message.nodeID1, message.nodeID2]
        endPending(message.shortChannelID)
        for node in nodes where node != localNode?.nodeID { forget(node, &step) }
    }

    /// Blacklists a node and forgets its channels.
    private mutating func forget(_ id: NodeID, _ step: inout GossipStep) {
        blacklist.insert(id)
        guard let node = graph.node(id) else { return }
        for channel in graph.channels(of: node) { remove(channel, &step) }
    }

    mutating func sendFundingQuestions(_ step: inout GossipStep) {
        guard !fundingWanted.isEmpty else { return }
        let id = newJob(.funding(fundingWanted))
        step.effects.append(.findFunding(id, fundingWanted))
        fundingWanted = []
    }

    mutating func take(
        _ outputs: [FundingOutput], of id: GossipJobID, at time: UInt64, _ step: inout GossipStep
    ) {
        guard case .funding(let ids)? = jobs.removeValue(forKey: id) else { return }
        for (index, channel) in ids.enumerated() {
            let output = index < outputs.count ? outputs[index] : .unanswered
            if rechecks.contains(channel) { takeRecheck(output, of: channel, &step) }
            guard let announcement = pending[channel]?.announcement else { continue }
            take(output, for: announcement, at: time, &step)
        }
    }

    private mutating func take(
        _ output: FundingOutput, for message: ChannelAnnouncement, at time: UInt64,
        _ step: inout GossipStep
    ) {
        let peer = pending[message.shortChannelID]?.peer
        switch output {
        case .unanswered:
            // Nothing is known: the channel may come again. The node's own does not.
            guard peer == nil else { return endPending(message.shortChannelID) }
            unansweredChannels.append(message.shortChannelID)
        case .missing:
            // BOLT 7: "OR the output is spent: MUST ignore the message."
            refuse(message, from: nil, "has no output", &step)
        case .unspent(let outPoint, let script, let amount):
            // BOLT 7: "if the `short_channel_id`'s output does NOT correspond to a P2WSH (using `bitcoin_key_1` and
            // `bitcoin_key_2`, [...] MUST ignore the message."
            guard script == message.fundingScript else {
                return refuse(message, from: peer, "does not pay to its keys", &step)
            }
            if let channel = graph.channel(message.shortChannelID) {
                guard matches(channel, message) else {
                    return takeContradiction(message, to: channel, &step)
                }
                return endPending(message.shortChannelID)
            }
            add(message, outPoint, amount, at: time, &step)
        }
    }

    /// Puts a checked channel into the graph, with the messages that waited for it.
    mutating func add(
        _ message: ChannelAnnouncement, _ outPoint: OutPoint, _ amount: Satoshi, at time: UInt64,
        _ step: inout GossipStep
    ) {
        let id = message.shortChannelID
        let held = pending[id]
        let fingerprint = FundingFingerprint(outPoint, key: key)
        guard let channel = try? graph.add(message, capacity: amount, funding: fingerprint)
        else {
            return endPending(id)
        }
        sortedIDs = nil
        let record = GossipChannelRecord(
            announcement: message.encoded, capacity: amount, funding: outPoint)
        step.put(.channel(id), record.record)
        let nodes = [message.nodeID1, message.nodeID2].compactMap { heldNodes[$0] }
        endPending(id)
        // Every peer has heard of the node's own channel already.
        if let peer = held?.peer { relay.add(message, from: peer, limit: limits.relayedMessages) }
        for side in UInt8(0)...1 {
            guard let update = held?.updates[side] else { continue }
            receive(update.message, from: update.peer, at: time, &step)
        }
        if let update = held?.localUpdate {
            apply(update, to: channel.direction(update.channelFlags & 1), &step)
        }
        if let local = localNode, [message.nodeID1, message.nodeID2].contains(local.nodeID),
            let node = graph.node(local.nodeID)
        {
            apply(local, to: node, &step)
        }
        for node in nodes {
            heldNodes[node.message.nodeID] = nil
            receive(node.message, from: node.peer, at: time, &step)
        }
    }

    private mutating func refuse(
        _ message: ChannelAnnouncement, from peer: NodeID?, _ reason: String,
        _ step: inout GossipStep
    ) {
        let id = message.shortChannelID
        endPending(id)
        guard let peer else {
            refused.insert(id)
            return
        }
        warn(peer, "channel \(id) \(reason)", &step)
    }

    private mutating func endPending(_ id: ShortChannelID) {
        guard let channel = pending.removeValue(forKey: id) else { return }
        heldUpdates -= channel.updates.count
        if let peer = channel.peer { peers[peer]?.pendingChannels -= 1 }
        for node in [channel.announcement.nodeID1, channel.announcement.nodeID2] {
            guard let count = pendingNodes[node] else { continue }
            pendingNodes[node] = count > 1 ? count - 1 : nil
            if count == 1 { heldNodes[node] = nil }
        }
    }
}
