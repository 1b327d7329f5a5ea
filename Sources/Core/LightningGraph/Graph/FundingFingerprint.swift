import Bitcoin
import LightningWire

/// Names a funding output in eight bytes, so that the inputs of every block can be looked up without keeping 36 bytes for
/// each channel: a keyed hash, which nobody without the key can make collide.
public struct FundingFingerprint: Hashable, Sendable, BitwiseCopyable {
    /// Never 0.
    public let value: UInt64

    /// Takes a stored fingerprint; nil for 0, which is none.
    public init?(_ value: UInt64) {
        guard value != 0 else { return nil }
        self.value = value
    }

    /// The fingerprint of `outPoint` under the node's own key for it.
    public init(_ outPoint: OutPoint, key: FundingFingerprintKey) {
        let hash = SipHash(key: key.first, key.second).hash(outPoint.encoded)
        value = hash == 0 ? 1 : hash
    }
}

/// The key of the fingerprints of one graph: 16 bytes that other nodes cannot guess, stored with it.
public struct FundingFingerprintKey: Hashable, Sendable, BitwiseCopyable {
    let first: UInt64
    let second: UInt64

    /// Takes the first 16 bytes of a hash that only this node can compute, or of entropy.
    public init(_ entropy: Hash256) {
        (first, second) = entropy.withUnsafeBytes {
            (
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    init(first: UInt64, second: UInt64) {
        self.first = first
        self.second = second
    }
}

extension ChannelGraph {
    /// The channel whose funding output has that fingerprint.
    public func channel(funding: FundingFingerprint) -> ChannelIndex? {
        channels.find(funding: funding.value).map(ChannelIndex.init)
    }
}
