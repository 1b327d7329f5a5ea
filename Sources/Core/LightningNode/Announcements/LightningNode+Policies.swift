import Bitcoin
import LightningChannel
import LightningCommitment
import LightningCrypto
import LightningPayment
import LightningWire

/// On what terms this node forwards, and its peers do.
extension LightningNode {
    /// The terms of channels that have none of their own.
    var commonPolicy: ForwardingPolicy { gossip.common?.policy ?? policy.forwarding }

    /// The terms on which this node sends on over a channel.
    func forwardingPolicy(of number: ChannelKeyNumber) -> ForwardingPolicy {
        gossip.channels[number]?.policy ?? commonPolicy
    }

    /// The terms before the last change, while they are still taken. A channel that was disabled is so at once.
    func formerPolicy(of number: ChannelKeyNumber, at moment: Moment) -> ForwardingPolicy? {
        guard let former = gossip.channels[number]?.former, moment.time < former.until else {
            return nil
        }
        var policy = former.policy
        policy.isEnabled = forwardingPolicy(of: number).isEnabled
        return policy
    }

    /// The terms on which the peer of a channel last said that it sends on to this node.
    func peerTerms(of number: ChannelKeyNumber) -> ChannelUpdate? {
        gossip.channels[number]?.peerTerms
    }

    /// Changes terms: all that are concerned, or none.
    mutating func setPolicy(
        _ scope: PolicyScope, _ change: ForwardingPolicyChange, at moment: Moment
    ) throws(ChannelRequestError) -> Step {
        switch scope {
        case .all: return try setAllPolicies(change, at: moment)
        case .channel(let id):
            guard let number = channels.number(of: id),
                let capacity = channels[number]?.commitments?.fundings[0].funding.amount
            else { throw .unknownChannel(id) }
            let old = forwardingPolicy(of: number)
            let new = try applied(change, to: old)
            if let maximum = change.htlcMaximum, maximum > MilliSatoshi(capacity) {
                throw .policy(
                    .maximumAboveCapacity(maximum, capacity: MilliSatoshi(capacity)))
            }
            gossip.channels[number, default: ChannelGossip()].policy = new
            return noteChange(of: number, from: old, to: new, at: moment)
        }
    }

    /// Where a limit is above a channel's capacity, the channel's is told.
    private mutating func setAllPolicies(
        _ change: ForwardingPolicyChange, at moment: Moment
    ) throws(ChannelRequestError) -> Step {
        let common = CommonPolicy(
            policy: try applied(change, to: commonPolicy), configured: policy.forwarding)
        var changed: [(ChannelKeyNumber, old: ForwardingPolicy, new: ForwardingPolicy)] = []
        for number in channels.numbers where channels[number]?.established != nil {
            let own = gossip.channels[number]?.policy
            let new = try own.map { own throws(ChannelRequestError) in
                try applied(change, to: own)
            }
            changed.append((number, own ?? commonPolicy, new ?? common.policy))
        }
        gossip.common = common
        var step = Step(writes: [
            RecordWrite(.channelPolicy, key: [], value: common.record)
        ])
        for (number, old, new) in changed {
            if gossip.channels[number]?.policy != nil { gossip.channels[number]?.policy = new }
            step.append(noteChange(of: number, from: old, to: new, at: moment))
        }
        return step
    }

    func applied(
        _ change: ForwardingPolicyChange, to policy: ForwardingPolicy
    ) throws(ChannelRequestError) -> ForwardingPolicy {
        do throws(PolicyProblem) {
            return try change.applied(to: policy)
        } catch {
            throw .policy(error)
        }
    }

    /// Gives a channel that has just been signed the terms that it was asked for with.
    mutating func adoptPolicy(of number: ChannelKeyNumber) -> Step {
        let members = fundings.values.lazy.flatMap(\.members)
        guard let policy = members.first(where: { $0.number == number })?.policy else {
            return Step()
        }
        var channel = gossip.channels[number] ?? ChannelGossip()
        channel.policy = policy
        return Step(writes: [gossip.put(number, channel)])
    }

    /// The terms of a channel were changed: the old ones are taken for a while, and the new ones told.
    private mutating func noteChange(
        of number: ChannelKeyNumber, from old: ForwardingPolicy, to new: ForwardingPolicy,
        at moment: Moment
    ) -> Step {
        var channel = gossip.channels[number] ?? ChannelGossip()
        if old != new {
            channel.former = ChannelGossip.FormerPolicy(
                policy: old, until: moment.time + NodeGossip.graceTime)
        }
        gossip.due.insert(number)
        return Step(writes: [gossip.put(number, channel)])
            + log(.info, number, "has new terms for forwarding")
    }

    /// Takes the terms that the peer of a channel tells, whose signature holds.
    mutating func take(peerTerms update: ChannelUpdate, at moment: Moment) -> Step {
        guard update.chainHash == wallet.network.genesisHash,
            let number = channel(named: update.shortChannelID),
            let channel = channels[number], let commitments = channel.commitments,
            // BOLT 7: "if the origin node is `node_id_1` in the message: MUST set the `direction` bit of `channel_flags` to 0."
            update.channelFlags & 1 == (isFirstNode(of: channel.peer) ? 1 : 0),
            update.timestamp > gossip.channels[number]?.peerTerms?.timestamp ?? 0,
            UInt64(update.timestamp) <= moment.time + Self.timeAhead
        else { return Step() }
        // BOLT 7: "if `htlc_maximum_msat` is greater than channel capacity: [...] SHOULD ignore this channel during route
        // considerations."
        guard update.htlcMaximum <= MilliSatoshi(commitments.fundings[0].funding.amount),
            update.htlcMinimum <= update.htlcMaximum
        else { return log(.debug, number, "has a peer that tells impossible terms") }
        var known = gossip.channels[number] ?? ChannelGossip()
        known.peerTerms = update
        return Step(writes: [gossip.put(number, known)])
    }

    /// How far ahead of time the peer's clock may be, in seconds.
    private static var timeAhead: UInt64 { 86_400 }

    /// The channel that an update means; by its place in the chain even where payments must not use that.
    private func channel(named name: ShortChannelID) -> ChannelKeyNumber? {
        channels.number(of: name)
            ?? channels.numbers.first { channels[$0]?.established?.shortChannelID == name }
    }

    /// Whether this node is `node_id_1` of its channels with `peer`: its key is the lesser one.
    func isFirstNode(of peer: PublicKey) -> Bool {
        NodeID(keys.nodePublicKey) < NodeID(peer)
    }
}
