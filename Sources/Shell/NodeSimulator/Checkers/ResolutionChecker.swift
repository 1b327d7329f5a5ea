import Bitcoin
import LightningChannel
import LightningCommitment
import LightningNode
import LightningWire

/// Invariant 5: every HTLC is resolved before its deadline; a forwarder that paid out is paid.
package enum ResolutionChecker {
    /// The blocks after an HTLC's expiry within which whoever offered it must have gone to the chain: the time that
    /// BOLT 2 gives the peer, and some for blocks to come in.
    package static let grace: UInt32 = 6

    /// What is wrong with an HTLC of a channel that is not about to be closed; nil where nothing is.
    package static func check(
        _ key: HTLCKey, cltvExpiry: BlockHeight, outcome: ChannelHTLC.Outcome?, tip: BlockHeight
    ) -> Violation? {
        switch (key.offerer, outcome) {
        case (.local, .fulfilled?): nil
        case (.local, .failed?), (.local, nil):
            tip > cltvExpiry + grace
                ? Violation(
                    .resolution,
                    "HTLC \(key.id) expired at \(cltvExpiry), and at \(tip) the channel is open")
                : nil
        case (.remote, .fulfilled?):
            tip >= cltvExpiry
                ? Violation(
                    .resolution,
                    "fulfilled HTLC \(key.id) expired at \(cltvExpiry) with the channel open")
                : nil
        case (.remote, .failed?), (.remote, nil): nil
        }
    }
}

extension Simulation {
    /// Looks at the deadlines of a node that has been at work for some blocks.
    func checkDeadlines(of node: SimulatedNode) {
        guard node.isHonest, !node.isStalled, let core = node.core,
            let since = node.workingSince, world.height - since >= 4,
            core.wallet.tip?.hash == world.chain.tip.hash
        else { return }
        let closing = Set(core.closingChannels)
        for channel in core.allChannels where !closing.contains(channel.keys) {
            guard let commitments = channel.commitments, channel.established?.isOutdated == false
            else {
                continue
            }
            for htlc in commitments.offered + commitments.received {
                let haste: UInt32 = plan.doctoring == .earlierExpiry ? 100 : 0
                let found = ResolutionChecker.check(
                    htlc.key, cltvExpiry: htlc.cltvExpiry.saturatingSubtract(haste),
                    outcome: htlc.removal?.outcome,
                    tip: world.height)
                if let found {
                    report(
                        Violation(
                            found.invariant,
                            "node \(node.index), channel \(channel.channelID), which is"
                                + " \(channel.state.rawValue): \(found.message)"))
                }
            }
        }
    }
}

/// What nodes have heard and said about HTLCs, to see that none gives back what it was paid out for.
struct ForwardWatch {
    private struct Name: Hashable {
        let node: Int
        let channel: ChannelID
        let id: UInt64
    }

    private var incoming: [Name: PaymentHash] = [:]
    private var learnt: [Int: Set<PaymentHash>] = [:]
    private var failed: Set<Name> = []
    private var offered: Set<Name> = []

    /// Takes note of a message that reaches a node.
    mutating func hear(_ message: Message, node: Int) {
        switch message {
        case .updateAddHTLC(let add):
            let name = Name(node: node, channel: add.channelID, id: add.id)
            incoming[name] = add.paymentHash
            failed.remove(name)
        case .updateFulfillHTLC(let fulfill):
            learnt[node, default: []].insert(fulfill.paymentPreimage.paymentHash)
        default: break
        }
    }

    /// Takes note of what a node that starts has offered already, sent or not: all of that is to be sent again.
    mutating func noteOffered(by core: LightningNode, node: Int) {
        for channel in core.allChannels {
            for htlc in channel.commitments?.offered ?? [] {
                offered.insert(Name(node: node, channel: channel.channelID, id: htlc.key.id))
            }
        }
    }

    /// A message by which a node gives back an HTLC with that hash; nil where it has none.
    func failure(of hash: PaymentHash, node: Int) -> Message? {
        let names = incoming.filter { $0.key.node == node && $0.value == hash }.keys
        return names.min { ($0.channel.hash, $0.id) < ($1.channel.hash, $1.id) }.map {
            .updateFailHTLC(UpdateFailHTLC(channelID: $0.channel, id: $0.id, reason: []))
        }
    }

    /// Takes note of a message that a node sends; answers what is wrong with it. A node that was told that it does not
    /// know the present of the chain is `blind`.
    mutating func say(_ message: Message, node: Int, blind: Bool = false) -> Violation? {
        let name: Name
        switch message {
        case .updateAddHTLC(let add):
            let isNew = offered.insert(Name(node: node, channel: add.channelID, id: add.id))
                .inserted
            return isNew && blind ? newRisk("offers HTLC \(add.id)", node) : nil
        case .openChannel: return blind ? newRisk("opens a channel", node) : nil
        case .acceptChannel: return blind ? newRisk("takes a channel", node) : nil
        case .updateFailHTLC(let fail):
            name = Name(node: node, channel: fail.channelID, id: fail.id)
        case .updateFailMalformedHTLC(let fail):
            name = Name(node: node, channel: fail.channelID, id: fail.id)
        default: return nil
        }
        guard failed.insert(name).inserted, let hash = incoming[name],
            learnt[node]?.contains(hash) == true
        else { return nil }
        return Violation(
            .resolution,
            "node \(node) gives back HTLC \(name.id), which it was told the preimage of")
    }

    /// Deadlines that a node cannot see are deadlines that it may miss.
    private func newRisk(_ what: String, _ node: Int) -> Violation {
        Violation(.resolution, "node \(node) \(what) and does not know the height")
    }
}

extension Simulation {
    /// The types of messages by which risks come and go: `open_channel`, `accept_channel`, to add an HTLC, to fulfil,
    /// to fail, to fail as malformed.
    private static let watchedTypes: Set<UInt8> = [32, 33, 128, 130, 131, 135]

    private func watchedMessage(_ bytes: [UInt8]) -> Message? {
        guard bytes.count > 2, bytes[0] == 0, Self.watchedTypes.contains(bytes[1]) else {
            return nil
        }
        return try? Message(decoding: bytes)
    }

    /// Takes note of a message that a node is about to take; it counts once the batch is durable.
    func watchForwards(_ bytes: [UInt8], from peer: PublicKey, to node: SimulatedNode) {
        // What is left of a connection that the node has given up on is not heard.
        guard node.isHonest, let core = node.core, core.isConnected(to: peer),
            let message = watchedMessage(bytes)
        else { return }
        if case .updateFulfillHTLC(let fulfill) = message {
            // What comes while the channel is failing already may be too late to be taken.
            let isUsable = core.allChannels.contains {
                $0.channelID == fulfill.channelID && $0.established?.isUsable == true
            }
            guard isUsable else { return }
        }
        node.heard.append(message)
    }

    /// What a node has heard in a batch is durable: from now on it knows.
    func noteHeard(at node: SimulatedNode) {
        let heard = node.heard
        node.heard = []
        for message in heard {
            forwards.hear(message, node: node.index)
            if plan.doctoring == .forgedFailure, case .updateFulfillHTLC(let fulfill) = message,
                let forged = forwards.failure(
                    of: fulfill.paymentPreimage.paymentHash, node: node.index),
                let found = forwards.say(forged, node: node.index)
            {
                report(found)
            }
        }
    }

    func watchForwards(_ bytes: [UInt8], from node: SimulatedNode) {
        guard node.isHonest, let message = watchedMessage(bytes),
            let found = forwards.say(message, node: node.index, blind: node.isBlind)
        else { return }
        report(found)
    }
}
