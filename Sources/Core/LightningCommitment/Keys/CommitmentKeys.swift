import Bitcoin

/// The keys of one commitment transaction. Its *owner* is who can publish it: what BOLT 3 calls the local node.
public struct CommitmentKeys: Hashable, Sendable {
    public let perCommitmentPoint: PublicKey
    /// With which the counterparty takes everything once the commitment is revoked.
    public let revocation: PublicKey
    /// With which the owner takes what is its own after the delay.
    public let ownerDelayedPayment: PublicKey
    public let ownerHTLC: PublicKey
    public let counterpartyHTLC: PublicKey
    /// Where the counterparty is paid at once.
    public let counterpartyPayment: PublicKey

    /// Derives the keys of the owner's commitment with `perCommitmentPoint`.
    ///
    /// Throws ``KeyError/degenerateResult`` where a point was made so that a key would be infinity.
    public init(
        perCommitmentPoint: PublicKey, owner: ChannelBasepoints, counterparty: ChannelBasepoints
    ) throws(KeyError) {
        self.perCommitmentPoint = perCommitmentPoint
        revocation = try counterparty.revocation.revocationKey(for: perCommitmentPoint)
        ownerDelayedPayment = try owner.delayedPayment.derived(for: perCommitmentPoint)
        ownerHTLC = try owner.htlc.derived(for: perCommitmentPoint)
        counterpartyHTLC = try counterparty.htlc.derived(for: perCommitmentPoint)
        counterpartyPayment = counterparty.payment
    }
}
