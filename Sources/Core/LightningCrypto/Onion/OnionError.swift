import Bitcoin
import LightningWire

/// Why an onion cannot be built.
public enum OnionBuildError: Error, Equatable, Sendable {
    /// An onion has at least one hop.
    case noHops
    /// BOLT 4: "`length` values of 0 and 1 are reserved."
    case payloadTooShort(hop: Int, count: Int)
    /// The payloads with their lengths and codes do not fit.
    case payloadsTooLong(count: Int, limit: Int)
    /// A key times its blinding factor is no key, which has a chance of about 2^-256 by accident.
    case degenerateKey(hop: Int)
}

/// Why an onion that came in cannot be read (BOLT 4, "Onion Decryption").
public enum OnionError: Error, Equatable, Sendable {
    /// The packet is not as long as it must be, or too short to hold anything.
    case wrongSize(expected: Int, actual: Int)
    /// Only version 0 is known.
    case unknownVersion(UInt8)
    /// The packet's key is no point of the curve.
    case invalidKey
    /// The packet was changed on its way, or is not for this node.
    case wrongHMAC
    /// The layer is authentic, but its payload has no valid length.
    case malformedLength(OnionSharedSecret)

    /// The failure that tells the origin, where the packet did not come through a blinded path.
    public func failure(onionHash: Hash256) -> Failure {
        switch self {
        case .wrongSize, .unknownVersion: .invalidOnionVersion(onionHash: onionHash)
        case .invalidKey: .invalidOnionKey(onionHash: onionHash)
        case .wrongHMAC: .invalidOnionHMAC(onionHash: onionHash)
        case .malformedLength: .invalidOnionPayload(type: 0, offset: 0)
        }
    }
}
