import Bitcoin
import LightningWire

// MARK: - Closed and stale channels

extension GossipMachine {
    mutating func connect(_ height: BlockHeight, _ spent: [OutPoint], _ step: inout GossipStep) {
        tip = height
        for id in channels(spentBy: spent) where closing[id] == nil {
            closing[id] = height
            step.put(.closing(id), GossipClosingRecord(height: height).record)
            // BOLT 7: "once its funding output has been spent OR reorganized out: [...] SHOULD NOT rebroadcast this
            // `channel_announcement` to its peers."
            relay.remove(id)
        }
        // BOLT 7: "if the funding output of a channel is spent and received 72 block confirmations: SHOULD be removed from the
        // local network view AND be considered closed."
        let ripe = closing.filter {
            UInt64($0.value.value) + UInt64(limits.closedDelay) <= UInt64(height.value)
        }
        for id in ripe.keys.sorted() {
            closing[id] = nil
            step.put(.closing(id), nil)
            if let channel = graph.channel(id) { remove(channel, &step) }
        }
        // Fundings of this height that a reorganisation took out may be back: the chain is asked.
        let unsure = closing.filter { $0.key.height == height && $0.value < height }
        for id in unsure.keys.sorted() where graph.channel(id) != nil { recheck(id) }
        checkRipe(&step)
    }

    mutating func disconnect(
        _ height: BlockHeight, _ spent: [OutPoint], _ step: inout GossipStep
    ) {
        tip = height.saturatingSubtract(1)
        for id in channels(spentBy: spent) where closing[id] == height {
            closing[id] = nil
            step.put(.closing(id), nil)
        }
        // A funding in the block that left is gone until it is mined again, perhaps elsewhere.
        let gone = graph.allChannels.map { graph.id($0) }.filter { $0.height == height }
        for id in gone where closing[id] == nil {
            closing[id] = tip
            step.put(.closing(id), GossipClosingRecord(height: tip).record)
        }
    }

    private func channels(spentBy outPoints: [OutPoint]) -> [ShortChannelID] {
        outPoints.compactMap { outPoint in
            graph.channel(funding: FundingFingerprint(outPoint, key: key)).map { graph.id($0) }
        }
    }

    private mutating func recheck(_ id: ShortChannelID) {
        rechecks.insert(id)
        fundingWanted.append(id)
    }

    /// The chain's answer about a channel that is in the graph: where its output is the one that it was, it is not closing.
    mutating func takeRecheck(
        _ output: FundingOutput, of id: ShortChannelID, _ step: inout GossipStep
    ) {
        rechecks.remove(id)
        guard case .unspent(let outPoint, _, _) = output, let channel = graph.channel(id),
            graph.channel(funding: FundingFingerprint(outPoint, key: key)) == channel
        else { return }
        closing[id] = nil
        step.put(.closing(id), nil)
    }

    /// Forgets channels of which one side has not been heard of for two weeks, and those that never were.
    ///
    /// BOLT 7: "if the `timestamp` of the latest `channel_update` in either direction is older than two weeks (1209600
    /// seconds): MAY prune the channel." A side that never told its terms does not count against the other.
    mutating func prune(at time: UInt64, _ step: inout GossipStep) {
        let oldest = time > limits.staleAfter ? time - limits.staleAfter : 0
        let stale = graph.allChannels.filter { channel in
            let timestamps = (UInt8(0)...1).compactMap {
                graph.policy(channel.direction($0)).map { UInt64($0.timestamp) }
            }
            guard let least = timestamps.min() else {
                // About two weeks of blocks.
                return graph.id(channel).height < tip.saturatingSubtract(2_016)
            }
            return least < oldest
        }
        for channel in stale where localChannels[graph.id(channel)] == nil {
            remove(channel, &step)
        }
    }

    /// Takes a channel out of the graph and of storage, with nodes that have no other.
    mutating func remove(_ channel: ChannelIndex, _ step: inout GossipStep) {
        let id = graph.id(channel)
        let ends = graph.ends(channel)
        for node in [ends.0, ends.1] where graph.channelCount(of: node) == 1 {
            if graph.announcementTimestamp(node) != 0 { step.put(.node(graph.id(node)), nil) }
        }
        for side in UInt8(0)...1 where graph.policy(channel.direction(side)) != nil {
            step.put(.update(DirectedChannel(id, side: side)), nil)
        }
        step.put(.channel(id), nil)
        step.effects.append(.channelRemoved(id, capacity: graph.capacity(channel)))
        graph.remove(channel)
        relay.remove(id)
        sortedIDs = nil
    }
}
