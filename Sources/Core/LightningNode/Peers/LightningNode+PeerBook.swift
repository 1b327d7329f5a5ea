import Bitcoin
import LightningCommitment

/// The peers that are to stay connected.
extension LightningNode {
    /// Grants what concerns the list of peers.
    mutating func grant(_ request: PeerRequest) -> Step {
        switch request {
        case .remember(let key, let addresses, let isPermanent):
            guard key != keys.nodePublicKey else { return Step() }
            return Step(
                writes: peerBook.remember(key, addresses, isPermanent: isPermanent))
        case .forget(let key): return Step(writes: peerBook.forget(key))
        }
    }

    /// A channel may be one now for which its peer is kept, or not any more.
    mutating func notePeer(of number: ChannelKeyNumber) -> Step {
        let channel = closings[number] == nil ? channels[number] : nil
        let peer = channel?.established == nil ? nil : channel?.peer
        return Step(writes: peerBook.note(number, keeping: peer))
    }

    /// Says whom to stay connected with, where that has changed.
    mutating func tellPeers() -> Step {
        var step = Step()
        if let peers = peerBook.takeChanges() { step.request(.keepPeers(peers)) }
        return step
    }

    /// The key that peers know the node by, with which connections are made (BOLT 8).
    public var identity: PrivateKey { keys.nodeKey }
}
