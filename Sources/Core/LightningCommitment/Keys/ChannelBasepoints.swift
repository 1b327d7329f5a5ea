import Bitcoin

/// One side's public keys in a channel, as `open_channel` and `accept_channel` tell them (BOLT 2).
public struct ChannelBasepoints: Hashable, Sendable {
    /// The side's key in the 2-of-2 funding output.
    public var funding: PublicKey
    public var revocation: PublicKey
    /// Where the other side's commitment pays this side; with `option_static_remotekey` the key itself.
    public var payment: PublicKey
    public var delayedPayment: PublicKey
    public var htlc: PublicKey

    /// The keys of one side.
    public init(
        funding: PublicKey, revocation: PublicKey, payment: PublicKey,
        delayedPayment: PublicKey, htlc: PublicKey
    ) {
        self.funding = funding
        self.revocation = revocation
        self.payment = payment
        self.delayedPayment = delayedPayment
        self.htlc = htlc
    }
}
