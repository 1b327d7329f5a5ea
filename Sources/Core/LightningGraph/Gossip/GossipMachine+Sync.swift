import Bitcoin
import LightningWire

/// What this node asks of a peer, one question at a time.
///
///     idle ──query_channel_range──> comparing ──replies──> asking <──query_short_channel_ids── digesting
///       ▲                                                    └───────reply_short_channel_ids_end──────▲ │
///       └──────────────────────────── nothing left to ask ─────────────────────────────────────────────┘
enum SyncState: Sendable {
    case idle
    /// Replies come in; they end at block `end`, and the next one may not begin before `next`.
    case comparing(next: UInt32, end: UInt64, found: [Wanted], replies: Int, since: UInt64)
    /// Channels are asked for in batches.
    case asking(Round, since: UInt64)
    /// A batch has come, and much of it is not checked yet: what came faster than that would be dropped.
    case digesting(Round)

    /// What is left to ask for behind the batch that is under way.
    struct Round: Sendable {
        var rest: [Wanted]
        /// Whether it follows from a comparison of all channels.
        let isComparison: Bool
    }

    /// A channel and what of it is wanted.
    struct Wanted: Sendable {
        var id: ShortChannelID
        var flags: QueryFlags.Wanted
    }
}

// MARK: - Asking peers

extension GossipMachine {
    mutating func connect(
        _ peer: NodeID, _ features: Features, _ chains: [BlockHash]?, at time: UInt64,
        _ step: inout GossipStep
    ) {
        endAnswer(of: peer)
        connectionCount += 1
        peers[peer] = GossipPeer(
            connection: connectionCount,
            offersQueries: features.supports(.gossipQueries),
            offersExtendedQueries: features.supports(.gossipQueriesExtended),
            followsChain: chains?.contains(chainHash) ?? true)
        setFilter(of: peer, at: time, &step)
        if nextSync <= time {
            startSync(at: time, &step)
        } else if comparisons < limits.firstComparisons {
            compare(with: peer, at: time, &step)
        }
    }

    mutating func disconnect(_ peer: NodeID, at time: UInt64, _ step: inout GossipStep) {
        endAnswer(of: peer)
        let wasActive = peers.removeValue(forKey: peer)?.isActive ?? false
        if wasActive, let next = peers.keys.sorted().first(where: mayBeActive) {
            setFilter(of: next, at: time, &step)
        }
    }

    private func mayBeActive(_ peer: NodeID) -> Bool {
        guard let peer = peers[peer] else { return false }
        return !peer.isActive && peer.followsChain && peer.offersQueries
    }

    /// Asks for all new gossip of the first few peers that have it, and for none of others.
    ///
    /// BOLT 7: "If the receiver does not offer `gossip_queries`: SHOULD set `first_timestamp` to 0xFFFFFFFF and
    /// `timestamp_range` to 0."
    private mutating func setFilter(of peer: NodeID, at time: UInt64, _ step: inout GossipStep) {
        let active = peers.values.filter(\.isActive).count
        let isActive = active < limits.activePeers && mayBeActive(peer)
        peers[peer]?.isActive = isActive
        guard peers[peer]?.followsChain == true else { return }
        let filter = GossipTimestampFilter(
            chainHash: chainHash,
            firstTimestamp: isActive ? UInt32(clamping: time) : .max,
            timestampRange: isActive ? .max : 0)
        step.effects.append(.send(peer, [.gossipTimestampFilter(filter)]))
    }

    mutating func tickSync(at time: UInt64, _ step: inout GossipStep) {
        for peer in peers.keys.sorted() {
            let since: UInt64
            switch peers[peer]?.sync {
            case .comparing(_, _, _, _, let start), .asking(_, let start): since = start
            case .digesting: continue
            case .idle, nil:
                askForWanted(of: peer, at: time, &step)
                continue
            }
            guard since + limits.answerTimeout <= time else { continue }
            // Whoever is silent is asked no more in this round; another is.
            peers[peer]?.sync = .idle
            peers[peer]?.offersQueries = false
            nextSync = time
        }
        continueAsking(at: time, &step)
        // A node that was behind has not asked for the channels of the blocks that came since.
        let isAhead =
            UInt64(tip.value) > comparedTo
            && nextSync + limits.answerTimeout <= time + limits.syncInterval
        if nextSync <= time || isAhead { startSync(at: time, &step) }
    }

    /// Compares all channels with one peer's: another one in each round.
    private mutating func startSync(at time: UInt64, _ step: inout GossipStep) {
        let candidates = peers.keys.sorted().filter(mayBeCompared)
        guard !candidates.isEmpty else { return }
        nextSync = time + limits.syncInterval
        compare(
            with: candidates[Int(time / limits.syncInterval % UInt64(candidates.count))],
            at: time, &step)
    }

    private func mayBeCompared(_ peer: NodeID) -> Bool {
        guard let peer = peers[peer], case .idle = peer.sync else { return false }
        return peer.offersQueries && peer.followsChain
    }

    /// Asks a peer for its list of all channels.
    private mutating func compare(
        with peer: NodeID, at time: UInt64, _ step: inout GossipStep
    ) {
        guard mayBeCompared(peer) else { return }
        comparisons += 1
        // BOLT 7: "MUST set `number_of_blocks` to 1 or greater." One day of blocks beyond the tip is for a tip that lags.
        let end = UInt64(tip.value) + 144
        let query = QueryChannelRange(
            chainHash: chainHash, firstBlock: BlockHeight(0), numberOfBlocks: UInt32(clamping: end),
            tlvs: QueryChannelRangeTLVs(
                queryOptionFlags: peers[peer]?.offersExtendedQueries == true ? 3 : nil))
        comparedTo = max(comparedTo, end)
        peers[peer]?.sync = .comparing(next: 0, end: end, found: [], replies: 0, since: time)
        step.effects.append(.send(peer, [.queryChannelRange(query)]))
    }

    mutating func receive(
        _ reply: ReplyChannelRange, from peer: NodeID, at time: UInt64, _ step: inout GossipStep
    ) {
        guard case .comparing(let next, let end, var found, let replies, _)? = peers[peer]?.sync
        else {
            return warn(peer, "reply_channel_range that was not asked for", &step)
        }
        guard reply.chainHash == chainHash, let entries = try? RangeEntries(reply),
            // BOLT 7: "MUST have `first_blocknum` equal or greater than the previous `first_blocknum`."
            reply.firstBlock.value >= next, replies < limits.repliesPerQuery,
            UInt64(reply.firstBlock.value) <= end,
            found.count + entries.ids.count <= ChannelGraph.maximumChannels
        else {
            peers[peer]?.sync = .idle
            return warn(peer, "reply_channel_range that does not fit the query", &step)
        }
        for index in entries.ids.indices {
            let flags = missing(entries, index, at: time)
            if !flags.isEmpty {
                found.append(SyncState.Wanted(id: entries.ids[index], flags: flags))
            }
        }
        let covered = UInt64(reply.firstBlock.value) + UInt64(reply.numberOfBlocks)
        let isLast = reply.syncComplete != 0 || covered >= end
        guard isLast else {
            peers[peer]?.sync = .comparing(
                next: reply.firstBlock.value, end: end, found: found, replies: replies + 1,
                since: time)
            return
        }
        ask(peer, SyncState.Round(rest: found, isComparison: true), at: time, &step)
    }

    /// What of a channel the peer seems to have newer.
    private func missing(
        _ entries: RangeEntries, _ index: Int, at time: UInt64
    ) -> QueryFlags.Wanted {
        let id = entries.ids[index]
        let times = entries.timestamps?[index]
        // A channel that nobody spoke of for two weeks would be forgotten at once.
        let isAlive = times.map { pair in
            [pair.node1, pair.node2].contains { UInt64($0) + limits.staleAfter > time }
        }
        guard let channel = graph.channel(id) else {
            guard !refused.contains(id), pending[id] == nil, isAlive ?? true else { return [] }
            return [
                .channelAnnouncement, .channelUpdate1, .channelUpdate2, .nodeAnnouncement1,
                .nodeAnnouncement2,
            ]
        }
        guard let times else { return [] }
        var wanted: QueryFlags.Wanted = []
        let sums = entries.checksums?[index]
        let theirs = [(times.node1, sums?.node1), (times.node2, sums?.node2)]
        for (side, (timestamp, sum)) in theirs.enumerated() {
            let direction = channel.direction(UInt8(side))
            let known = graph.policy(direction)?.timestamp ?? 0
            // The same terms said again are worth asking for only once they are about to be stale.
            let isSame = sum == graph.checksum(direction) && known != 0
            let isNeeded = !isSame || UInt64(known) + limits.staleAfter / 2 < time
            if timestamp > known, isNeeded {
                wanted.insert(side == 0 ? .channelUpdate1 : .channelUpdate2)
            }
        }
        return wanted
    }

    /// Asks for the next batch, or ends the round.
    private mutating func ask(
        _ peer: NodeID, _ round: SyncState.Round, at time: UInt64, _ step: inout GossipStep
    ) {
        guard !round.rest.isEmpty else {
            peers[peer]?.sync = .idle
            if round.isComparison { isSynced = true }
            return
        }
        let batch = round.rest.prefix(limits.channelsPerQuery).sorted { $0.id < $1.id }
        var next = round
        next.rest.removeFirst(batch.count)
        peers[peer]?.sync = .asking(next, since: time)
        let isExtended = peers[peer]?.offersExtendedQueries == true
        let query = QueryShortChannelIDs(
            chainHash: chainHash, encodedShortIDs: ShortChannelIDList(batch.map(\.id)).encoded,
            tlvs: QueryShortChannelIDsTLVs(
                queryFlags: isExtended ? QueryFlags(batch.map(\.flags)) : nil))
        step.effects.append(.send(peer, [.queryShortChannelIDs(query)]))
    }

    mutating func receive(
        _ end: ReplyShortChannelIDsEnd, from peer: NodeID, at time: UInt64,
        _ step: inout GossipStep
    ) {
        guard case .asking(let round, _)? = peers[peer]?.sync else {
            return warn(peer, "reply_short_channel_ids_end that was not asked for", &step)
        }
        peers[peer]?.sync = .digesting(round)
        continueAsking(at: time, &step)
    }

    /// Asks those peers for more whose last batch is checked, but for a little.
    mutating func continueAsking(at time: UInt64, _ step: inout GossipStep) {
        for peer in peers.keys.sorted() {
            guard case .digesting(let round)? = peers[peer]?.sync else { continue }
            let left = usage[peer].map { $0.checking + $0.pending } ?? 0
            if left <= limits.uncheckedBeforeAsking { ask(peer, round, at: time, &step) }
        }
    }

    /// Asks a peer for channels of which it sent updates.
    private mutating func askForWanted(
        of peer: NodeID, at time: UInt64, _ step: inout GossipStep
    ) {
        guard let wanted = peers[peer]?.wanted, !wanted.isEmpty,
            peers[peer]?.offersQueries == true
        else { return }
        peers[peer]?.wanted = []
        let missing = Set(wanted).filter { graph.channel($0) == nil && !refused.contains($0) }
        guard !missing.isEmpty else { return }
        let all = missing.sorted().map {
            SyncState.Wanted(
                id: $0,
                flags: [
                    .channelAnnouncement, .channelUpdate1, .channelUpdate2, .nodeAnnouncement1,
                    .nodeAnnouncement2,
                ])
        }
        ask(peer, SyncState.Round(rest: all, isComparison: false), at: time, &step)
    }
}

/// The channels of one reply, with what it says of each.
struct RangeEntries {
    let ids: [ShortChannelID]
    let timestamps: [EncodedTimestamps.Pair]?
    let checksums: [ChannelUpdateChecksums]?

    /// Throws where the lists are not of one length.
    init(_ reply: ReplyChannelRange) throws(DecodeError) {
        ids = try ShortChannelIDList(decoding: reply.encodedShortIDs).ids
        timestamps = try reply.tlvs.timestamps?.pairs()
        checksums = reply.tlvs.checksums
        guard timestamps.map({ $0.count == ids.count }) ?? true,
            checksums.map({ $0.count == ids.count }) ?? true
        else { throw .invalidValue(field: "lists of different lengths") }
    }
}
