import Bitcoin
import LightningWire

/// How an HTLC is given back.
public enum PaymentRefusal: Hashable, Sendable {
    /// With `update_fail_malformed_htlc`: the code, and the hash of the onion that came in.
    case malformed(FailureCode, onionHash: Hash256)
    /// With `update_fail_htlc`: a failure to encrypt for the origin with the secret.
    case failed(Failure, OnionSharedSecret)
}

/// How a node tells that it could not forward or take an HTLC, which depends on where in a blinded path it is (BOLT 4).
public struct FailureReporter: Hashable, Sendable {
    /// Where a node stands.
    public enum Place: Hashable, Sendable {
        /// On no blinded path, or the receiver at the beginning of one: the origin may know all.
        case outside
        /// The first node of a blinded path, which tells nothing of the rest.
        case introduction
        /// Behind the first node, which makes a failure for the origin.
        case inside
    }

    /// What the node shares with the origin.
    public let sharedSecret: OnionSharedSecret
    /// The hash of the packet that came in.
    public let onionHash: Hash256
    public let place: Place

    /// What to answer for a failure, be it this node's or one from further on.
    ///
    /// Inside a blinded path, and at its beginning, every failure becomes the same one. The introduction node should
    /// wait for a random time before it answers (BOLT 2).
    public func refusal(_ failure: Failure) -> PaymentRefusal {
        switch place {
        case .outside: .failed(failure, sharedSecret)
        case .introduction: .failed(.invalidOnionBlinding(onionHash: onionHash), sharedSecret)
        case .inside: .malformed(.invalidOnionBlinding, onionHash: onionHash)
        }
    }
}
