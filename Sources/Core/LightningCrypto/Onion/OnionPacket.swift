import Bitcoin
import LightningWire

/// A packet of nested, encrypted payloads, one for each hop of a route (BOLT 4).
public struct OnionPacket: Hashable, Sendable {
    /// The bytes of a packet other than payloads: version, key and code.
    public static let overhead = 1 + 33 + 32
    /// The bytes of payloads in a payment's packet, and in a message's as a rule.
    public static let paymentCapacity = 1300
    /// The bytes of payloads in the larger packet of a message.
    public static let largeMessageCapacity = 32768
    /// The bytes of a payment's packet.
    public static let paymentSize = paymentCapacity + overhead

    /// The packet as it stands in messages, not checked beyond its size.
    public let bytes: [UInt8]

    /// Takes a packet of any size that can hold a payload.
    public init(_ bytes: [UInt8]) throws(OnionError) {
        // The least layer holds a length, two bytes of payload and a code.
        let least = Self.overhead + 1 + 2 + 32
        guard bytes.count >= least else {
            throw .wrongSize(expected: least, actual: bytes.count)
        }
        self.bytes = bytes
    }

    init(publicKey: [UInt8], payloads: UnsafeRawBufferPointer, hmac: Hash256) {
        bytes = [UInt8](unsafeUninitializedCapacity: payloads.count + Self.overhead) {
            buffer, count in
            let target = UnsafeMutableRawBufferPointer(buffer)
            target[0] = 0
            target[Self.keyRange].copyBytes(from: publicKey)
            target[34..<34 + payloads.count].copyBytes(from: payloads)
            hmac.withUnsafeBytes { target[(34 + payloads.count)...].copyBytes(from: $0) }
            count = target.count
        }
    }

    static let keyRange = 1..<34

    /// The range of the payloads in the packet.
    var payloadRange: Range<Int> { 34..<bytes.count - 32 }

    /// Which format the packet has; only 0 is defined.
    public var version: UInt8 { bytes[0] }

    /// The authentication code of the first layer.
    public var hmac: Hash256 {
        Hash256(unsafeFilling: { $0.copyBytes(from: bytes[(bytes.count - 32)...]) })
    }

    /// The hash by which a failure names the packet.
    public var onionHash: Hash256 { SHA256.hash(bytes) }
}

/// A node's key, or what can do with it what onions need: a device or another process may hold it.
public protocol OnionNodeKey {
    /// The SHA-256 of the compressed product of `point` and the key.
    func sharedSecret(with point: PublicKey) -> Hash256

    /// The same for the key times `factor`, the key of a hop inside a blinded path.
    ///
    /// Throws ``KeyError/degenerateResult``.
    func sharedSecret(
        with point: PublicKey, multiplyingKeyBy factor: Hash256
    ) throws(KeyError) -> Hash256
}

extension OnionNodeKey {
    /// Multiplies the point, which gives the same and needs nothing of the key.
    public func sharedSecret(
        with point: PublicKey, multiplyingKeyBy factor: Hash256
    ) throws(KeyError) -> Hash256 {
        sharedSecret(with: try point.multiplying(by: factor))
    }
}

extension PrivateKey: OnionNodeKey {
    /// Multiplies the key, which is cheaper than multiplying the point.
    public func sharedSecret(
        with point: PublicKey, multiplyingKeyBy factor: Hash256
    ) throws(KeyError) -> Hash256 {
        try multiplying(by: factor).sharedSecret(with: point)
    }
}
