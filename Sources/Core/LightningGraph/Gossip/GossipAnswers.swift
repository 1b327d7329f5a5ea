import Bitcoin
import LightningWire

/// What a peer is being answered: one query of each kind at a time, a piece of it whenever the last one is out.
struct GossipAnswer: Sendable {
    /// A range of blocks that is asked for: the next id in it, the block of the end, and which options.
    struct Range: Sendable {
        var next: UInt64
        var end: UInt64
        var options: UInt64
    }

    /// Channels that are asked for, and nodes that were already sent for them.
    struct Channels: Sendable {
        var rest: ArraySlice<ShortChannelID>
        var flags: ArraySlice<QueryFlags.Wanted>
        var sentNodes: Set<NodeID> = []
        /// The chain that the query is about, which need not be that of the node.
        var chain: BlockHash
    }

    /// What the filter covers of the past: the place in the sorted ids from where on it is left to send.
    struct Backlog: Sendable {
        var next: UInt64
        var filter: ClosedRange<UInt32>
        var sentNodes: Set<NodeID> = []
    }

    var range: Range?
    /// What is waited for before the next reply of the range: the last one has to be on its way.
    var rangePause: GossipJobID?
    var channels: Channels?
    var backlog: Backlog?
    /// The records that are being read for this peer.
    var loading: (job: GossipJobID, keys: [GossipRecordKey])?
    /// Whether the query of channels ends with what is being read.
    var endsChannels = false

    mutating func endBacklog() { backlog = nil }

    var isEmpty: Bool { range == nil && channels == nil && backlog == nil && loading == nil }
}

// MARK: - Answering peers

extension GossipMachine {
    /// The most ids in one `reply_channel_range`, with timestamps and checksums or without: below 65,535 bytes.
    static let idsPerReply = (plain: 8_000, extended: 2_500)

    mutating func receive(
        _ query: QueryChannelRange, from peer: NodeID, _ step: inout GossipStep
    ) {
        // BOLT 7: "if it has not sent all `reply_channel_range` to a previously received `query_channel_range` from this
        // sender: MAY send a `warning`."
        guard peers[peer]?.answer?.range == nil else {
            return warn(peer, "a second query_channel_range before the first was answered", &step)
        }
        // No channel can be behind height 2^24, nor on a chain that is not followed.
        guard query.chainHash == chainHash, query.firstBlock.value < 1 << 24 else {
            let reply = ReplyChannelRange(
                chainHash: query.chainHash, firstBlock: query.firstBlock,
                numberOfBlocks: query.numberOfBlocks, syncComplete: 1,
                encodedShortIDs: ShortChannelIDList([]).encoded)
            return step.effects.append(.send(peer, [.replyChannelRange(reply)]))
        }
        var answer = peers[peer]?.answer ?? GossipAnswer()
        let first = UInt64(query.firstBlock.value)
        answer.range = GossipAnswer.Range(
            next: first << 40, end: first + UInt64(query.numberOfBlocks),
            options: query.tlvs.queryOptionFlags ?? 0)
        peers[peer]?.answer = answer
        continueAnswers(&step)
    }

    mutating func receive(
        _ query: QueryShortChannelIDs, from peer: NodeID, _ step: inout GossipStep
    ) {
        guard peers[peer]?.answer?.channels == nil, peers[peer]?.answer?.endsChannels != true
        else {
            return warn(peer, "a second query_short_channel_ids before the first's end", &step)
        }
        let ids: [ShortChannelID]
        var flags: [QueryFlags.Wanted]
        do throws(DecodeError) {
            ids = try ShortChannelIDList(decoding: query.encodedShortIDs).ids
            let all: QueryFlags.Wanted = [
                .channelAnnouncement, .channelUpdate1, .channelUpdate2, .nodeAnnouncement1,
                .nodeAnnouncement2,
            ]
            flags = [QueryFlags.Wanted](repeating: all, count: ids.count)
            if let given = query.tlvs.queryFlags {
                flags = try given.flags()
                // BOLT 7: "if `encoded_query_flags` does not decode to exactly one flag per `short_channel_id`: MAY send a
                // `warning`."
                guard flags.count == ids.count else { throw .invalidValue(field: "query_flags") }
            }
        } catch {
            return warn(peer, "query_short_channel_ids cannot be read: \(error)", &step)
        }
        let isKnown = query.chainHash == chainHash
        var answer = peers[peer]?.answer ?? GossipAnswer()
        answer.channels = GossipAnswer.Channels(
            rest: isKnown ? ids[...] : [], flags: isKnown ? flags[...] : [],
            chain: query.chainHash)
        peers[peer]?.answer = answer
        continueAnswers(&step)
    }

    mutating func startBacklog(_ filter: ClosedRange<UInt32>, for peer: NodeID) {
        guard peers[peer]?.followsChain == true else { return }
        var answer = peers[peer]?.answer ?? GossipAnswer()
        answer.backlog = GossipAnswer.Backlog(next: 0, filter: filter)
        peers[peer]?.answer = answer
    }

    mutating func endAnswer(of peer: NodeID) {
        if let loading = peers[peer]?.answer?.loading { jobs[loading.job] = nil }
        if let pause = peers[peer]?.answer?.rangePause { jobs[pause] = nil }
        peers[peer]?.answer = nil
    }

    /// Sends each peer the next piece of its answers: one reply, or one read.
    mutating func continueAnswers(_ step: inout GossipStep) {
        for peer in peers.keys.sorted() {
            guard var answer = peers[peer]?.answer else { continue }
            if let range = answer.range, answer.rangePause == nil {
                answer.range = reply(range, to: peer, &step)
                if answer.range != nil {
                    // Nothing is read: the answer comes when the reply is on its way.
                    let job = newJob(.answer(peer))
                    answer.rangePause = job
                    step.effects.append(.load(job, for: peer, []))
                }
            }
            if answer.loading == nil {
                if answer.channels != nil {
                    readChannels(&answer, for: peer, &step)
                } else if answer.backlog != nil {
                    readBacklog(&answer, for: peer, &step)
                }
            }
            peers[peer]?.answer = answer.isEmpty ? nil : answer
        }
    }

    /// One `reply_channel_range`; nil after the last.
    private mutating func reply(
        _ range: GossipAnswer.Range, to peer: NodeID, _ step: inout GossipStep
    ) -> GossipAnswer.Range? {
        let limit = range.options == 0 ? Self.idsPerReply.plain : Self.idsPerReply.extended
        let all = ids
        let first = range.next >> 40
        let start = all.partitioningIndex { $0 >= range.next }
        let end = max(start, all.partitioningIndex { $0 >> 40 >= range.end })
        // BOLT 7: "MUST limit `number_of_blocks` to the maximum number of blocks whose results could fit in
        // `encoded_short_ids`[...] MAY split block contents across multiple `reply_channel_range`." Only a block that is
        // too large for one reply is split.
        var cut = min(end, start + limit)
        var isSplit = false
        if cut < end {
            let whole = all.partitioningIndex { $0 >> 40 >= all[cut] >> 40 }
            isSplit = whole <= start
            if !isSplit { cut = whole }
        }
        let isLast = cut == end
        let nextBlock = isLast ? range.end : all[cut] >> 40
        var reply = ReplyChannelRange(
            chainHash: chainHash, firstBlock: BlockHeight(UInt32(clamping: first)),
            numberOfBlocks: UInt32(clamping: nextBlock - first + (isSplit ? 1 : 0)),
            syncComplete: isLast ? 1 : 0,
            encodedShortIDs: ShortChannelIDList(
                all[start..<cut].map { ShortChannelID($0) }
            ).encoded)
        let channels = all[start..<cut].map { graph.channel(ShortChannelID($0)) }
        if range.options & 1 != 0 { reply.tlvs.timestamps = timestamps(channels) }
        if range.options & 2 != 0 { reply.tlvs.checksums = checksums(channels) }
        step.effects.append(.send(peer, [.replyChannelRange(reply)]))
        guard !isLast else { return nil }
        var rest = range
        rest.next = isSplit ? all[cut] : nextBlock << 40
        return rest
    }

    /// The ids of all channels, ascending.
    private var ids: [UInt64] {
        mutating get {
            if let sortedIDs { return sortedIDs }
            let sorted = graph.allChannels.map { graph.id($0).value }.sorted()
            sortedIDs = sorted
            return sorted
        }
    }

    private func timestamps(_ channels: [ChannelIndex?]) -> EncodedTimestamps {
        EncodedTimestamps(
            channels.map { channel in
                EncodedTimestamps.Pair(
                    node1: channel.flatMap { graph.policy($0.direction(0))?.timestamp } ?? 0,
                    node2: channel.flatMap { graph.policy($0.direction(1))?.timestamp } ?? 0)
            })
    }

    private func checksums(_ channels: [ChannelIndex?]) -> [ChannelUpdateChecksums] {
        channels.map { channel in
            ChannelUpdateChecksums(
                node1: channel.map { graph.checksum($0.direction(0)) } ?? 0,
                node2: channel.map { graph.checksum($0.direction(1)) } ?? 0)
        }
    }

    /// Reads what is to be sent of the next channels that are asked for.
    private mutating func readChannels(
        _ answer: inout GossipAnswer, for peer: NodeID, _ step: inout GossipStep
    ) {
        guard var query = answer.channels else { return }
        var keys: [GossipRecordKey] = []
        var count = 0
        while let id = query.rest.popFirst(), let flags = query.flags.popFirst() {
            guard let channel = graph.channel(id) else { continue }
            keys += self.keys(channel, flags, &query.sentNodes)
            count += 1
            if count == limits.channelsPerLoad { break }
        }
        answer.channels = query.rest.isEmpty ? nil : query
        guard !keys.isEmpty else {
            if answer.channels == nil { end(query.chain, peer, &step) }
            return
        }
        answer.endsChannels = answer.channels == nil
        load(keys, &answer, for: peer, &step)
    }

    private func keys(
        _ channel: ChannelIndex, _ flags: QueryFlags.Wanted, _ sentNodes: inout Set<NodeID>
    ) -> [GossipRecordKey] {
        let id = graph.id(channel)
        let ends = graph.ends(channel)
        var keys: [GossipRecordKey] = []
        if flags.contains(.channelAnnouncement) { keys.append(.channel(id)) }
        if flags.contains(.channelUpdate1) { keys.append(.update(.init(id, side: 0))) }
        if flags.contains(.channelUpdate2) { keys.append(.update(.init(id, side: 1))) }
        // BOLT 7: "SHOULD avoid sending duplicate `node_announcements` in response to a single
        // `query_short_channel_ids`."
        let nodes: [(QueryFlags.Wanted, NodeIndex)] = [
            (.nodeAnnouncement1, ends.0), (.nodeAnnouncement2, ends.1),
        ]
        for (flag, node) in nodes
        where flags.contains(flag) && graph.announcementTimestamp(node) != 0
            && sentNodes.insert(graph.id(node)).inserted
        {
            keys.append(.node(graph.id(node)))
        }
        return keys
    }

    /// Reads the next channels whose updates are in a filter.
    private mutating func readBacklog(
        _ answer: inout GossipAnswer, for peer: NodeID, _ step: inout GossipStep
    ) {
        guard var backlog = answer.backlog else { return }
        let all = ids
        var position = all.partitioningIndex { $0 >= backlog.next }
        var keys: [GossipRecordKey] = []
        var count = 0
        while position < all.count, count < limits.channelsPerLoad {
            let id = ShortChannelID(all[position])
            position += 1
            guard let channel = graph.channel(id), closing[id] == nil else { continue }
            var flags: QueryFlags.Wanted = []
            for (side, flag) in [QueryFlags.Wanted.channelUpdate1, .channelUpdate2].enumerated() {
                guard let policy = graph.policy(channel.direction(UInt8(side))),
                    backlog.filter.contains(policy.timestamp)
                else { continue }
                flags.formUnion([flag, .channelAnnouncement])
            }
            guard !flags.isEmpty else { continue }
            flags.formUnion([.nodeAnnouncement1, .nodeAnnouncement2])
            keys += self.keys(channel, flags, &backlog.sentNodes)
            count += 1
        }
        backlog.next = position < all.count ? all[position] : .max
        answer.backlog = position < all.count ? backlog : nil
        if !keys.isEmpty { load(keys, &answer, for: peer, &step) }
    }

    private mutating func load(
        _ keys: [GossipRecordKey], _ answer: inout GossipAnswer, for peer: NodeID,
        _ step: inout GossipStep
    ) {
        let job = newJob(.answer(peer))
        answer.loading = (job, keys)
        step.effects.append(.load(job, for: peer, keys))
    }

    mutating func take(_ values: [[UInt8]?], of id: GossipJobID, _ step: inout GossipStep) {
        switch jobs.removeValue(forKey: id) {
        case .answer(let peer)?: take(values, of: id, for: peer, &step)
        case .ownRecord(let announcement)?:
            if let value = values.first, value == nil { beginLocal(announcement) }
        case .signatures?, .funding?, nil: return
        }
    }

    private mutating func take(
        _ values: [[UInt8]?], of id: GossipJobID, for peer: NodeID, _ step: inout GossipStep
    ) {
        guard var answer = peers[peer]?.answer else { return }
        if answer.rangePause == id {
            peers[peer]?.answer?.rangePause = nil
            return continueAnswers(&step)
        }
        guard let loading = answer.loading, loading.job == id else { return }
        answer.loading = nil
        let messages = zip(loading.keys, values).compactMap { key, value in
            value.flatMap { message($0, of: key) }
        }
        if !messages.isEmpty { step.effects.append(.send(peer, messages)) }
        if answer.endsChannels {
            answer.endsChannels = false
            end(chainHash, peer, &step)
        }
        peers[peer]?.answer = answer
        continueAnswers(&step)
    }

    private func message(_ record: [UInt8], of key: GossipRecordKey) -> Message? {
        guard key.table == .gossipChannel else {
            guard let message = try? Message(decoding: record) else { return nil }
            if case .nodeAnnouncement(let node) = message, !node.mayBeForwarded { return nil }
            return message
        }
        guard let stored = try? GossipChannelRecord(record: record) else { return nil }
        return try? Message(decoding: stored.announcement)
    }

    /// BOLT 7: "MUST follow these responses with `reply_short_channel_ids_end`." And: "if does not maintain up-to-date channel
    /// information for `chain_hash`: MUST set `full_information` to 0."
    private func end(_ chain: BlockHash, _ peer: NodeID, _ step: inout GossipStep) {
        let end = ReplyShortChannelIDsEnd(
            chainHash: chain, fullInformation: chain == chainHash ? 1 : 0)
        step.effects.append(.send(peer, [.replyShortChannelIDsEnd(end)]))
    }
}

extension Array where Element == UInt64 {
    /// The first place from which on `isBehind` holds, in an array that it divides in two.
    fileprivate func partitioningIndex(where isBehind: (UInt64) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
