import Bitcoin
import LightningCommitment
import LightningWire

/// What the resolution of a channel is made from, besides the transactions of the chain.
struct OnChainFacts: Hashable, Sendable {
    let snapshot: ChannelSnapshot
    let policy: OnChainPolicy
    /// The snapshot's HTLCs by their names.
    private(set) var open: [HTLCName: OpenHTLC]
    /// The HTLCs of the peer that this node takes.
    var fulfillments: [UInt64: Fulfillment] = [:]
    /// The HTLCs of a revoked commitment that were removed since.
    var former: FormerHTLCs?
    /// The point of a commitment that may be this side's own and is not remembered.
    var localPoint: LocalPoint?

    /// The per-commitment point of this side's commitment with that number.
    struct LocalPoint: Hashable, Sendable {
        let number: UInt64
        let point: PublicKey
    }

    /// The preimage of an HTLC of the peer, and the tip when the node decided to use it.
    struct Fulfillment: Hashable, Sendable {
        let preimage: PaymentPreimage
        var height: BlockHeight
    }

    init(_ snapshot: ChannelSnapshot, _ policy: OnChainPolicy) {
        self.snapshot = snapshot
        self.policy = policy
        open = Dictionary(snapshot.htlcs.map { ($0.name, $0) }) { first, _ in first }
        for htlc in snapshot.htlcs where htlc.direction == .received {
            fulfillments[htlc.id] = htlc.preimage.map {
                Fulfillment(preimage: $0, height: BlockHeight(0))
            }
        }
    }

    /// When what this node's HTLCs forward expires, by the numbers of this node's.
    var upstreamExpiries: [UInt64: BlockHeight] {
        get {
            var expiries: [UInt64: BlockHeight] = [:]
            for (name, htlc) in open where name.direction == .offered {
                expiries[name.id] = htlc.upstreamExpiry
            }
            return expiries
        }
        set {
            for name in open.keys where name.direction == .offered {
                open[name]?.upstreamExpiry = newValue[name.id]
            }
        }
    }

    /// The preimage with which this node takes the HTLC `name`; nil for its own, and where it has not decided to.
    func preimage(_ name: HTLCName) -> PaymentPreimage? {
        name.direction == .received ? fulfillments[name.id]?.preimage : nil
    }

    /// The tip when it was known how to take the HTLC `name`, which is an old one where it was removed from the channel.
    func claimedFrom(_ name: HTLCName) -> BlockHeight {
        guard open[name] != nil else { return former?.completion ?? BlockHeight(0) }
        return name.direction == .received
            ? fulfillments[name.id]?.height ?? BlockHeight(0) : BlockHeight(0)
    }

    /// When the HTLC expires that waits for this node's HTLC `name`; nil where none does, or it is settled already.
    func upstreamExpiry(_ name: HTLCName) -> BlockHeight? {
        guard let htlc = open[name], htlc.preimage == nil else { return nil }
        return htlc.upstreamExpiry
    }

    /// The commitment of the peer that `closing` is, as far as its outputs can be known; nil for this side's own and for
    /// what is no commitment.
    func commitment(of closing: ConfirmedTransaction, _ spend: FundingSpend) -> FoundCommitment? {
        func found(
            _ keys: CommitmentKeys, _ htlcs: [CommitmentHTLC], secret: PerCommitmentSecret? = nil
        ) -> FoundCommitment {
            FoundCommitment(
                closing.transaction, id: closing.id, keys: keys, secret: secret,
                parameters: snapshot.remote.parameters, htlcs: htlcs)
        }
        switch spend {
        case .mutual, .local: return nil
        case .remote: return FoundCommitment(snapshot.remote)
        case .remoteNext: return snapshot.remoteNext.map { FoundCommitment($0) }
        case .revoked(let number):
            guard let keys = snapshot.revokedKeys(number) else { return nil }
            return found(
                keys, pending + former(of: number).map(\.inCommitmentOfPeer),
                secret: snapshot.revealedSecrets.secret(commitment: number))
        case .unknown(.localRevoked), .unknown(.localForgotten): return nil
        case .unknown(.remoteDiffers(let number)):
            let known = snapshot.validCommitments.dropFirst().first { $0.number == number }
            return found((known ?? snapshot.remote).keys, pending)
        case .unknown(.remoteAhead), .unknown(.foreign):
            // Where the peer's point is not known, `to_remote` is still found by this side's own key.
            let keys = snapshot.pointOfReestablish.flatMap(snapshot.remoteKeys)
            return found(keys ?? snapshot.remote.keys, pending)
        }
    }

    /// Whether all is known about the HTLCs that the revoked commitment `number` had.
    func isComplete(_ number: UInt64) -> Bool {
        former?.number == number && former?.completion != nil
    }

    private func former(of number: UInt64) -> [FormerHTLC] {
        guard let former, former.number == number else { return [] }
        return former.htlcs
    }

    /// The HTLCs that are not settled, seen from the peer.
    private var pending: [CommitmentHTLC] {
        snapshot.htlcs.map {
            CommitmentHTLC(
                direction: $0.direction.reversed, id: $0.id, amount: $0.amount,
                paymentHash: $0.paymentHash, cltvExpiry: $0.cltvExpiry)
        }
    }
}

/// The HTLCs of a revoked commitment that have been removed since, as they are loaded.
struct FormerHTLCs: Hashable, Sendable {
    /// The number of the commitment.
    let number: UInt64
    var htlcs: [FormerHTLC] = []
    /// The tip when all were there; nil while some may be missing.
    var completion: BlockHeight?
}

extension FormerHTLC {
    /// The HTLC seen from the peer, whose amount no record remembers.
    fileprivate var inCommitmentOfPeer: CommitmentHTLC {
        CommitmentHTLC(
            direction: name.direction.reversed, id: name.id, amount: .zero,
            paymentHash: paymentHash, cltvExpiry: cltvExpiry)
    }
}
