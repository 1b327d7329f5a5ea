import Bitcoin
import LightningWire

/// Connections, from `init` to their end (BOLT 1).
///
///     node                         peer
///         ---- init ------------>        peerConnected
///         <--- init -------------        checked: features, networks
///         ---- channel_reestablish -->   for each channel with the peer
///         <--- anything ---------        only now
extension LightningNode {
    /// Greets a peer. A connection that was there before is over: what was on its way over it is lost.
    mutating func connect(_ peer: PublicKey, at moment: Moment) -> Step {
        var step = links[peer] == nil ? Step() : disconnect(peer, at: moment)
        links[peer] = PeerLink(at: moment.time)
        let greeting = Init(
            globalFeatures: Features(), features: policy.features,
            tlvs: InitTLVs(networks: [wallet.network.genesisHash]))
        step.request(.send(peer, [.initialize(greeting)]))
        return step
    }

    /// Takes note that the connection to a peer is over.
    mutating func disconnect(_ peer: PublicKey, at moment: Moment) -> Step {
        guard let link = links.removeValue(forKey: peer) else { return Step() }
        peerBook.dropStranger(peer)
        var step = Step(events: [
            NodeEvent(.info, .peer, "peer \(peer.short) is not connected any more")
        ])
        step.append(disconnectChannels(of: peer, at: moment))
        step.append(forgetOffers(of: peer))
        if link.wasOpen { step.request(.notify(.peer(peer, isOnline: false))) }
        return step
    }

    /// Takes bytes that a peer sent.
    mutating func receive(_ bytes: [UInt8], from peer: PublicKey, at moment: Moment) -> Step {
        // What is left of a connection that was given up on means nothing.
        guard let link = links[peer], link.stage != .closing else { return Step() }
        links[peer]?.heardAt = moment.time
        let message: Message
        do throws(WireError) {
            message = try Message(decoding: bytes)
        } catch {
            return hangUp(on: peer, because: "\(error)")
        }
        guard case .initialize(let greeting) = message else {
            // BOLT 1: "MUST send `init` as the first Lightning message for any connection."
            guard link.features != nil else {
                return hangUp(on: peer, because: "the first message was not init")
            }
            return receive(message, from: peer, at: moment)
        }
        guard link.stage == .greeting else { return hangUp(on: peer, because: "a second init") }
        return welcome(peer, greeting, at: moment)
    }

    /// Judges the peer's `init`.
    private mutating func welcome(
        _ peer: PublicKey, _ greeting: Init, at moment: Moment
    ) -> Step {
        // BOLT 1: "MUST combine (bitwise OR) the two feature bitmaps into one logical `features` map."
        let features = greeting.globalFeatures.union(greeting.features)
        do throws(Features.Problem) {
            try features.check(known: policy.features)
        } catch {
            return hangUp(on: peer, because: "\(error)")
        }
        // BOLT 1: "upon receiving `networks` containing no common chains MAY close the connection."
        if let networks = greeting.tlvs.networks, !networks.contains(wallet.network.genesisHash) {
            return hangUp(on: peer, because: "no common chain")
        }
        links[peer]?.stage = .open(policy.features.negotiated(with: features))
        links[peer]?.wasOpen = true
        var step = Step(events: [NodeEvent(.info, .peer, "peer \(peer.short) is connected")])
        step.request(.notify(.peer(peer, isOnline: true)))
        step.append(connectChannels(of: peer, at: moment))
        return step
    }

    /// Ends a connection after telling the peer why.
    mutating func hangUp(
        on peer: PublicKey, because reason: String, channel: ChannelID = .all
    ) -> Step {
        guard let link = links[peer], link.stage != .closing else { return Step() }
        var step = Step()
        let warning = WarningMessage(channelID: channel, data: Array(reason.utf8.prefix(1_000)))
        step.request(.send(peer, [.warning(warning)]))
        step.append(drop(peer, because: reason))
        return step
    }

    /// Ends a connection. What the peer still sends means nothing, and nothing more is sent to it.
    mutating func drop(_ peer: PublicKey, because reason: String) -> Step {
        guard let link = links[peer], link.stage != .closing else { return Step() }
        links[peer]?.stage = .closing
        var step = Step(events: [
            NodeEvent(.warn, .peer, "the connection to \(peer.short) is closed: \(reason)")
        ])
        step.request(.disconnect(peer))
        return step
    }
}

extension LightningNode {
    /// Whether messages of a peer are taken: both sides have said `init`, and nobody has given the connection up.
    public func isConnected(to peer: PublicKey) -> Bool { links[peer]?.features != nil }

    /// The peers with a connection, in an order that does not depend on hashing.
    var connectedPeers: [PublicKey] {
        links.keys.sorted { $0.compressed.lexicographicallyPrecedes($1.compressed) }
    }
}

extension PublicKey {
    /// Enough of the key for a log.
    var short: String { String("\(self)".prefix(12)) }
}
