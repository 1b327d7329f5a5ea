import LightningWire

/// What messages of a peer cost the node's thread, in operations on the curve: a signature checked, or a point multiplied.
///
/// It is what a message costs at most, soon or later: an onion is peeled, and its failure wrapped, rounds after it came, but its
/// cost is the peer's who sent it. All else that a message costs is bounded with its bytes.
enum MessageWork {
    /// The operations for a message of that type with so many bytes.
    static func operations(type: UInt16, size: Int) -> Int {
        switch type {
        // The onion's shared secret and the next point; and the HTLC is signed for in two commitments.
        case UpdateAddHTLC.type: 4
        // 98 bytes, and 64 for each signature of an HTLC.
        case CommitmentSigned.type: 1 + max(0, size - 100) / 64
        // The secret's point, and the keys of the next commitment.
        case RevokeAndAck.type: 6
        case ChannelReestablish.type: 6
        // Keys of the channel and of its first commitments.
        case OpenChannel.type, AcceptChannel.type: 12
        case FundingCreated.type, FundingSigned.type, ClosingSigned.type, ClosingComplete.type,
            ClosingSig.type, AnnouncementSignatures.type:
            4
        default: 0
        }
    }
}
