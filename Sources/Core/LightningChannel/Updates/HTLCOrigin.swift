import LightningCommitment

/// What an HTLC of this side was offered for. Stored with the HTLC, so that after a restart nothing is offered twice.
public enum HTLCOrigin: Hashable, Sendable {
    /// A payment of this node, by the number of the attempt.
    case payment(attempt: UInt64)
    /// HTLC `id` of the peer in another channel, which is forwarded.
    case forward(channel: ChannelKeyNumber, id: UInt64)
}
