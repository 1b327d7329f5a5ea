import Bitcoin
import LightningCommitment
import LightningWire

/// What the resolution of a channel is made from, besides the transactions of the chain.
struct OnChainFacts: Hashable, Sendable {
    let snapshot: ChannelSnapshot
    let policy: OnChainPolicy
    /// The snapshot's HTLCs by their names.
    let open: [HTLCName: OpenHTLC]
    /// The preimages with which this node takes HTLCs of the peer.
    var fulfillments: [UInt64: PaymentPreimage] = [:]
    /// The HTLCs of a revoked commitment that were removed since.
    var former: FormerHTLCs?

    init(_ snapshot: ChannelSnapshot, _ policy: OnChainPolicy) {
        self.snapshot = snapshot
        self.policy = policy
        open = Dictionary(snapshot.htlcs.map { ($0.name, $0) }) { first, _ in first }
        for htlc in snapshot.htlcs where htlc.direction == .received {
            fulfillments[htlc.id] = htlc.preimage
        }
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
        case .unknown(.localRevoked): return nil
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
        former?.number == number && former?.isComplete == true
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
    var isComplete = false
}

extension FormerHTLC {
    /// The HTLC seen from the peer, whose amount no record remembers.
    fileprivate var inCommitmentOfPeer: CommitmentHTLC {
        CommitmentHTLC(
            direction: name.direction.reversed, id: name.id, amount: .zero,
            paymentHash: paymentHash, cltvExpiry: cltvExpiry)
    }
}
