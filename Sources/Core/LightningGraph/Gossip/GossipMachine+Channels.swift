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
        guard isNear(id), !refused.contains(id), !isBlacklisted(message), pending[id] == nil,
            let source = source(peer)
        else { return }
        if let channel = graph.channel(id) {
            // The same again is nothing new; by other nodes it is a matter for both signatures.
            guard !matches(channel, message) else { return }
        }
        guard isDeep(id) else { return keepEarly(message, from: source) }
        guard pending.count - early.count < limits.pendingChannels,
            (usage[peer]?.pending ?? 0) < limits.pendingChannelsPerPeer,
            check(.channel(message, source), message.checks, &step)
        else { return }
        begin(PendingChannel(announcement: message, source: source))
    }

    mutating func begin(_ channel: PendingChannel) {
        let message = channel.announcement
        pending[message.shortChannelID] = channel
        if channel.isEarly { early.insert(message.shortChannelID) }
        if let source = channel.source {
            count(source.peer) { channel.isEarly ? ($0.early += 1) : ($0.pending += 1) }
        }
        for node in [message.nodeID1, message.nodeID2] { pendingNodes[node, default: 0] += 1 }
    }

    private func isBlacklisted(_ message: ChannelAnnouncement) -> Bool {
        blacklist.contains(message.nodeID1) || blacklist.contains(message.nodeID2)
    }

    private func matches(_ channel: ChannelIndex, _ message: ChannelAnnouncement) -> Bool {
        let ends = graph.ends(channel)
        return graph.id(ends.0) == message.nodeID1 && graph.id(ends.1) == message.nodeID2
    }

    /// Queues a message for a worker, and sends the batch once it is large enough; false where too many are there already.
    @discardableResult
    mutating func check(
        _ message: CheckedMessage, _ checks: [SignatureCheck], _ step: inout GossipStep
    ) -> Bool {
        let peer = message.source.peer
        guard checkingCount < limits.checkedMessages,
            (usage[peer]?.checking ?? 0) < limits.checkedMessagesPerPeer
        else { return false }
        checkingCount += 1
        count(peer) { $0.checking += 1 }
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
            checkingCount -= 1
            count(message.source.peer) { $0.checking -= 1 }
            if mine.count == message.signatureCount, mine.allSatisfy({ $0 }) {
                accept(message, at: time, &step)
            } else {
                refuse(message, &step)
            }
        }
    }

    private mutating func accept(
        _ message: CheckedMessage, at time: UInt64, _ step: inout GossipStep
    ) {
        switch message {
        case .channel(let announcement, _): accept(announcement, &step)
        case .update(let update, let source):
            accept(update, from: source.peer, at: time, &step)
        case .localUpdate(let update, _): step.effects.append(.localUpdate(update))
        case .node(let node, let source): accept(node, from: source.peer, at: time, &step)
        }
    }

    private mutating func refuse(_ message: CheckedMessage, _ step: inout GossipStep) {
        switch message {
        case .channel(let announcement, let source):
            refuse(announcement, from: source, "has a wrong signature", &step)
        case .update(let update, let source), .localUpdate(let update, let source):
            warn(source, "an update of \(update.direction) has a wrong signature", &step)
        case .node(let node, let source):
            warn(source, "node \(node.nodeID) has a wrong signature", &step)
        }
    }

    /// The signatures hold: next the chain is asked. Anybody can sign with keys of his own, so nothing is believed before.
    private mutating func accept(_ message: ChannelAnnouncement, _ step: inout GossipStep) {
        // The node's own announcement may have taken its place meanwhile.
        guard pending[message.shortChannelID]?.announcement == message else { return }
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
        for node in nodes where node != localID { forget(node, &step) }
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
        let source = pending[message.shortChannelID]?.source
        switch output {
        case .unanswered:
            // Nothing is known: the channel may come again. The node's own does not.
            guard source == nil else { return endPending(message.shortChannelID) }
            unansweredChannels.append(message.shortChannelID)
        case .missing:
            // BOLT 7: "OR the output is spent: MUST ignore the message."
            endPending(message.shortChannelID)
            refused.insert(message.shortChannelID)
            if let source { noteFalse(message.shortChannelID, of: source, &step) }
        case .unspent(let outPoint, let script, let amount):
            // BOLT 7: "if the `short_channel_id`'s output does NOT correspond to a P2WSH (using `bitcoin_key_1` and
            // `bitcoin_key_2`, [...] MUST ignore the message."
            guard script == message.fundingScript else {
                return refuse(message, from: source, "does not pay to its keys", &step)
            }
            if let channel = graph.channel(message.shortChannelID) {
                guard matches(channel, message) else {
                    return takeContradiction(message, to: channel, &step)
                }
                // Of the node's own channel the record was lost.
                if source == nil { putRecord(message, outPoint, amount, &step) }
                return endPending(message.shortChannelID)
            }
            add(message, outPoint, amount, at: time, &step)
        }
    }

    /// A channel that a peer told of has no output. That costs little to claim and a look at the chain to find out, but happens to
    /// honest peers too, who have not seen a close yet: it counts as wrong where it happens much more often than not.
    private mutating func noteFalse(
        _ id: ShortChannelID, of source: GossipSource, _ step: inout GossipStep
    ) {
        guard isCurrent(source), var count = peers[source.peer]?.falseChannels else { return }
        count += 1
        peers[source.peer]?.falseChannels = count % limits.falseChannels
        guard count == limits.falseChannels else { return }
        warn(source, "\(count) channels have no output, the last of them \(id)", &step)
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
        putRecord(message, outPoint, amount, &step)
        let nodes = [message.nodeID1, message.nodeID2].compactMap { heldNodes[$0] }
        endPending(id)
        // Every peer has heard of the node's own channel already.
        if let source = held?.source {
            relay.add(message, from: source.peer, limit: limits.relayedMessages)
            if isCurrent(source), let count = peers[source.peer]?.falseChannels, count > 0 {
                peers[source.peer]?.falseChannels = count - 1
            }
        }
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

    private func putRecord(
        _ message: ChannelAnnouncement, _ outPoint: OutPoint, _ amount: Satoshi,
        _ step: inout GossipStep
    ) {
        let record = GossipChannelRecord(
            announcement: message.encoded, capacity: amount, funding: outPoint)
        step.put(.channel(message.shortChannelID), record.record)
    }

    private mutating func refuse(
        _ message: ChannelAnnouncement, from source: GossipSource?, _ reason: String,
        _ step: inout GossipStep
    ) {
        let id = message.shortChannelID
        if pending[id]?.announcement == message { endPending(id) }
        if let source { warn(source, "channel \(id) \(reason)", &step) }
    }

    mutating func endPending(_ id: ShortChannelID) {
        guard let channel = pending.removeValue(forKey: id) else { return }
        release(channel)
    }

    /// Takes a channel that is pending no more out of the counts, with what waited for it alone.
    mutating func release(_ channel: PendingChannel) {
        let message = channel.announcement
        heldUpdates -= channel.updates.count
        if channel.isEarly { early.remove(message.shortChannelID) }
        if let source = channel.source {
            count(source.peer) { channel.isEarly ? ($0.early -= 1) : ($0.pending -= 1) }
        }
        for node in [message.nodeID1, message.nodeID2] {
            guard let count = pendingNodes[node] else { continue }
            pendingNodes[node] = count > 1 ? count - 1 : nil
            if count == 1 { heldNodes[node] = nil }
        }
    }
}
