import Bitcoin
import LightningWire

/// Which of a channel's keys takes an output, and what it derives with (BOLT 3, "Key Derivation").
public enum ClaimKey: Hashable, Sendable {
    /// The payment basepoint's own key.
    case payment
    /// The delayed payment key of this side's commitment with that point.
    case delayedPayment(perCommitmentPoint: PublicKey)
    /// The HTLC key of a commitment with that point.
    case htlc(perCommitmentPoint: PublicKey)
    /// The revocation key of the other side's commitment that this secret revoked.
    case revocation(PerCommitmentSecret)
    /// The funding key of the funding transaction with that number.
    case funding(UInt32)
}
