import Bitcoin
import LightningChannel
import LightningCommitment
import LightningCrypto
import LightningGraph
import LightningPayment
import LightningWire

/// This node's `channel_update`s (BOLT 7).
///
///     not announced   to the peer of the channel alone, on each connection
///     announced       to the network; to the peer on each connection; again every 13 days;
///                     disabled once the peer is away for 20 minutes, or the channel is to end
extension LightningNode {
    /// Tells the terms of a channel where something about them is new, or where the peer was not told on this connection.
    mutating func tellTerms(of number: ChannelKeyNumber, at moment: Moment) -> Step {
        guard let channel = channels[number]?.established, closings[number] == nil,
            var wanted = update(of: number, at: moment)
        else { return Step() }
        let isPublic = wanted.messageFlags & 2 == 0
        var known = gossip.channels[number] ?? ChannelGossip()
        var step = Step()
        if known.update.map({ wanted.says(more: $0, at: moment.time) }) ?? true {
            // BOLT 7: "MUST set `timestamp` to greater than 0, AND to greater than any previously-sent `channel_update` for this
            // `short_channel_id`."
            let last = known.update?.timestamp ?? 0
            wanted.timestamp = max(UInt32(clamping: moment.time), last == .max ? last : last + 1)
            wanted.signature = WireSignature(keys.nodeKey.sign(wanted.signedHash))
            known.update = wanted
            step.writes.append(gossip.put(number, known))
            if isPublic {
                step.request(.gossip([.channelUpdate(wanted)]))
                if channel.isConnected { gossip.told.insert(number) }
            } else {
                gossip.told.remove(number)
            }
        }
        if channel.isConnected, let update = known.update, gossip.told.insert(number).inserted {
            step.request(.send(channel.peer, [.channelUpdate(update)]))
        }
        return step
    }

    /// What is to be told of a channel now, without timestamp and signature; nil while nothing may be.
    private func update(of number: ChannelKeyNumber, at moment: Moment) -> ChannelUpdate? {
        // BOLT 7: "MUST NOT send a created `channel_update` before `channel_ready` has been received."
        guard let channel = channels[number]?.established, channel.isReady,
            let name = updateName(of: number)
        else { return nil }
        let policy = forwardingPolicy(of: number)
        let parameters = channel.commitments.parameters
        let maximum = htlcMaximum(of: channel, policy)
        let isPublic = gossip.channels[number]?.announcement?.shortChannelID == name
        var update = ChannelUpdate()
        update.chainHash = wallet.network.genesisHash
        update.shortChannelID = name
        // BOLT 7: "MUST set `dont_forward` to 1 in `message_flags`" where there is no announcement.
        update.messageFlags = isPublic ? 1 : 3
        update.channelFlags = isFirstNode(of: channel.peer) ? 0 : 1
        if isDisabled(number, channel, policy, at: moment) { update.channelFlags |= 2 }
        update.cltvExpiryDelta = policy.relay.cltvExpiryDelta
        update.htlcMinimum = min(max(policy.htlcMinimum, parameters.remote.htlcMinimum), maximum)
        update.htlcMaximum = maximum
        update.feeBase = policy.relay.feeBase
        update.feeProportionalMillionths = policy.relay.feeProportionalMillionths
        update.extensionBytes = policy.inboundFee.record
        return update
    }

    /// The name by which the update speaks of the channel: the place in the chain once that is announced, before that what the
    /// peer knows the channel by.
    ///
    /// BOLT 7: "MUST set the `short_channel_id` to either an `alias` it has received from the peer, or the real channel
    /// `short_channel_id`."
    private func updateName(of number: ChannelKeyNumber) -> ShortChannelID? {
        guard let channel = channels[number]?.established else { return nil }
        if let announced = gossip.channels[number]?.announcement?.shortChannelID,
            announced == channel.shortChannelID
        {
            return announced
        }
        return channel.nameForPayers
    }

    /// BOLT 7: "MUST set this to less than or equal to the channel capacity. MUST set this to less than or equal to
    /// `max_htlc_value_in_flight_msat` it received from the peer."
    private func htlcMaximum(
        of channel: EstablishedChannel, _ policy: ForwardingPolicy
    ) -> MilliSatoshi {
        let parameters = channel.commitments.parameters
        let capacity = MilliSatoshi(channel.funding.amount)
        let most = capacity.subtracting(parameters.reserve(of: .local)) ?? .zero
        let limit = min(most, parameters.remote.maximumInFlight)
        return policy.htlcMaximum.map { min($0, limit) } ?? limit
    }

    /// Whether the channel is not to be used now. While the peer is away it stays what it was told to be until the peer is
    /// away for long: a connection that is lost for a moment is nobody's business.
    private func isDisabled(
        _ number: ChannelKeyNumber, _ channel: EstablishedChannel, _ policy: ForwardingPolicy,
        at moment: Moment
    ) -> Bool {
        guard policy.isEnabled, channel.state == .normal, channel.closeRequest == nil else {
            return true
        }
        guard !channel.isConnected, let since = gossip.awaySince[number] else { return false }
        if moment.time >= since + NodeGossip.awayTime { return true }
        return gossip.channels[number]?.update?.isDisabled ?? false
    }

    /// Finds the channels whose peers are away for long, and those of which it is time to speak again.
    mutating func noteTimeForGossip(at moment: Moment) {
        for (number, channel) in gossip.channels {
            guard channel.announcement != nil, let update = channel.update else { continue }
            let isAway = gossip.awaySince[number].map {
                moment.time >= $0 + NodeGossip.awayTime
            }
            if isAway == true && !update.isDisabled || update.isOld(at: moment.time) {
                gossip.due.insert(number)
            }
        }
        if let node = gossip.node,
            moment.time >= UInt64(node.timestamp) + NodeGossip.refreshTime
        {
            gossip.isNodeDue = true
        }
    }
}

extension ChannelUpdate {
    fileprivate var isDisabled: Bool { channelFlags & 2 != 0 }

    /// Whether it is told to the network, and so long ago that it has to be told again.
    fileprivate func isOld(at time: UInt64) -> Bool {
        messageFlags & 2 == 0 && time >= UInt64(timestamp) + NodeGossip.refreshTime
    }

    /// Whether this one, without timestamp and signature, is worth telling after `other`.
    ///
    /// BOLT 7: "SHOULD NOT create redundant `channel_update`s".
    fileprivate func says(more other: ChannelUpdate, at time: UInt64) -> Bool {
        var same = other
        same.timestamp = timestamp
        same.signature = signature
        return same != self || other.isOld(at: time)
    }
}

extension LightningCrypto.InboundFee {
    /// The record behind the fields of `channel_update` (bLIP 18); empty where there is no fee.
    fileprivate var record: [UInt8] {
        guard self != .none else { return [] }
        var writer = ByteWriter(capacity: 12)
        writer.writeBigSize(55_555)
        writer.writeBigSize(8)
        writer.writeBigEndian(base)
        writer.writeBigEndian(proportionalMillionths)
        return writer.bytes
    }
}
